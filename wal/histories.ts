// Which timelines an archive may show to a standby. PostgreSQL asks for the history of each number after its own until one is
// missing, takes the last one for the newest timeline, and does not start if its data can't follow that.
import { join } from 'node:path';
import { passed, notOf, readLine, unfit, type Told } from '../lib/postgres/fit.ts';
import { historyName, readHistory, type Lineage } from '../lib/postgres/lineage.ts';
import { pgControlBytes, readStanding, type Standing } from '../lib/postgres/pg-control.ts';
import { readPidFile } from '../lib/postgres/pidfile.ts';
import { head, type Disk } from './disk.ts';
import { errno } from './outcome.ts';

/** What is known of the server that asks. */
export type Asker = {
  /** Where its data stand; undefined: unknown, and nothing is withheld. */
  readonly standing: Standing | undefined;
  /** It serves already: then PostgreSQL itself lets be what it can't follow, and a promotion has to find every number that is taken. */
  readonly serves: boolean;
  /** The primary as it was when the server started. */
  readonly primary: Lineage | undefined;
};

/** `line`: the value of CFHA_PRIMARY. It is called in the data directory. */
export function readAsker(disk: Disk, line: string | undefined): Asker {
  const pidFile = textAt(disk, 'postmaster.pid');
  return {
    standing: readStanding(bytesAt(disk, 'global/pg_control')),
    serves: readPidFile(pidFile ?? '')?.status !== 'starting',
    primary: line === undefined ? undefined : readLine(line),
  };
}

/** So many timelines in a row are looked at. */
const atMost = 1000;

type Archive = { readonly disk: Disk; readonly directory: string };

/** Why the history of a timeline is withheld; undefined: it is not, or there is none. */
export function withheld(timeline: number, asker: Asker, archive: Archive): string | undefined {
  const objection = against(timeline, asker, archive);
  // If a later one is good, PostgreSQL must come as far as that.
  for (let next = timeline + 1; objection !== undefined && next < timeline + atMost; next++) {
    if (textOf(next, archive) === undefined) break;
    if (against(next, asker, archive) === undefined) return undefined;
  }
  return objection;
}

function against(timeline: number, asker: Asker, archive: Archive): string | undefined {
  const told = readTold(timeline, textOf(timeline, archive) ?? '');
  if (told === undefined) return asker.serves ? undefined : 'it is no timeline history';
  return objectionTo(told, asker);
}

export function objectionTo(told: Told, { standing, serves, primary }: Asker): string | undefined {
  if (standing === undefined) return undefined;
  const misfit = unfit(told, standing);
  if (serves) return misfit === undefined ? primary && passed(primary, told) : undefined;
  return misfit ?? (primary && notOf(primary, told));
}

function readTold(timeline: number, text: string): Told | undefined {
  try {
    const ancestors = readHistory(text);
    return ancestors.length === 0 ? undefined : { timeline, ancestors };
  } catch {
    return undefined;
  }
}

/** From the archive, or what the server has itself. */
function textOf(timeline: number, { disk, directory }: Archive): string | undefined {
  const name = historyName(timeline);
  return textAt(disk, join(directory, name)) ?? textAt(disk, join('pg_wal', name));
}

function textAt(disk: Disk, path: string): string | undefined {
  return bytesAt(disk, path, 1 << 20).toString('utf8') || undefined;
}

/** Its beginning; nothing if it is not there. */
function bytesAt(disk: Disk, path: string, bytes = pgControlBytes): Buffer {
  try {
    return head(disk, path, bytes);
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return Buffer.alloc(0);
    throw error;
  }
}
