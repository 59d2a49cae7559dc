// One change at a time, over all processes: flock(1) holds the lock for us and lets go when we end, however we end.
import { once } from 'node:events';
import { spawn } from 'node:child_process';

/** Does the work while holding the lock on the file. */
export async function whileLocked<T>(file: string, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'close');
  const [first] = (await Promise.race([once(holder.stdout, 'data'), ended])) as unknown[];
  if (!Buffer.isBuffer(first)) throw new Error(`cannot lock ${file}`);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
