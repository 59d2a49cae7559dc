// docs/deviations.md and the scenarios name the same deviations.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everywhere } from './deviations.ts';
import type { Scenario } from './scenario.ts';

/** What is in one of them only. */
export function disagreements(scenarios: readonly Scenario[]): string[] {
  const page = readFileSync(join(import.meta.dirname, '../../docs/deviations.md'), 'utf8');
  const written = [...page.matchAll(/^\| (D\d\d) \|/gm)].map((row) => row[1] ?? '');
  const shown = new Set([...everywhere, ...scenarios.flatMap((s) => s.deviates ?? [])].map((d) => d.id));
  const named = [...page.matchAll(/`((?:async|sync|single|slave|safety): [^`]*|[^`:]*)`/g)].map(
    (name) => name[1] ?? '',
  );
  const last = (row: string) => row.split('|').at(-2) ?? '';
  const cells = page.split('\n').filter((line) => /^\| D\d\d/.test(line));
  const names = cells.flatMap((row) => named.filter((name) => last(row).includes(`\`${name}\``)));
  const titles = scenarios.map((s) => s.name.replace(/^table, \w+: /, ''));
  return [
    ...written
      .filter((id) => !shown.has(id))
      .map((id) => `    ${id} is in docs/deviations.md and no scenario shows it`),
    ...[...shown].filter((id) => !written.includes(id)).map((id) => `    ${id} is not in docs/deviations.md`),
    ...names
      .filter((name) => !titles.includes(name))
      .map((name) => `    docs/deviations.md names "${name}": no such scenario`),
  ];
}
