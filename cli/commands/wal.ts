// cfha wal archive, restore, prune, status, init. The first two are loaded by cli/entry.ts itself when PostgreSQL calls them.
import { statfsSync } from 'node:fs';
import { timeOfDayMs } from '../../lib/host/clock.ts';
import { becomeUser, findUser } from '../../lib/host/identity.ts';
import { readText } from '../../lib/host/disk.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import { readWalHeader, walHeaderBytes } from '../../lib/postgres/wal-header.ts';
import { askServer } from '../../wal/ask.ts';
import type { FileCall } from '../../wal/call.ts';
import { head, realDisk } from '../../wal/disk.ts';
import { isSegment, list, type Listing } from '../../wal/listing.ts';
import { oneFile } from '../../wal/main.ts';
import { readMark } from '../../wal/mark.ts';
import type { Server } from '../../wal/needs.ts';
import { Refusal, sentence } from '../../wal/outcome.ts';
import { stretch, type Pruning } from '../../wal/prune.ts';
import { readSettings, settingsFile, type Settings } from '../../wal/settings.ts';
import { size, walStatus, walStatusText } from '../../wal/status.ts';
import { initArchive, noteNeed, planPruning, removeFiles } from '../../wal/task.ts';
import type { Terminal } from './region.ts';

type Told = Pick<Terminal, 'out' | 'err'>;
type Given = { readonly directory: string | undefined; readonly data: string | undefined };
type Shown = Given & { readonly json: boolean };

export function walFileCommand(call: FileCall): number {
  return oneFile(call);
}

/** Exit code 0: done, or not for this node to do; 1: nothing was removed, or not all. */
export function walPruneCommand(
  options: Shown & { keepDays: number | undefined; dryRun: boolean },
  told: Told,
): Promise<number> {
  return performed('prune', told, async () => {
    const settings = await enter(options);
    const asked = await askServer(settings);
    if ('silent' in asked) throw new Refusal(`the server here does not answer (${asked.silent}): nothing was removed`);
    if ('absent' in asked) return notHere(options, told, `${asked.absent}: nothing to do`);
    if (!asked.server.inRecovery)
      return pruned({ ...settings, keepDays: options.keepDays ?? settings.keepDays }, asked.server, { options, told });
    if (!options.dryRun) noteNeed(settings.directory, asked.server);
    return notHere(options, told, 'the server here is a standby: the primary prunes');
  });
}

type Entered = Settings & { readonly directory: string };
type How = { readonly options: { readonly dryRun: boolean; readonly json: boolean }; readonly told: Told };

function pruned(settings: Entered, server: Server, { options, told }: How): number {
  const { directory } = settings;
  const pruning = planPruning(directory, server, settings);
  if ('refused' in pruning) throw new Refusal(`${pruning.refused}; nothing was removed`);
  if (!options.dryRun) removeFiles(directory, pruning.remove, pruning.parts);
  told.out(options.json ? json(directory, pruning, options) : text(directory, pruning, options));
  return 0;
}

function notHere({ json }: { json: boolean }, { out }: Told, says: string): number {
  out(json ? `${JSON.stringify({ removed: 0, says })}\n` : `${says}\n`);
  return 0;
}

type Done = Exclude<Pruning, { refused: string }>;

const bytesOf = (files: Done['kept']): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

function json(
  directory: string,
  { remove, kept, holds, warnings, parts }: Done,
  { dryRun }: { dryRun: boolean },
): string {
  const of = (files: Done['kept']) => ({ files: files.length, bytes: bytesOf(files), segments: stretch(files) });
  const names = remove.map(({ name }) => name);
  return `${JSON.stringify({ directory, dryRun, removed: { ...of(remove), names }, unfinished: parts, kept: of(kept), holds, warnings })}\n`;
}

function text(
  directory: string,
  { remove, kept, holds, warnings, parts }: Done,
  { dryRun }: { dryRun: boolean },
): string {
  const verb = dryRun ? 'would remove' : 'removed';
  const lines = [
    `${directory}: ${verb} ${remove.length} files, ${size(bytesOf(remove))} (${stretch(remove)})`,
    ...(parts.length > 0 ? [`${verb} ${parts.length} unfinished files`] : []),
    `kept ${kept.length} files, ${size(bytesOf(kept))} (${stretch(kept)}), because of:`,
    ...holds.map(({ place, why }) => `  from ${place} on: ${why}`),
    ...warnings,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Exit code 0: all is well; 1: it cannot be told; 3: something is to be done. */
export function walStatusCommand(options: Shown, told: Told): Promise<number> {
  return performed('status', told, async () => {
    const settings = await enter(options);
    const { directory } = settings;
    readMark(realDisk, directory);
    const asked = await askServer(settings);
    const listing = list(directory);
    const { bavail, bsize } = statfsSync(directory);
    const status = walStatus({
      ...{ directory, listing, segmentBytes: segmentBytes(directory, listing), freeBytes: bavail * bsize },
      nowMs: timeOfDayMs(),
      server: 'server' in asked ? asked.server : { silent: 'silent' in asked ? asked.silent : asked.absent },
    });
    told.out(options.json ? `${JSON.stringify(status)}\n` : walStatusText(status));
    return status.code;
  });
}

function segmentBytes(directory: string, { files }: Listing): number {
  const first = files.find(isSegment);
  const header = first && readWalHeader(head(realDisk, `${directory}/${first.name}`, walHeaderBytes));
  return header?.segmentBytes ?? 16 * 1024 * 1024;
}

/** Exit code 0: the directory is the archive of that data directory's system; 1: it is not. */
export function walInitCommand(options: Given, told: Told): Promise<number> {
  return performed('init', told, async () => {
    const { directory, data } = await enter(options);
    if (data === undefined) throw new Refusal(`name the data directory: data = … in ${settingsFile}, or --data`);
    const { mark, made } = initArchive(directory, data);
    told.out(`${directory} is ${made ? 'now ' : ''}the archive of system ${mark.systemId} (${mark.id})\n`);
    return 0;
  });
}

/** What the file says, and the command line instead of it; as the server's user from here on. */
async function enter({ directory, data }: Given): Promise<Entered> {
  const file = readSettings(readText(settingsFile) ?? '');
  const settings = { ...file, ...(data === undefined ? {} : { data }), directory: directory ?? file.directory };
  if (settings.directory === undefined)
    throw new Refusal(`no archive is named: directory = … in ${settingsFile}, or --directory`);
  const user = await findUser(settings.user, spawnExec());
  if (user === undefined) throw new Refusal(`there is no user ${settings.user} on this machine`);
  if (!becomeUser(user)) throw new Refusal(`run it as root or as ${settings.user}`);
  return { ...settings, directory: settings.directory };
}

async function performed(name: string, { err }: Told, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    err(`cfha wal ${name}: ${sentence(error)}\n`);
    return 1;
  }
}
