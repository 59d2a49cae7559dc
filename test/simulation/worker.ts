// One thread: batches come in, their tallies go out.
import { parentPort } from 'node:worker_threads';
import { runBatch, type Batch } from './tally.ts';

parentPort?.on('message', (batch: Batch) => parentPort?.postMessage(runBatch(batch)));
