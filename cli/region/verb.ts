// What every verb is: a plan that is stated before anything is done, and moves until the result is there. Pure.
import type { Argv } from '../../lib/host/exec.ts';
import type { View } from './view.ts';

export type Plan =
  /** `wait`: what clients notice. */
  | { readonly plan: readonly string[]; readonly wait: string }
  | { readonly nothing: string }
  | { readonly refused: string; readonly todo: string };

export type Move =
  | { readonly move: 'run'; readonly says: string; readonly argv: Argv; readonly mark: string }
  | { readonly move: 'wait'; readonly for: string; readonly seconds: number }
  | {
      readonly move: 'end';
      readonly code: 0 | 1;
      readonly says: readonly string[];
      readonly record?: Readonly<Record<string, unknown>>;
    };

export type Progress = {
  /** The region before anything was done. */
  readonly before: View;
  /** Marks of the commands that were run. */
  readonly done: readonly string[];
  /** Milliseconds since the last command. */
  readonly sinceMs: number;
  /** Milliseconds since there was anything new in what is waited for. */
  readonly quietMs: number;
  /** Since the epoch. */
  readonly nowMs: number;
  /** Somebody wants it to end: what is temporary is removed, nothing new is begun. */
  readonly stopping: boolean;
};

export type Verb = {
  readonly plan: (view: View) => Plan;
  readonly next: (view: View, progress: Progress) => Move;
};

export function refuse(refused: string, todo: string): Plan {
  return { refused, todo };
}

export function end(code: 0 | 1, ...says: readonly string[]): Move {
  return { move: 'end', code, says };
}

/** The first of these that is not undefined. */
export function first<T>(...candidates: readonly (T | undefined)[]): T | undefined {
  return candidates.find((one) => one !== undefined);
}
