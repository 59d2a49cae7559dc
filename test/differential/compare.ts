// Two observations side by side, and which differences are meant.
import { newNames, type Observation } from './observe.ts';

export type Difference = {
  readonly step: number;
  readonly says: string;
  /** What differs: `exit`, `writes`, or the name of a fact. */
  readonly what: string;
  readonly upstream: string;
  readonly ours: string;
};

/** A difference that is meant: its id in docs/deviations.md, and which differences it explains. */
export type Deviation = {
  readonly id: string;
  /** Matched with `step says · what`. */
  readonly where: RegExp;
  /** Of `writes`: the lines in which the two sides may differ. */
  readonly lines?: RegExp;
  /** After it the two sides have gone different ways: nothing later is compared. */
  readonly parts?: boolean;
};

type Pair = { readonly says: string; readonly upstream: Observation; readonly ours: Observation };

/** All differences of one step. */
export function differences(step: number, { says, upstream, ours }: Pair): Difference[] {
  const found: Difference[] = [];
  const compare = (what: string, left: string, right: string) => {
    if (left !== right) found.push({ step, says, what, upstream: left, ours: right });
  };
  compare('exit', String(upstream.exit), String(ours.exit));
  compare('writes', upstream.writes.join('\n'), ours.writes.filter((line) => !newNames.test(line)).join('\n'));
  const names = new Set([...Object.keys(upstream.facts), ...Object.keys(ours.facts)]);
  for (const name of [...names].filter((known) => !newNames.test(known)).sort())
    compare(name, upstream.facts[name] ?? '(none)', ours.facts[name] ?? '(none)');
  return found;
}

export type Verdict = {
  /** Differences that no deviation explains. */
  readonly unexplained: readonly Difference[];
  /** Deviations that were expected and did not show. */
  readonly unseen: readonly string[];
};

function explains({ where, lines }: Deviation, d: Difference): boolean {
  const others = (writes: string) => writes.split('\n').filter((line) => lines?.test(line) !== true);
  const same = lines === undefined || others(d.upstream).join('\n') === others(d.ours).join('\n');
  return same && where.test(`${d.says} · ${d.what}`);
}

/** Differences of facts that are as they were after the step before are told once. */
function fresh(found: readonly Difference[], known: Set<string>): Difference[] {
  return found.filter((d) => {
    const key = `${d.what}\0${d.upstream}\0${d.ours}`;
    const old = d.what.includes(' ') && known.has(key);
    known.add(key);
    return !old;
  });
}

/** Compares two runs of a scenario, step by step, and holds the differences against those that are meant. */
export function judge(
  pairs: readonly Pair[],
  expected: readonly Deviation[],
  everywhere: readonly Deviation[],
): Verdict {
  const seen = new Set<Deviation>();
  const unexplained: Difference[] = [];
  const known = new Set<string>();
  for (const [step, pair] of pairs.entries()) {
    const found = fresh(differences(step, pair), known);
    const reasons = found.map((d) => [...expected, ...everywhere].find((deviation) => explains(deviation, d)));
    reasons.forEach((reason) => reason !== undefined && seen.add(reason));
    unexplained.push(...found.filter((_, index) => reasons[index] === undefined));
    if (reasons.some((reason) => reason?.parts === true)) break;
  }
  return { unexplained, unseen: expected.filter((d) => !seen.has(d)).map((d) => d.id) };
}

const indent = (text: string) => text.replaceAll('\n', '\n        ');

/** A difference for a person. */
export function show(d: Difference): string {
  return [
    `    step ${d.step}, ${d.says}: ${d.what}`,
    `      upstream: ${indent(d.upstream)}`,
    `      ours:     ${indent(d.ours)}`,
  ].join('\n');
}
