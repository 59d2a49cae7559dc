// Keeps WAL for the other site: looks at the slot, and makes, moves or drops it.
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { query, type Target } from '../lib/postgres/session.ts';
import { localTarget, postmaster } from './local.ts';
import type { Line } from './rules/facts.ts';
import { keep, keptLine, keptSql, readKept, stepSql, type Kept } from './rules/kept.ts';
import { otherOf, type Site } from './site.ts';

/** Undefined: the server does not run, or cannot be asked yet. */
export async function lookAtKept(site: Site): Promise<Kept | undefined> {
  const target = localTarget(site, postmaster(site));
  return target === undefined ? undefined : readKept(await only(target, keptSql(otherOf(site).host)));
}

/** One look and what follows from it; what the log says. */
export async function keepForOther(site: Site): Promise<Line | undefined> {
  const target = localTarget(site, postmaster(site));
  if (target === undefined) return undefined;
  const kept = readKept(await only(target, keptSql(otherOf(site).host)));
  const step = keep(kept);
  if (step !== undefined) await only(target, stepSql(step));
  return keptLine(kept, step);
}

async function only(target: Target, sql: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const [answer] = await query(target, (rows) => (rows.length === 0 ? sql : undefined));
  if (answer === undefined || 'failure' in answer) throw new UnreadableAnswer(`${sql.slice(0, 60)}…: ${answer?.failure.message ?? 'no answer'}`); // prettier-ignore
  return answer.rows[0];
}
