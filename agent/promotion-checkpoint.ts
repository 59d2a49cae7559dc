// A rewind waits for the primary's first checkpoint after its promotion.
import { UnreadableAnswer } from '../lib/host/exec.ts';
import type { Asking } from '../lib/postgres/asking.ts';
import { checkpointArgv, readRecorded, recordedArgv } from '../lib/postgres/promotion-checkpoint.ts';

type Given = {
  readonly psql: string;
  /** Milliseconds that are left. */
  readonly left: () => number;
  readonly pause: (ms: number) => Promise<void>;
};

/** Throws UnreadableAnswer if the time is over: another try may find it made. */
export async function untilCheckpoint(primary: Pick<Asking, 'run'>, { psql, left, pause }: Given): Promise<void> {
  const isRecorded = async () =>
    readRecorded(await primary.run(recordedArgv(psql, 'database'), { timeoutMs: Math.min(10_000, left()) }));
  if (await isRecorded()) return;
  await primary.run(checkpointArgv(psql, 'database'), { timeoutMs: left() }); // if it may not, it comes by itself
  while (!(await isRecorded())) {
    if (left() < 2000) throw new UnreadableAnswer('the primary has made no checkpoint since its promotion');
    await pause(1000);
  }
}
