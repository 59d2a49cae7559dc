// `cfha global rejoin`: this site becomes a standby of the other again, by a rewind if that is possible, else by a new copy.
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readBytes } from '../lib/host/bytes.ts';
import { monotonicMs } from '../lib/host/clock.ts';
import { copyWhole, exists, namesIn, readText, remove, writeWhole } from '../lib/host/disk.ts';
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
import { withIdentity } from '../lib/host/identity.ts';
import { segmentName } from '../lib/postgres/lineage.ts';
import { parseLsn, type Lsn } from '../lib/postgres/lsn.ts';
import { untilCheckpoint } from '../lib/postgres/promotion-checkpoint.ts';
import { placesOf } from '../lib/postgres/places.ts';
import { rewindArgv, rewindDryArgv, singleUserArgv } from '../lib/postgres/rewind.ts';
import { holdsItsOwn, isSegment } from '../lib/postgres/wal-files.ts';
import { walHeaderBytes } from '../lib/postgres/wal-header.ts';
import { act } from './act.ts';
import { askingOther, controlOf, copyOther, ended, swapIn } from './copy.ts';
import { look } from './look.ts';
import { seenToStream } from './procedures.ts';
import { rejoin as decide } from './rules/return.ts';
import type { Site } from './site.ts';
import { writeStandbyFiles } from './standby-files.ts';

const dayMs = 86_400_000;
/** The first checkpoint after a promotion takes the most of checkpoint_timeout, 5 minutes if nobody has changed it. */
const checkpointMs = 600_000;

/** From here on the data are neither the old nor the new: only a copy helps if it does not end. */
const markOf = (site: Site): string => `${placesOf(site.spec.postgres.data).data}.cfha-rewinding`;

export async function rejoin(site: Site, clone: boolean): Promise<0 | 1 | 2> {
  const decision = decide(await look(site), { clone, half: exists(markOf(site)) });
  if ('refused' in decision) {
    site.say(['ERROR', decision.refused]);
    return 2;
  }
  if (decision.way === 'nothing') {
    site.say(['INFO', 'This site streams from the other: nothing was to do']);
    return 0;
  }
  await act({ do: 'close gate' }, site);
  if (decision.stopFirst) await act({ do: 'stop server' }, site);
  if (decision.way === 'clone' || !(await rewound(site))) await cloned(site);
  await act({ do: 'start server' }, site);
  if (site.site === 'second') await act({ do: 'start at boot', enabled: true }, site);
  return seenToStream(site);
}

async function cloned(site: Site): Promise<void> {
  site.say(['INFO', 'Copying the other site']);
  await copyOther(site);
  await swapIn(site);
  remove(markOf(site));
}

/** False: no rewind is possible, and nothing has been changed. */
async function rewound(site: Site): Promise<boolean> {
  const { data, programs } = site.spec.postgres;
  const where = { pgctl: `${programs}/pg_ctl`, data };
  await recover(site);
  const end = monotonicMs() + checkpointMs;
  const dry = await askingOther(site, async (other) => {
    await untilCheckpoint(other, { psql: `${programs}/psql`, left: () => end - monotonicMs() });
    return other.run(rewindDryArgv(where, 'database'), { timeoutMs: dayMs });
  });
  const found = readDry(dry);
  if (found === undefined) {
    site.say(['WARNING', `No rewind is possible: ${dry.stderr.trim().split('\n').pop() ?? ''}`]);
    return false;
  }
  if (found !== 'not needed') {
    const kept = await keep(site, found);
    site.say(['INFO', `Rewinding to ${found.text}; what only this site had is kept in ${kept}`]);
    writeWhole(markOf(site), '', { uid: 0, gid: 0, mode: 0o600 });
    ended('pg_rewind', await askingOther(site, (other) => other.run(rewindArgv(where, 'database'), { timeoutMs: dayMs }))); // prettier-ignore
  }
  writeStandbyFiles(site, data);
  remove(markOf(site));
  return true;
}

/** pg_rewind wants a server that has shut down in order. */
async function recover(site: Site): Promise<void> {
  const { data, programs } = site.spec.postgres;
  const { state } = await controlOf(site, data);
  if (state === 'shut down' || state === 'shut down in recovery' || exists(`${data}/standby.signal`)) return;
  const config =
    /config_file=([^"\s]+)/.exec(readText(`${data}/postmaster.opts`) ?? '')?.[1] ?? `${data}/postgresql.conf`;
  const argv = withIdentity(site.user, singleUserArgv({ pgctl: `${programs}/pg_ctl`, data }, config));
  ended('postgres --single', await site.exec({ argv, input: '', timeoutMs: dayMs }));
}

export type Fork = { readonly at: Lsn; readonly timeline: number; readonly text: string };

/** What pg_rewind would do; undefined: it cannot. */
export function readDry({ code, stdout, stderr }: Result): Fork | 'not needed' | undefined {
  const said = `${stdout}\n${stderr}`;
  if (code !== 0) return undefined;
  if (said.includes('no rewind required')) return 'not needed';
  const [, text = '', timeline = ''] = /diverged at WAL location (\S+) on timeline (\d+)/.exec(said) ?? [];
  const at = parseLsn(text);
  return at === undefined ? undefined : { at, timeline: Number(timeline), text };
}

/** Not what was recycled for WAL to come: up to max_wal_size of old files. */
export function written(folder: string): readonly string[] {
  const beginning = (name: string) => readBytes(join(folder, name), { from: 0, to: walHeaderBytes });
  return namesIn(folder).filter((name) => isSegment(name) && holdsItsOwn(name, beginning(name)));
}

/** The WAL that the other site does not have. */
async function keep(site: Site, { at, timeline, text }: Fork): Promise<string> {
  const { data } = site.spec.postgres;
  const { segmentBytes } = await controlOf(site, data);
  const folder = `${placesOf(data).data}.cfha-kept-${timeline}-${text.replace('/', '_')}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chownSync(folder, site.user.uid, site.user.gid);
  const first = segmentName(timeline, at, segmentBytes);
  for (const name of written(`${data}/pg_wal`).filter((one) => one >= first))
    copyWhole(join(data, 'pg_wal', name), join(folder, name), site.user);
  if (namesIn(folder).length === 0)
    throw new UnreadableAnswer(`${data}/pg_wal has no file of ${text}: nothing was changed`);
  return folder;
}
