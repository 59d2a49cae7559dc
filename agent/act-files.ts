// Carries out the steps that change files.
import { dirname } from 'node:path';
import { exists, makeDirectory, readText, remove, rewrite, writeWhole, type Owner } from '../lib/host/disk.ts';
import type { Argv } from '../lib/host/exec.ts';
import { withIdentity } from '../lib/host/identity.ts';
import type { Outcome, StepOf } from './outcome.ts';
import { withInclude } from './rules/include-line.ts';
import type { Site } from './site.ts';
import { makeStatsDirectory } from './stats-directory.ts';
import { describe, type FileName } from './steps.ts';
import { markTmpdir } from './tmpdir-mark.ts';

/** Owner and mode of what we write. recovery.conf may hold a password; the lock and the notes are root's, as pgsql's are. */
const modes = { 'recovery.conf': 0o600, 'rep_mode.conf': 0o644, 'standby.signal': 0o644 } as const;

function pathOf(file: FileName, site: Site): string {
  const { pgdata, tmpdir } = site.call.parameters;
  return file === 'standby.signal' || file === 'postmaster.pid' ? `${pgdata}/${file}` : `${tmpdir}/${file}`;
}

export type FileStep = StepOf<
  'write file' | 'remove file' | 'include in configuration' | 'take out of configuration' | 'make directories'
>;

export function changeFiles(step: FileStep, site: Site): Outcome {
  try {
    changeFile(step, site);
    return {};
  } catch (error) {
    return failedWith(step, error instanceof Error ? error.message : String(error));
  }
}

function failedWith(step: FileStep, message: string): Outcome {
  return { failed: { code: 'STEP_FAILED', step: describe(step), message } };
}

function changeFile(step: FileStep, site: Site): void {
  switch (step.do) {
    case 'write file': {
      const mode = step.file in modes ? modes[step.file as keyof typeof modes] : undefined;
      return writeWhole(
        pathOf(step.file, site),
        step.content,
        mode === undefined ? { uid: 0, gid: 0, mode: 0o644 } : { ...site.user, mode },
      );
    }
    case 'remove file':
      return remove(pathOf(step.file, site));
    case 'include in configuration':
    case 'take out of configuration':
      return include(step, site);
    case 'make directories':
      return makeDirectories(site);
  }
}

function include(step: StepOf<'include in configuration' | 'take out of configuration'>, site: Site): void {
  const { config, tmpdir } = site.call.parameters;
  const text = readText(config) ?? '';
  const changed = withInclude(text, `${tmpdir}/${step.file}`, step.do === 'include in configuration');
  if (changed !== text) rewrite(config, changed);
}

/** What the server needs is made; what is there already must be open to the server's user, as pgsql asks. */
export async function prepare(step: StepOf<'make directories'>, site: Site): Promise<Outcome> {
  const made = changeFiles(step, site);
  if (made.failed !== undefined) return made;
  const stats = await makeStatsDirectory(site);
  if (stats !== undefined) return failedWith(step, stats);
  const { logfile, socketdir } = site.call.parameters;
  const closed = [
    ...((await refuses(site, ['test', '-w', logfile])) ? [logfile] : []),
    ...(socketdir !== '' && (await refuses(site, ['test', '-w', socketdir, '-a', '-x', socketdir])) ? [socketdir] : []),
  ];
  return closed.length === 0 ? {} : failedWith(step, `${site.user.name} cannot write to ${closed.join(' and ')}`);
}

/** True if test(1), run as the server's user, says no. */
async function refuses({ user, exec }: Site, argv: Argv): Promise<boolean> {
  return (await exec({ argv: withIdentity(user, argv), timeoutMs: 5000 })).code === 1;
}

function makeDirectories(site: Site): void {
  const p = site.call.parameters;
  const own = { ...site.user, mode: 0o700 };
  // pgsql gives it an owner only: the group stays what it is.
  if (p.rep_mode !== 'none') {
    makeDirectory(p.tmpdir, { ...own, gid: -1 });
    markTmpdir(site.call);
  }
  if (p.socketdir !== '' && !exists(p.socketdir)) makeSocketDirectory(p.socketdir, { ...own, mode: 0o2775 });
  if (!exists(p.logfile)) writeWhole(p.logfile, '', { ...own, mode: 0o644 });
}

/** Without its parents: a path that is wrong is found here, not when the server does not answer. */
function makeSocketDirectory(directory: string, as: Owner & { readonly mode: number }): void {
  if (!exists(dirname(directory))) throw new Error(`${dirname(directory)} does not exist`);
  makeDirectory(directory, as);
}
