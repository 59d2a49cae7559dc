// `cfha global switchover`, on the standby: the primary closes its gate, ends, and gives back its epoch; that everything has arrived
// is proven by its shutdown checkpoint; then this site takes over, and the other one follows while this one serves.
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { localExec } from '../lib/host/local.ts';
import { remoteArgv, sshArgv } from '../lib/host/ssh.ts';
import { shutdownCheckpoint } from '../lib/postgres/controldata.ts';
import { controlDataArgv } from '../lib/postgres/controldata.ts';
import { formatLsn, parseLsn, type Lsn } from '../lib/postgres/lsn.ts';
import { query } from '../lib/postgres/session.ts';
import { act, actAll } from './act.ts';
import { look, lookAtServer } from './look.ts';
import { localTarget, postmaster } from './local.ts';
import { until } from './procedures.ts';
import { lagOf } from './rules/status.ts';
import { mayTakeOver } from './rules/return.ts';
import type { Step } from './rules/facts.ts';
import { begins } from './rules/tick.ts';
import { nextEpoch } from './rules/votes.ts';
import { otherOf, type Site } from './site.ts';

/** A command of this program on the other site. */
async function onOther(site: Site, command: readonly string[], seconds = 600): Promise<string> {
  const { user, port, identity } = site.spec.ssh;
  const { address, host } = otherOf(site);
  const argv = ['cfha', 'global', ...command] as unknown as [string, ...string[]];
  const remote = remoteArgv(user, { argv });
  const { code, stdout, stderr, failure } = await localExec({ argv: sshArgv({ address, user, port, identity }, 'none', remote), timeoutMs: seconds * 1000 }); // prettier-ignore
  if (code !== 0) throw new UnreadableAnswer(`${host}: cfha global ${command.join(' ')}: ${failure ?? (lastLine(stderr) || `exit code ${code}`)}`); // prettier-ignore
  return stdout;
}

const lastLine = (text: string): string => text.trim().split('\n').pop() ?? '';

async function obstacle(site: Site): Promise<string | undefined> {
  const facts = await look(site);
  const { says } = await lookAtServer(site);
  return mayTakeOver(facts, lagOf(facts, { here: says?.received, sent: undefined }));
}

export async function switchover(site: Site): Promise<0 | 1 | 2> {
  const because = await obstacle(site);
  if (because !== undefined) {
    site.say(['ERROR', because]);
    return 2;
  }
  const told = await handedOver(site);
  if (told === undefined) return 1;
  const checkpoint = parseLsn(/^checkpoint (\S+)$/m.exec(told)?.[1] ?? '');
  if (checkpoint === undefined || !(await until(() => hasReceived(site, checkpoint), 15))) {
    await goOnThere(site, `The last WAL of ${otherOf(site).host} did not arrive`);
    return 1;
  }
  site.say(['INFO', `Everything has arrived, up to the shutdown checkpoint at ${formatLsn(checkpoint)}`]);
  if (!(await until(() => takeOver(site), 30))) {
    await goOnThere(site, 'The next epoch was not given to this site');
    return 1;
  }
  site.say(['INFO', `${site.spec[site.site].host} is the primary`]);
  return 0;
}

/** What the primary says when nobody can write any more; undefined: it could not, and was asked to go on. */
async function handedOver(site: Site): Promise<string | undefined> {
  try {
    return await onOther(site, ['hand-over']);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    site.say(['ERROR', error.message]);
    await goOnThere(site, 'It has not handed over');
    return undefined;
  }
}

/** Whoever was the primary is it again. If that cannot be said to it, the watch of the second site decides. */
async function goOnThere(site: Site, because: string): Promise<void> {
  const there = otherOf(site).host;
  try {
    await onOther(site, ['take-back']);
    site.say(['ERROR', `${because}: ${there} goes on as the primary`]);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    site.say(['ERROR', `${because}, and could not be told to go on: cfha global status there (${error.message})`]);
  }
}

/** A copy, if it is one. */
const returnSeconds = 24 * 3600;

/** What is left to do: the former primary becomes this one's standby. */
export async function otherFollows(site: Site): Promise<0 | 1> {
  try {
    await onOther(site, ['rejoin', '--yes'], returnSeconds);
    return 0;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    const { host } = otherOf(site);
    site.say(['ERROR', `${site.spec[site.site].host} serves, but ${host} does not follow it yet: cfha global rejoin there (${error.message})`]); // prettier-ignore
    return 1;
  }
}

/** The record begins there, so its end is beyond. */
async function hasReceived(site: Site, checkpoint: Lsn): Promise<boolean> {
  const { says } = await lookAtServer(site);
  return says?.received !== undefined && says.received > checkpoint;
}

export async function takeOver(site: Site): Promise<boolean> {
  const facts = await look(site);
  const epoch = nextEpoch(facts);
  const guarded = facts.views !== undefined;
  const begin: readonly Step[] = guarded ? begins(epoch) : [{ do: 'remember', mine: { epoch, begun: epoch } }];
  if (!(await actAll(begin, site))) return false;
  await act({ do: 'promote' }, site);
  // From here on the watch would go on as well.
  await act(guarded ? { do: 'hold', epoch } : { do: 'open gate' }, site);
  return true;
}

/** On the primary: nobody can write any more, and all that was written is on its way. */
export async function handOver(site: Site, out: (text: string) => void): Promise<0 | 1> {
  const facts = await look(site);
  if (facts.server !== 'primary') {
    site.say(['ERROR', `The local database is not the primary (${facts.server})`]);
    return 1;
  }
  const target = localTarget(site, postmaster(site));
  // What would be written at the end is written while clients still go on.
  if (target !== undefined) await query({ ...target, timeoutMs: 300_000 }, (rows) => (rows.length === 0 ? 'checkpoint' : undefined)); // prettier-ignore
  await actAll([{ do: 'close gate' }, { do: 'end sessions' }, { do: 'stop server' }], site);
  const { programs, data } = site.spec.postgres;
  const control = await site.exec({ argv: controlDataArgv(`${programs}/pg_ctl`, data), timeoutMs: 10_000 });
  const checkpoint = shutdownCheckpoint(control);
  if (checkpoint === undefined) throw new UnreadableAnswer('the database has not shut down in order: start it again');
  await act({ do: 'yield', epoch: facts.mine.epoch }, site);
  out(`checkpoint ${formatLsn(checkpoint)}\n`);
  return 0;
}

/** The switchover has come to nothing: this site goes on. */
export async function takeBack(site: Site): Promise<0> {
  await act({ do: 'start server' }, site);
  return 0;
}
