// Both sites, as one of them sees them.
import { formatLsn } from '../lib/postgres/lsn.ts';
import { lookAtKept } from './kept.ts';
import { look, lookAtServer } from './look.ts';
import { tryFromOutside } from './keepers.ts';
import { lagOf, statusOf, type Status } from './rules/status.ts';
import { otherOf, type Site } from './site.ts';
import type { InstanceAnswer } from '../lib/postgres/queries.ts';
import { query } from '../lib/postgres/session.ts';
import { localTarget, postmaster } from './local.ts';

/** How long ago the last transaction was made that is here; 0 if nothing is missing. */
const delaySql = `select case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
 else extract(epoch from now() - pg_last_xact_replay_timestamp()) end::float8 as seconds`;

async function delay(site: Site): Promise<number | undefined> {
  const target = localTarget(site, postmaster(site));
  if (target === undefined) return undefined;
  const [answer] = await query(target, (rows) => (rows.length === 0 ? delaySql : undefined));
  const seconds = answer !== undefined && 'rows' in answer ? answer.rows[0]?.['seconds'] : undefined;
  return typeof seconds === 'number' ? seconds : undefined;
}

/** What a standby has received, what a primary has written. */
function positionHere(says: InstanceAnswer | undefined): bigint | undefined {
  return says?.inRecovery === true ? (says.received ?? says.replayed) : says?.written;
}

const text = (lsn: bigint | undefined): string | undefined => (lsn === undefined ? undefined : formatLsn(lsn));

export async function status(site: Site): Promise<Status> {
  const facts = await look(site);
  const { says } = await lookAtServer(site);
  const here = positionHere(says);
  const sent = says?.senders.find(({ applicationName }) => applicationName === otherOf(site).host)?.flushed;
  return statusOf(facts, {
    here: text(here),
    there: facts.other.answers ? text(facts.other.position) : undefined,
    lag: lagOf(facts, { here, sent }),
    kept: await lookAtKept(site).catch(() => undefined),
    outside: await tryFromOutside(site),
    seconds: facts.server === 'standby' ? await delay(site) : undefined,
  });
}
