// What came of the cases, as a table.
import { sum, type Counts } from '../run/counts.ts';
import type { Setup } from './case.ts';

export type Result = Readonly<{
  number: number;
  kind: number;
  setup: Setup;
  title: string;
  before: string;
  good: boolean;
  /** What happens now; where it failed, the reason. */
  now: string;
  seconds: number;
}>;

/** Of a report that has no case: it has failed. */
export function missingResult(number: number): Result {
  const now = 'there is no case of this report';
  return { number, kind: 0, setup: 'function', title: '', before: '', good: false, now, seconds: 0 };
}

const heads = ['report', 'kind', 'setup', 'what happened before', 'what happens now', 'result'] as const;

/** The table, one line for each case, in the order of the reports. */
export function tableText(results: readonly Result[]): string {
  const ordered = [...results].sort((a, b) => a.number - b.number);
  return [heads, heads.map(() => '---'), ...ordered.map(cells)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cells({ number, kind, setup, before, good, now }: Result): readonly string[] {
  const shown = [String(number).padStart(2, '0'), kind === 0 ? '' : String(kind), setup, before, firstLine(now)];
  return [...shown, good ? 'ok' : 'FAILED'].map((cell) => cell.replaceAll('|', '\\|'));
}

const longest = 300;

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

export function countsOf(results: readonly Result[]): Counts {
  return sum(results.map(({ good }) => (good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })));
}
