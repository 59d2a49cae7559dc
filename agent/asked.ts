// The answer of a `cibadmin` that runs already: the launcher has begun it while the executable started (meta/launcher.ts).
import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Result } from '../lib/host/exec.ts';
import { killChild } from '../lib/host/processes.ts';
import { askedVariable } from '../meta/launcher.ts';
import type { Environment } from './call.ts';

export type Asked = {
  /** The answer; undefined if it is not whole, or not there within so many ms: then the question is to be put again. */
  readonly answer: (timeoutMs: number) => Promise<Result | undefined>;
  /** Ends it: nobody wants to know. */
  readonly drop: () => void;
};

/** What the launcher has begun; undefined if nothing. */
export function askedBefore(environment: Environment): Asked | undefined {
  const [, fd, pid] = /^(\d{1,9}) (\d{1,9})$/.exec(environment[askedVariable] ?? '') ?? [];
  if (fd === undefined || pid === undefined || !isPipe(Number(fd))) return undefined;
  const drop = () => killChild(Number(pid));
  return { drop, answer: (timeoutMs) => answerOf(Number(fd), { timeoutMs, drop }) };
}

function isPipe(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFIFO() || found.isSocket();
  } catch {
    return false;
  }
}

type Until = { readonly timeoutMs: number; readonly drop: () => void };

function answerOf(fd: number, { timeoutMs, drop }: Until): Promise<Result | undefined> {
  return new Promise((resolve) => {
    let stdout = '';
    const pipe = new Socket({ fd, readable: true, writable: false });
    const timer = setTimeout(() => {
      drop();
      pipe.destroy();
    }, timeoutMs);
    pipe.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    pipe.on('error', () => undefined); // and then 'close'
    pipe.on('close', () => {
      clearTimeout(timer);
      // How it has ended nobody knows; that the document is whole can be seen.
      resolve(stdout.trimEnd().endsWith('</cib>') ? { code: 0, stdout, stderr: '' } : undefined);
    });
  });
}
