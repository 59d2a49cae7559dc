// Keeps WAL for the other site: looks at the slot, and makes, moves or drops it.
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { query } from '../lib/postgres/session.ts';
import { localTarget, postmaster } from './local.ts';
import type { Line } from './rules/facts.ts';
import { keep, keptLine, keptSql, readKept, stepSql, type Kept } from './rules/kept.ts';
import { otherOf, type Site } from './site.ts';

type Asked = Pick<Site, 'spec' | 'site' | 'user'>;

/** Undefined: the server does not run, or cannot be asked yet. */
export async function lookAtKept(site: Asked): Promise<Kept | undefined> {
  const row = await ask(site, keptSql(otherOf(site).host));
  return row && readKept(row);
}

/** One look and what follows from it; what the log says. */
export async function keepForOther(site: Asked): Promise<Line | undefined> {
  const kept = await lookAtKept(site);
  if (kept === undefined) return undefined;
  const step = keep(kept);
  if (step !== undefined) await ask(site, stepSql(step));
  return keptLine(kept, step);
}

/** Nobody will move it any more. */
export async function dropKept(site: Asked): Promise<void> {
  const kept = await lookAtKept(site);
  if (kept?.slot?.foreign === false) await ask(site, stepSql({ do: 'drop slot' }));
}

type Row = Readonly<Record<string, unknown>>;

/** Its one row; undefined: it does not run, or starts or stops just now. */
async function ask(site: Asked, sql: string): Promise<Row | undefined> {
  const target = localTarget(site, postmaster(site));
  if (target === undefined) return undefined;
  const [answer] = await query(target, (rows) => (rows.length === 0 ? sql : undefined));
  if (answer !== undefined && 'rows' in answer) return answer.rows[0] ?? {};
  const { kind, message } = answer?.failure ?? { kind: 'failed', message: 'no answer' };
  if (['starting', 'absent'].includes(kind)) return undefined;
  throw new UnreadableAnswer(message);
}
