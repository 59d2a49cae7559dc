// Batches of schedules, shared among threads.
import { Worker } from 'node:worker_threads';
import { emptyTally, join, runBatch, type Batch, type Tally } from './tally.ts';

const batchSize = 250;

/** Nearly everything is garbage within a turn: with room for it, a tenth less time. */
const resourceLimits = { maxYoungGenerationSizeMb: 96 };

export type Run = Batch & { readonly jobs: number; readonly progress?: (tally: Tally) => void };

/** All of them, or until a rule was broken often enough to look at it. */
export async function runAll({ jobs, progress, ...all }: Run): Promise<Tally> {
  const sum = emptyTally();
  const batches = cut(all);
  const take = (more: Tally): void => {
    join(sum, more);
    progress?.(sum);
  };
  if (jobs === 1) {
    for (const batch of batches) take(runBatch(batch));
    return sum;
  }
  await Promise.all(Array.from({ length: jobs }, () => work(batches, take)));
  return sum;
}

function* cut({ from, schedules, ...same }: Batch): Generator<Batch> {
  for (let at = from; at < from + schedules; at += batchSize)
    yield { ...same, from: at, schedules: Math.min(batchSize, from + schedules - at) };
}

async function work(batches: Generator<Batch>, take: (tally: Tally) => void): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits });
  try {
    for (let next = batches.next(); next.done !== true; next = batches.next()) take(await answer(worker, next.value));
  } finally {
    await worker.terminate();
  }
}

function answer(worker: Worker, batch: Batch): Promise<Tally> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (tally: Tally) => {
      worker.off('error', reject);
      resolve(tally);
    });
    worker.postMessage(batch);
  });
}
