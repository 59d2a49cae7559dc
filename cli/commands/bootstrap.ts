// cfha bootstrap FILE
import { hostname, userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { ExitCode } from '../../bootstrap/conclusions.ts';
import { bootstrap } from '../../bootstrap/run.ts';
import { printerTo, type Output } from '../../bootstrap/print.ts';
import { fingerprint, readSmallFile } from '../../lib/host/files.ts';
import { ownExecutable } from '../../lib/host/own-executable.ts';

export type Options = {
  readonly file: string;
  readonly plan: boolean;
  readonly check: boolean;
  readonly restart: boolean;
  readonly json: boolean;
  readonly accept: readonly string[];
};

/** What the command needs of its process. */
export type Terminal = Pick<Output, 'out' | 'err'> & {
  readonly arch: string;
  readonly root: boolean;
  readonly pid: number;
  readonly stopping: () => boolean;
};

/** Reads the file and makes the region. */
export async function bootstrapCommand(
  { file, plan, check, restart, json, accept }: Options,
  terminal: Terminal,
): Promise<ExitCode> {
  const printer = printerTo({ ...terminal, json });
  const read = readSmallFile(resolve(file));
  if ('problem' in read) {
    printer.problems(file, [
      { path: 'the file', given: `"${file}", which ${read.problem}`, expected: 'a region file' },
    ]);
    return 2;
  }
  const path = ownExecutable();
  return bootstrap({
    file: { name: file, text: read.text, folder: dirname(resolve(file)) },
    doing: check ? 'check' : plan ? 'plan' : 'apply',
    restart,
    who: `${userInfo().username} on ${hostname()}, process ${terminal.pid}, since ${new Date().toISOString()}`,
    accept,
    executable: path === undefined ? undefined : await fingerprint(path),
    arch: terminal.arch,
    logFile: terminal.root ? '/var/log/cfha/bootstrap.log' : undefined,
    printer,
    stopping: terminal.stopping,
  });
}
