// Timelines that are not the primary's: what a start is told of the primary's own, and what is found where a server did not start.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { exists, namesIn, readText } from '../lib/host/disk.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { lineText, primaryVariable, unfit } from '../lib/postgres/fit.ts';
import { readHistory } from '../lib/postgres/lineage.ts';
import type { Standing } from '../lib/postgres/pg-control.ts';
import { controlDataOf } from './control-file.ts';
import { asking, askPrimary } from './primary.ts';
import { left, type Site } from './site.ts';

/** It only helps the archive to tell foreign timelines: a start does not wait long for it. */
const patienceMs = 3000;

/** What the server hands down to restore_command; nothing, if the primary does not answer. */
export async function primaryEnvironment(site: Site): Promise<Record<string, string>> {
  const where = { ...site, deadline: site.deadline - Math.max(0, left(site) - 2 * patienceMs) };
  return unreadable(async () => {
    const other = await asking(where, (primary) => askPrimary(where, primary));
    return 'answers' in other && !other.inRecovery ? { [primaryVariable]: lineText(other.answers) } : {};
  }, {});
}

type Foreign = { readonly path: string; readonly timeline: number; readonly why: string | undefined };

/**
 * Takes their names from histories in pg_wal that these data can't follow, newer than all that they can: with one of them PostgreSQL
 * does not start. It keeps what restore_command has once given it. Returns what they were and why, in words; undefined: there was none.
 */
export async function setForeignAside(site: Site): Promise<string | undefined> {
  const folder = join(site.call.parameters.pgdata, 'pg_wal');
  const newest = namesIn(folder)
    .filter((name) => /^[0-9A-F]{8}\.history$/.test(name))
    .toSorted()
    .toReversed();
  // Who starts as a primary asks for no other timeline.
  if (newest.length === 0 || !exists(join(folder, '../standby.signal'))) return undefined;
  return unreadable(async () => {
    const standing = await standingOf(site);
    const judged = newest.map((name) => judge(join(folder, name), parseInt(name, 16), standing));
    const followed = judged.findIndex(({ why, timeline }) => why === undefined || timeline <= newestOf(standing)); // prettier-ignore
    const foreign = followed < 0 ? judged : judged.slice(0, followed);
    for (const { path } of foreign) renameSync(path, `${path}.foreign`);
    return foreign.length === 0 ? undefined : foreign.map(({ path, why }) => `${path}: ${why ?? ''}`).join('; ');
  }, undefined);
}

const newestOf = ({ checkpoint, least }: Standing): number => Math.max(checkpoint.timeline, least?.timeline ?? 0);

function judge(path: string, timeline: number, standing: Standing): Foreign {
  return { path, timeline, why: unfit({ timeline, ancestors: readHistory(readText(path) ?? '') }, standing) };
}

async function standingOf(site: Site): Promise<Standing> {
  const { checkpoint, timeline, minRecoveryEnd, minRecoveryTimeline } = await controlDataOf(site);
  const least = minRecoveryEnd === 0n ? undefined : { timeline: minRecoveryTimeline, at: minRecoveryEnd };
  return { checkpoint: { timeline, at: checkpoint }, least };
}

async function unreadable<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnreadableAnswer) return otherwise;
    throw error;
  }
}
