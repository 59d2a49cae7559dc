// What a server would use that is started now: from its files, as it would read them, and from the command line it would get.
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readBounded } from '../lib/host/bounded.ts';
import { isDirectory, namesIn } from '../lib/host/disk.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { argumentsOf } from '../lib/host/processes.ts';
import { readConfigFiles, readServerOptions, UnreadableSettings, type Disk, type Settings } from '../lib/postgres/config-files.ts'; // prettier-ignore
import { controlDataArgv } from '../lib/postgres/controldata.ts';
import { recordedLimits, type Limits } from '../lib/postgres/limits.ts';
import { quoted } from '../lib/host/shell.ts';
import { replicates } from './call.ts';
import { withInclude } from './rules/include-line.ts';
import { recoveryConf } from './rules/recovery-conf.ts';
import { wantsSettings } from './rules/settings-look.ts';
import { settingsLookedAt } from './rules/settings.ts';
import { repModeConf } from './rules/sync.ts';
import type { Site } from './site.ts';
import type { Configured, Snapshot } from './snapshot.ts';

const maxBytes = 1024 * 1024;

export async function withSettings(site: Site, snapshot: Snapshot): Promise<Snapshot> {
  if (!wantsSettings(site.action, snapshot, site.call)) return snapshot;
  return { ...snapshot, configured: await configuredAt(site, snapshot.postmaster?.pid) };
}

/** `pid`: of the server that runs. */
export async function configuredAt(site: Site, pid: number | undefined): Promise<Configured> {
  try {
    return {
      settings: settingsAt(site, pid === undefined),
      limits: await limitsAt(site),
      ...(pid === undefined ? {} : { given: Object.keys(givenTo(pid)) }),
    };
  } catch (error) {
    if (error instanceof UnreadableSettings) return { unreadable: error.message };
    throw error;
  }
}

async function limitsAt({ call: { parameters: p }, exec }: Site): Promise<Limits | undefined> {
  try {
    return recordedLimits(await exec({ argv: controlDataArgv(p.pgctl, p.pgdata), timeoutMs: 5000 }));
  } catch (error) {
    if (error instanceof UnreadableAnswer) return undefined; // the server finds out by itself
    throw error;
  }
}

/** `beforeStart`: as the files will be when a start has written its own. */
function settingsAt({ call }: Site, beforeStart: boolean): Settings {
  const { config, pgdata, start_opt: startOptions, ctl_opt: ctlOptions } = call.parameters;
  const read = beforeStart ? readPrepared(call) : readFile;
  const all = {
    ...readConfigFiles(config, pgdata, { read, list: filesIn }),
    ...readServerOptions(optionsIn(ctlOptions), 'ctl_opt'),
    ...readServerOptions(startOptions, 'start_opt'),
  };
  const asked = Object.entries(all).filter(([name, { value }]) => settingsLookedAt.includes(name) && !isHere(name, value, pgdata)); // prettier-ignore
  return Object.fromEntries(asked);
}

/** pg_ctl takes several, and passes on all. */
function optionsIn(ctlOptions: string): string {
  return [...` ${ctlOptions}`.matchAll(/\s-o\s*(\S+)/g)].map(([, option = '']) => option).join(' ');
}

const readFile: Disk['read'] = (file) => readBounded(file, maxBytes);

/** As the server does, which passes over directories. */
function filesIn(directory: string): readonly string[] {
  return namesIn(directory).filter((name) => !isDirectory(join(directory, name)));
}

function readPrepared(call: Site['call']): Disk['read'] {
  const { config, tmpdir, rep_mode: mode } = call.parameters;
  const [recovery, names] = [`${tmpdir}/recovery.conf`, `${tmpdir}/rep_mode.conf`];
  return (file) => {
    if (file === recovery) return { text: recoveryConf(call) };
    if (file === names && mode === 'sync') return { text: repModeConf([]) };
    const found = readFile(file);
    if (file !== config || !('text' in found)) return found;
    const included = withInclude(found.text, recovery, true);
    return { text: replicates(call) ? withInclude(included, names, mode === 'sync') : included };
  };
}

/** A data_directory that is pgdata under another name decides nothing. */
function isHere(name: string, value: string, pgdata: string): boolean {
  if (name !== 'data_directory') return false;
  try {
    return realpathSync(value) === realpathSync(pgdata);
  } catch {
    return false;
  }
}

function givenTo(pid: number): Settings {
  return readServerOptions(argumentsOf(pid).map(quoted).join(' '), 'the command line');
}
