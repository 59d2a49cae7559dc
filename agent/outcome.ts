// How one step ended.
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
import { lastWords } from '../lib/postgres/client-words.ts';
import type { Reason } from './reasons.ts';
import { describe, type Step } from './steps.ts';

/** Done, done with a remark, or failed. */
export type Outcome = { readonly failed?: Reason; readonly remark?: Reason };

export type StepOf<D extends Step['do']> = Extract<Step, { do: D }>;

/** What a program said last, or how it ended. */
export function lastLine(result: Result): string {
  const line = result.stderr.trim().split('\n').pop() ?? '';
  return result.failure ?? (line === '' ? `exit code ${String(result.code)}` : line);
}

/** The outcome of a step that is one program. */
export function ran(step: Step, result: Result): Outcome {
  return result.code === 0 ? {} : { failed: { code: 'STEP_FAILED', step: describe(step), message: lastLine(result) } };
}

/** Throws what a program said that did not end well. */
export function expectDone(program: string, result: Result): void {
  if (result.code !== 0) throw new UnreadableAnswer(`${program}: ${result.failure ?? lastWords(result.stderr)}`);
}
