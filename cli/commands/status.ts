// cfha status: one screen. The CIB is read on this node, its server is asked if it has one.
import { readParameters } from '../../agent/call.ts';
import { callOf } from '../../agent/site.ts';
import { pidFileOf } from '../../agent/look.ts';
import { target } from '../../agent/target.ts';
import { monotonicMs } from '../../lib/host/clock.ts';
import { UnreadableAnswer, type Exec } from '../../lib/host/exec.ts';
import { findUser } from '../../lib/host/identity.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import { fenceHistoryArgv, lastFencing } from '../../lib/pacemaker/fence-history.ts';
import { roomBeside } from '../../lib/postgres/places.ts';
import { query, type Row } from '../../lib/postgres/session.ts';
import { localSql, readLocal, type Local } from '../region/local.ts';
import { statusOf, statusText } from '../region/status.ts';
import type { View } from '../region/view.ts';
import { readRegion, type Terminal } from './region.ts';

type Options = { readonly resource: string | undefined; readonly json: boolean };

/** Exit code 0: healthy; 1: the cluster does not answer; 3: writable, but a failover would not go well; 4: not writable. */
export async function statusCommand(
  { resource, json }: Options,
  { out, err }: Pick<Terminal, 'out' | 'err'>,
): Promise<number> {
  const exec = spawnExec();
  try {
    const view = await readRegion(exec, resource);
    const [local, history] = await Promise.all([
      askLocal(view, exec),
      exec({ argv: fenceHistoryArgv, timeoutMs: 5000 }),
    ]);
    const copyObstacle = obstacleHere(view);
    const status = statusOf(view, { local, fencing: lastFencing(history), now: new Date(), copyObstacle });
    out(json ? `${JSON.stringify(status)}\n` : statusText(status));
    return status.code;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    err(`cfha: ${error.message}\n`);
    return 1;
  }
}

/** Undefined also where it can't be looked at: another user, a host without the data. */
function obstacleHere({ parameters }: View): string | undefined {
  const { rejoin, pgdata } = readParameters(
    Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`OCF_RESKEY_${name}`, value])),
  ).parameters;
  try {
    return rejoin.includes('clone') ? roomBeside(pgdata).obstacle : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined if there is no server here, or none that answers: the rest can be told without it. */
async function askLocal(view: View, exec: Exec): Promise<Local | undefined> {
  try {
    const row = await askHere(localSql, view, exec);
    return row && readLocal(row);
  } catch (error) {
    if (error instanceof UnreadableAnswer) return undefined;
    throw error;
  }
}

/** The row that this node's server answers; undefined if there is none, or none that answers. */
export async function askHere(sql: string, view: View, exec: Exec): Promise<Row | undefined> {
  const environment = Object.fromEntries(
    Object.entries(view.parameters).map(([name, value]) => [`OCF_RESKEY_${name}`, value]),
  );
  const { call } = await callOf('monitor', { ...environment, OCF_RESOURCE_INSTANCE: view.resource }, exec);
  const user = await findUser(call.parameters.pgdba, exec);
  if (user === undefined) return undefined;
  const site = { action: 'monitor', call, user, exec, deadline: monotonicMs() + 4000 } as const;
  const [answer] = await query(target(site, pidFileOf(site)), (rows) => (rows.length === 0 ? sql : undefined));
  return answer !== undefined && 'rows' in answer ? answer.rows[0] : undefined;
}
