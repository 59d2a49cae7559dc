// What a site finds: its own server, the other's, the keepers, the gate.
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { exists, readText } from '../lib/host/disk.ts';
import { findPassword } from '../lib/postgres/passfile.ts';
import type { PidFile } from '../lib/postgres/pidfile.ts';
import { instanceSql, readInstance, type InstanceAnswer } from '../lib/postgres/queries.ts';
import { query, type Answered, type Target } from '../lib/postgres/session.ts';
import { privacyOf } from './passfile.ts';
import { lookAtGate } from './gate.ts';
import { localTarget, patienceMs, postmaster } from './local.ts';
import { lookAtKeepers } from './keepers.ts';
import type { Facts, Other, Server } from './rules/facts.ts';
import { otherOf, type Site } from './site.ts';
import { readMine } from './state.ts';

type Local = { readonly server: Server; readonly says?: InstanceAnswer };

export async function lookAtServer(site: Site): Promise<Local> {
  const file = postmaster(site);
  if (file === undefined) return { server: 'stopped' };
  const target = localTarget(site, file);
  if (target === undefined || file.status === 'starting' || file.status === 'stopping') return { server: 'starting' };
  const answer = await askInstance(target);
  if ('says' in answer) return { server: answer.says.inRecovery ? 'standby' : 'primary', says: answer.says };
  return { server: silent(answer.kind, file.status) };
}

function silent(kind: string, status: PidFile['status']): Server {
  // Every connection is taken: it lives.
  if (kind === 'full') return status === 'standby' ? 'standby' : 'primary';
  return kind === 'starting' ? 'starting' : 'hung';
}

async function askInstance(target: Target): Promise<{ says: InstanceAnswer } | { kind: string; message: string }> {
  const [answer] = await query(target, (rows) => (rows.length === 0 ? instanceSql : undefined));
  try {
    return read(answer);
  } catch (error) {
    if (error instanceof UnreadableAnswer) return { kind: 'failed', message: error.message };
    throw error;
  }
}

function read(answer: Answered | undefined): { says: InstanceAnswer } | { kind: string; message: string } {
  if (answer === undefined) return { kind: 'failed', message: 'no answer' };
  return 'rows' in answer ? { says: readInstance(answer.rows[0]) } : answer.failure;
}

/** A WAL receiver that has found nobody says that it begins with a segment that is replayed already. */
export function standbyHas({ received, replayed }: Pick<InstanceAnswer, 'received' | 'replayed'>): bigint | undefined {
  if (received === undefined || replayed === undefined) return received ?? replayed;
  return received > replayed ? received : replayed;
}

/** The other site's server, as the check user reaches it. */
export async function lookAtOther(site: Site): Promise<Other> {
  const { database, postgres } = site.spec;
  const { address: host, host: name } = otherOf(site);
  const passwords = readText(database.passfile) ?? '';
  const wanted = { port: String(postgres.port), database: database.name, user: database.user };
  const password = findPassword(passwords, { host, ...wanted }) ?? findPassword(passwords, { host: name, ...wanted });
  const target = {
    ...{ host, port: postgres.port, user: database.user, database: database.name, password },
    ...{ as: { uid: 0, gid: 0 }, timeoutMs: patienceMs(site.spec) },
  };
  const answer = await askInstance(target);
  if (!('says' in answer)) return { answers: false, because: answer.message };
  const { inRecovery, timeline, systemIdentifier: systemId, written } = answer.says;
  return { answers: true, inRecovery, timeline, systemId, position: written ?? standbyHas(answer.says) };
}

export async function look(site: Site): Promise<Facts> {
  const { spec } = site;
  const [local, other, views, gate] = await Promise.all([
    lookAtServer(site),
    lookAtOther(site),
    lookAtKeepers(site),
    lookAtGate(site.exec, spec.postgres.port),
  ]);
  return {
    site: site.site,
    hosts: { first: spec.first.host, second: spec.second.host },
    server: local.server,
    timeline: local.says?.timeline,
    systemId: local.says?.systemIdentifier,
    streams: local.says?.walReceiver ?? false,
    startsAs: startsAs(spec.postgres.data),
    other,
    mine: readMine(),
    views,
    gate,
    limit: spec.failover.failures,
    passfile: privacyOf(spec.database.passfile, site.user),
  };
}

function startsAs(data: string): Facts['startsAs'] {
  if (!exists(`${data}/PG_VERSION`)) return 'nothing';
  return exists(`${data}/standby.signal`) || exists(`${data}/recovery.signal`) ? 'standby' : 'primary';
}
