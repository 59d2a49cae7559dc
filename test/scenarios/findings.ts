// Every finding is provoked once on real servers: it is told with its code, and nothing is changed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './bad-input.ts';
import { provocations, type Provocation } from './provocations.ts';
import type { Scenario } from './scenario.ts';
import { begin, type Stage } from './stage.ts';
import { expect } from './waiting.ts';

type Told = Readonly<{ event: string; code?: string; says?: string }>;

function edited(text: string, all: readonly Provocation[]): string {
  return all
    .flatMap(({ file = [] }) => file)
    .reduce((before, [from, to]) => {
      const after = before.replace(from, to);
      expect(after !== before, `the region file has no ${String(from)}`);
      return after;
    }, text);
}

async function provoked(stage: Stage, all: readonly Provocation[]): Promise<readonly Told[]> {
  await begin(stage, 'bare');
  const [first, second] = stage.nodes;
  for (const { there, here } of all) {
    if (there !== undefined) await stage.must(second, ['sh', '-euc', there]);
    if (here !== undefined) await stage.must(first, ['sh', '-euc', here]);
  }
  const path = join(stage.region.folder, 'provoked.yaml');
  writeFileSync(path, edited(stage.region.text, all));
  const before = await fingerprint(stage);
  const { code, stdout, stderr } = await stage.on('admin', [stage.cfha, 'bootstrap', path, '--json']);
  expect(code === 2, `exit code ${String(code)}, not 2:\n${stdout}${stderr}`);
  expect((await fingerprint(stage)) === before, `something was changed:\n${stdout}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Told);
}

/** Provokes them all, prints the table, and fails with what was not told. */
async function play(stage: Stage): Promise<void> {
  const missing: string[] = [];
  let told = 0;
  for (const all of provocations) {
    const events = await provoked(stage, all);
    for (const { code, by } of all) {
      const event = events.find((one) => one.code === code);
      if (event === undefined) missing.push(`${code} (${by}), but ${events.map((one) => one.code ?? '').join(', ')}`);
      else told += 1;
      stage.say(`| ${code.padEnd(22)} | ${by.padEnd(40)} | ${event?.says ?? 'NOT TOLD'}`);
    }
  }
  stage.say(`${String(told)} findings provoked and told`);
  expect(missing.length === 0, `not told: ${missing.join('\n')}`);
}

export const everyFinding: Scenario = {
  name: 'every finding, provoked, is told with its code, and nothing is changed',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
