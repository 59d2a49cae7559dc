// What every bench reports: figures of ours and upstream's. The JSON is an interface: fields are added, never changed.

export type Figure = Readonly<{
  name: string;
  unit: string;
  ours: number;
  /** Not there where upstream has nothing of the kind. */
  upstream?: number;
  ratio?: number;
  n: number;
  goal?: string;
  met?: boolean;
}>;

/** A figure of both sides. */
export type Compared = Figure & Readonly<{ upstream: number; ratio: number }>;

export type Report = Readonly<{ bench: string; figures: readonly Figure[] }>;

/** What a figure must be: the words, and whether it is so. */
export type Goal = Readonly<{ text: string; met: (figure: Compared) => boolean }>;

/** Both sides' measurements as one figure. */
export function figure(
  what: Readonly<{ name: string; unit: string; goal?: Goal }>,
  ours: readonly number[],
  upstream: readonly number[],
): Compared {
  const [a, b] = [median(ours), median(upstream)];
  const plain = {
    ...{ name: what.name, unit: what.unit, ours: rounded(a), upstream: rounded(b) },
    ...{ ratio: rounded(a / b), n: Math.min(ours.length, upstream.length) },
  };
  return what.goal === undefined ? plain : { ...plain, goal: what.goal.text, met: what.goal.met(plain) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('a median of nothing');
  return (low + high) / 2;
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

export function missed({ figures }: Report): readonly Figure[] {
  return figures.filter((f) => f.met === false);
}

/** The report for people. */
export function reportTable(report: Report): string {
  const head = ['', 'ours', 'upstream', 'ratio', 'n', 'goal'];
  const rows = report.figures.map((f) => [
    f.name,
    `${f.ours} ${f.unit}`,
    f.upstream === undefined ? '' : `${f.upstream} ${f.unit}`,
    f.ratio === undefined ? '' : String(f.ratio),
    String(f.n),
    f.goal === undefined ? '' : `${f.goal}: ${f.met === true ? 'met' : 'MISSED'}`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const lines = [head, ...rows].map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
  return [`bench ${report.bench}`, ...lines.map((line) => line.trimEnd())].join('\n');
}
