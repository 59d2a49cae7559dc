// What came of the static checks, for a terminal. Pure.
import { decides } from './checks.ts';
import type { Judged } from './judgement.ts';

const marks = { held: 'ok  ', broken: 'FAIL', unknown: '?   ', 'without object': '-   ' } as const;

function broken(check: Judged): readonly string[] {
  const { code, severity, says, evidence, remedy, source } = check;
  return [
    `${decides(check) ? 'FAIL' : 'note'} ${code} (${severity}): ${says}`,
    ...evidence.map((line) => `       it is not: ${line}`),
    `       to do: ${remedy}`,
    `       source: ${source}`,
  ];
}

function brief({ verdict, code, says, evidence }: Judged): string {
  const why = verdict === 'unknown' ? `: ${evidence.join('; ')}` : '';
  return `${marks[verdict]} ${code}: ${says}${why}`;
}

/** The broken ones last, where they are seen; `all`: the others before them. */
export function staticText(judged: readonly Judged[], all: boolean): string {
  const bad = judged.filter(({ verdict }) => verdict === 'broken');
  const rest = all ? judged.filter(({ verdict }) => verdict !== 'broken') : [];
  return [...rest.map(brief), ...bad.flatMap(broken), countsText(judged), ''].join('\n');
}

export function countsText(judged: readonly Judged[]): string {
  const count = (verdict: Judged['verdict']) => judged.filter((one) => one.verdict === verdict).length;
  const fails = judged.filter(decides).length;
  const notes = count('broken') - fails;
  return `${String(judged.length)} checks: ${String(count('held'))} held, ${String(fails)} broken, ${String(notes)} advised, ${String(count('without object'))} without object, ${String(count('unknown'))} not asked`;
}
