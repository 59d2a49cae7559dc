// cfha wal archive %p %f, cfha wal restore %f %p: called by PostgreSQL for every file, so it lies in the executable's snapshot
// beside the agent and loads nothing.
import { hostname } from 'node:os';
import { archive } from './archive.ts';
import type { FileCall } from './call.ts';
import { primaryVariable } from '../lib/postgres/fit.ts';
import { realDisk, type Disk } from './disk.ts';
import { errno, Refusal, sentence, type Outcome } from './outcome.ts';
import { readAsker, type Asker } from './histories.ts';
import { restore } from './restore.ts';
import { readSettings, settingsFile } from './settings.ts';

/** Does it; says at most one line, which PostgreSQL's log shows. */
export function oneFile(call: FileCall, disk: Disk = realDisk): number {
  const { code, says } = perform(call, disk);
  if (says !== undefined) process.stderr.write(`cfha wal ${call.action}: ${says}\n`);
  return code;
}

function perform({ action, arguments: [first, second], directory: given }: FileCall, disk: Disk): Outcome {
  const standby = disk.existsSync('standby.signal');
  try {
    if (process.geteuid?.() === 0)
      throw new Refusal('run it as the server’s user: root’s files in the archive are not the server’s to read');
    const directory = given ?? configured(disk);
    const writer = `${hostname()}.${process.pid}`;
    return action === 'archive'
      ? archive({ path: first, name: second, directory, writer }, disk)
      : restore({ name: first, path: second, directory, standby, asker: askerOf(standby, disk) }, disk);
  } catch (error) {
    return { code: action === 'archive' || standby ? 1 : 255, says: sentence(error) };
  }
}

/** A recovery to a point in time gets what it asks for: an administrator has chosen its timeline. */
function askerOf(standby: boolean, disk: Disk): Asker | undefined {
  return standby ? readAsker(disk, process.env[primaryVariable]) : undefined;
}

function configured(disk: Disk): string {
  const { directory } = readSettings(settingsText(disk));
  if (directory === undefined)
    throw new Refusal(`no archive is named: directory = … in ${settingsFile}, or --directory`);
  return directory;
}

function settingsText(disk: Disk): string {
  try {
    return disk.readFileSync(settingsFile, 'utf8');
  } catch (error) {
    if (errno(error) === 'ENOENT') return '';
    throw error;
  }
}
