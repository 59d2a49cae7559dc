// `cfha global switchover`, on the standby: the primary closes its gate, ends, and gives back its epoch; that everything has arrived
// is proven by its shutdown checkpoint; then this site takes over, and the other one follows while this one serves.
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
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
import type { Facts, Step } from './rules/facts.ts';
import { begins } from './rules/tick.ts';
import { nextEpoch } from './rules/votes.ts';
import { otherOf, type Site } from './site.ts';

/** A command of this program on the other site. */
function askOther(site: Site, command: readonly string[], seconds: number): Promise<Result> {
  const { user, port, identity } = site.spec.ssh;
  const argv = ['cfha', 'global', ...command] as unknown as [string, ...string[]];
  const remote = remoteArgv(user, { argv });
  return localExec({ argv: sshArgv({ address: otherOf(site).address, user, port, identity }, 'none', remote), timeoutMs: seconds * 1000 }); // prettier-ignore
}

/** What an answer says went wrong. */
function wordsOf(site: Site, command: readonly string[], { code, stderr, failure }: Result): string {
  return `${otherOf(site).host}: cfha global ${command.join(' ')}: ${failure ?? (lastLine(stderr) || `exit code ${code}`)}`;
}

async function onOther(site: Site, command: readonly string[], seconds = 600): Promise<string> {
  const result = await askOther(site, command, seconds);
  if (result.code !== 0) throw new UnreadableAnswer(wordsOf(site, command, result));
  return result.stdout;
}

/** The other's word that it begins to close. */
const closing = 'closing';

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
  if (typeof told === 'number') return told;
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

/** What the primary says when nobody can write any more; else an exit code: 2, it has not begun to close; 1, it was told to go on. */
async function handedOver(site: Site): Promise<string | 1 | 2> {
  const result = await askOther(site, ['hand-over'], 1000);
  if (result.code === 0) return result.stdout;
  site.say(['ERROR', wordsOf(site, ['hand-over'], result)]);
  if (hasNotBegun(result)) {
    site.say(['ERROR', `${otherOf(site).host} has not closed: nothing was changed`]);
    return 2;
  }
  await goOnThere(site, 'It has not handed over');
  return 1;
}

/** It has refused; or ssh has not come as far as to ask it. Of a line that broke nobody knows. */
function hasNotBegun({ code, stdout, stderr }: Result): boolean {
  if (code === undefined || stdout.includes(closing)) return false;
  return code !== 255 || /^ssh: |Permission denied|Host key verification failed/m.test(stderr);
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

/** Whether it is the primary now; false: the epoch was not given, or could not be asked for. `permits` judges each look anew. */
export async function takeOver(site: Site, permits: (facts: Facts) => boolean = () => true): Promise<boolean> {
  const epoch = await begin(site, permits);
  if (epoch === undefined) return false;
  await act({ do: 'promote' }, site);
  // From here on the watch would go on as well.
  await act(site.spec.witnesses === undefined ? { do: 'open gate' } : { do: 'hold', epoch }, site);
  return true;
}

/** Nothing is promoted yet: what fails may be tried again. */
async function begin(site: Site, permits: (facts: Facts) => boolean): Promise<number | undefined> {
  try {
    const facts = await look(site);
    if (!permits(facts)) return undefined;
    const epoch = nextEpoch(facts);
    const steps: readonly Step[] = facts.views === undefined ? [{ do: 'remember', mine: { epoch, begun: epoch } }] : begins(epoch); // prettier-ignore
    return (await actAll(steps, site)) ? epoch : undefined;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    site.say(['WARNING', error.message]);
    return undefined;
  }
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
  out(`${closing}\n`);
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
