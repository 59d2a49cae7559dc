// Two observations side by side, and which differences are meant.
import type { Observation } from './observe.ts';

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
  compare('writes', upstream.writes.join('\n'), ours.writes.join('\n'));
  const names = new Set([...Object.keys(upstream.facts), ...Object.keys(ours.facts)]);
  for (const name of [...names].sort()) compare(name, upstream.facts[name] ?? '(none)', ours.facts[name] ?? '(none)');
  return found;
}

export type Verdict = {
  /** Differences that no deviation explains. */
  readonly unexplained: readonly Difference[];
  /** Deviations that were expected and did not show. */
  readonly unseen: readonly string[];
};

const explains = (deviation: Deviation, d: Difference) => deviation.where.test(`${d.says} · ${d.what}`);

/** Compares two runs of a scenario, step by step, and holds the differences against those that are meant. */
export function judge(
  pairs: readonly Pair[],
  expected: readonly Deviation[],
  everywhere: readonly Deviation[],
): Verdict {
  const seen = new Set<string>();
  const unexplained: Difference[] = [];
  const known = new Set<string>();
  for (const [step, pair] of pairs.entries()) {
    let parted = false;
    for (const difference of differences(step, pair)) {
      const key = `${difference.what}\0${difference.upstream}\0${difference.ours}`;
      // What differed in the same way after the step before is told once.
      if (difference.what.includes(' ') && known.has(key)) continue;
      known.add(key);
      const reason = [...expected, ...everywhere].find((deviation) => explains(deviation, difference));
      if (reason === undefined) unexplained.push(difference);
      else seen.add(reason.id);
      parted ||= reason?.parts === true;
    }
    if (parted) break;
  }
  return { unexplained, unseen: expected.map((d) => d.id).filter((id) => !seen.has(id)) };
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
