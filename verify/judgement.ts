// What a check is, and what comes of one. Pure data: the table of docs/verify.md is printed from it.
import type { Facts } from './facts.ts';

/** `advice` never decides the exit code. */
export type Severity = 'critical' | 'warning' | 'advice';

/** What a check must know. `configuration`: any saved CIB will do; `region`: the region file too. */
export type Asks = 'configuration' | 'status' | 'nodes' | 'region';

export type Judgement =
  | { readonly verdict: 'held' | 'broken'; readonly evidence: readonly string[] }
  /** It could not be asked, or does not apply: no verdict. */
  | { readonly verdict: 'unknown' | 'without object'; readonly evidence: readonly string[] };

export type Check = {
  readonly code: string;
  readonly severity: Severity;
  readonly asks: Asks;
  /** What must be so. */
  readonly says: string;
  /** Who says that it must. */
  readonly source: string;
  readonly judge: (facts: Facts) => Judgement;
  readonly remedy: string;
};

export type Judged = Omit<Check, 'judge'> & Judgement;

export function held(...evidence: readonly string[]): Judgement {
  return { verdict: 'held', evidence };
}

/** Broken by each objection; held if there is none. */
export function unless(objections: readonly string[], ...evidence: readonly string[]): Judgement {
  return objections.length > 0 ? { verdict: 'broken', evidence: objections } : held(...evidence);
}

/** One thing that must be so. */
export function must(holds: boolean, evidence: string): Judgement {
  return { verdict: holds ? 'held' : 'broken', evidence: [evidence] };
}

export function unknown(because: string): Judgement {
  return { verdict: 'unknown', evidence: [because] };
}

export function without(because: string): Judgement {
  return { verdict: 'without object', evidence: [because] };
}

/** Whether all of a list have the same value; the evidence names who has which. */
export function alike(what: string, values: readonly (readonly [string, string])[]): Judgement {
  const different = new Set(values.map(([, value]) => value)).size;
  const all = values.map(([node, value]) => `${node}: ${value === '' ? 'none' : value}`);
  return different > 1 ? { verdict: 'broken', evidence: all } : held(`${what} ${values[0]?.[1] ?? 'none'}`);
}
