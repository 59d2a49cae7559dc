// What came of a drill, and whether that is what must hold. Pure.
import type { LogLine, Phase } from '../measure/phases.ts';
import type { Overlap } from '../measure/writable.ts';
import type { Measure } from '../measure/writes.ts';
import type { Drill, Holds, Situation } from './drill.ts';

export type StepTaken = { readonly says: string; readonly atMs: number; readonly failed: string | undefined };

/** What was seen, whatever it means. */
export type Played = {
  readonly beganMs: number;
  readonly steps: readonly StepTaken[];
  /** Undefined: nothing was broken, or it did not come to that. */
  readonly brokenMs: number | undefined;
  readonly healthyMs: number | undefined;
  /** What the region lacked to be healthy when its time was over. */
  readonly lacks: readonly string[];
  readonly primaryAfter: string | undefined;
  readonly rebooted: readonly string[];
  readonly measure: Measure;
  /** Seconds of the run in which nothing, and how many writes, were acknowledged: for the drawing. */
  readonly perSecond: readonly number[];
  readonly overlap: Overlap | undefined;
  readonly spans: readonly { readonly node: string; readonly fromMs: number; readonly toMs: number }[];
  readonly phases: readonly Phase[];
  readonly lines: readonly LogLine[];
  readonly interrupted: boolean;
};

export type Expectations = { readonly maxGapSeconds: number | undefined; readonly noLoss: boolean };

export type DrillResult = {
  readonly name: string;
  readonly says: string;
  readonly verdict: 'held' | 'broken' | 'refused' | 'not played';
  /** Why it is broken, refused or not played; what is to be known although it held. */
  readonly because: readonly string[];
  readonly notes: readonly string[];
  readonly primaryBefore: string;
  readonly played: Played | undefined;
};

/** What a drill is judged by: that of a region, or of a pair of sites. */
type Judged<S> = Pick<Drill, 'name' | 'says'> & { readonly holds: Holds<S> };
type Known = Pick<Situation, 'primary' | 'mode'>;
type Judging<S> = { readonly situation: S; readonly expected: Expectations };

export function resultOf<S extends Known>(
  drill: Judged<S>,
  played: Played,
  { situation, expected }: Judging<S>,
): DrillResult {
  const because = [
    ...played.steps.flatMap(({ says, failed }) => (failed === undefined ? [] : [`${says}: ${failed}`])),
    ...(played.interrupted ? ['it was interrupted'] : []),
    ...dataObjections(drill, played, { situation, expected }),
    ...clusterObjections(drill, played, situation),
  ];
  return {
    ...{ name: drill.name, says: drill.says, because, played, primaryBefore: situation.primary },
    verdict: because.length === 0 ? 'held' : 'broken',
    notes: notesOf(played),
  };
}

function mayLose<S extends Known>({ holds }: Judged<S>, { situation, expected }: Judging<S>): boolean {
  return holds.loss === 'async' && situation.mode === 'async' && !expected.noLoss;
}

function dataObjections<S extends Known>(
  drill: Judged<S>,
  { measure, overlap }: Played,
  judging: Judging<S>,
): readonly string[] {
  const limit = judging.expected.maxGapSeconds ?? drill.holds.gapSeconds;
  const when = (holds: boolean, says: string) => (holds ? [says] : []);
  return [
    ...(overlap === undefined ? [] : [`two nodes took writes at the same time: ${overlap.nodes.join(' and ')}`]),
    ...when(measure.lost === undefined, 'what was written could not be read back'),
    ...when((measure.lost ?? 0) > 0 && !mayLose(drill, judging), `${String(measure.lost)} acknowledged writes are lost (numbers ${measure.lostNumbers.join(', ')})`), // prettier-ignore
    ...when(measure.duplicated > 0, `${String(measure.duplicated)} writes are there twice`),
    ...when(measure.longestGap > limit, `clients could not write for ${measure.longestGap.toFixed(1)} s, and ${String(limit)} s is the limit`), // prettier-ignore
  ];
}

function clusterObjections<S extends Known>({ holds }: Judged<S>, played: Played, situation: S): readonly string[] {
  const { primaryAfter, rebooted, lacks } = played;
  const wanted = holds.rebooted(situation);
  const moved = primaryAfter !== situation.primary;
  const when = (is: boolean, says: string) => (is ? [says] : []);
  return [
    ...when(holds.primary === 'stays' && moved, `the primary is ${primaryAfter ?? 'nowhere'}, and had to stay on ${situation.primary}`), // prettier-ignore
    ...when(holds.primary === 'moves' && !moved, `the primary is still on ${situation.primary}`),
    ...(wanted === 'any' ? [] : rebooted.filter((node) => !wanted.includes(node)).map((node) => `${node} was started anew, and must not be`)), // prettier-ignore
    ...(wanted === 'any' ? [] : wanted.filter((node) => !rebooted.includes(node)).map((node) => `${node} was not started anew`)), // prettier-ignore
    ...lacks.map((lack) => `the region did not become healthy by itself, a person is needed: ${lack}`),
  ];
}

function notesOf({ measure }: Played): readonly string[] {
  return [
    ...((measure.lost ?? 0) > 0 ? [`${String(measure.lost)} acknowledged writes are lost: asynchronous replication`] : []),
    ...(measure.uncertain > 0 ? [`of ${String(measure.uncertain)} writes without an answer ${String(measure.uncertainKept)} are there`] : []),
  ];
} // prettier-ignore

export function notPlayed(drill: Pick<Drill, 'name' | 'says'>, verdict: 'refused' | 'not played', { because, primary }: { because: string; primary: string }): DrillResult {
  return { name: drill.name, says: drill.says, verdict, because: [because], notes: [], primaryBefore: primary, played: undefined };
} // prettier-ignore
