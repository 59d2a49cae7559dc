// Carries out the steps. Each either does what it says, or ends the list: the next look goes on from what is there.
import { monotonicMs } from '../lib/host/clock.ts';
import { UnreadableAnswer, type Argv } from '../lib/host/exec.ts';
import { withIdentity } from '../lib/host/identity.ts';
import { promoteArgv } from '../lib/postgres/ctl.ts';
import { query } from '../lib/postgres/session.ts';
import { closeGate, endConnections, makeGate, openGate } from './gate.ts';
import { hold, take, yieldEpoch } from './keepers.ts';
import { localTarget, postmaster } from './local.ts';
import type { Line, Step } from './rules/facts.ts';
import type { Site } from './site.ts';
import { remember } from './state.ts';

/** Starting may mean replaying a lot of WAL; stopping, writing a lot. */
const serverSeconds = 600;

/** True: go on with the next step. */
export async function act(step: Step, site: Site): Promise<boolean> {
  switch (step.do) {
    case 'make gate':
      await makeGate(site);
      return true;
    case 'close gate':
      await closeGate(site);
      return true;
    case 'open gate':
      return openGate(site);
    case 'end sessions':
      await endSessions(site);
      return true;
    case 'hold':
      return goOn(step.epoch, site);
    case 'take':
      return begin(step.epoch, site);
    case 'yield':
      await yieldEpoch(site, step.epoch);
      return true;
    case 'remember':
      remember(step.mine);
      return true;
    case 'promote':
      await promote(site);
      return true;
    case 'wait':
      await new Promise((resolve) => setTimeout(resolve, step.ms));
      return true;
    default:
      await actOnService(step, site);
      return true;
  }
}

async function actOnService(step: Extract<Step, { do: 'start server' | 'stop server' | 'start at boot' }>, site: Site) {
  const { service } = site.spec.postgres;
  const unit = `${service}.service`;
  if (step.do === 'start server') await must(site, ['systemctl', 'start', unit]);
  else if (step.do === 'stop server') await must(site, ['systemctl', 'stop', unit]);
  else await must(site, ['systemctl', step.enabled ? 'enable' : 'disable', '--quiet', unit]);
}

/** Runs a program that has to succeed. */
export async function must({ exec }: Pick<Site, 'exec'>, argv: Argv, seconds = serverSeconds): Promise<string> {
  const { code, stdout, stderr, failure } = await exec({ argv, timeoutMs: seconds * 1000 });
  if (code === 0) return stdout;
  const words = stderr.trim().split('\n').pop() ?? '';
  throw new UnreadableAnswer(`${argv.join(' ')}: ${failure ?? (words === '' ? `exit code ${code}` : words)}`);
}

async function goOn(epoch: number, site: Site): Promise<boolean> {
  const untilMs = await hold(site, epoch);
  if (untilMs !== undefined) return openGate(site, { untilMs, now: monotonicMs });
  const because: Line = ['WARNING', 'Neither the other site nor a majority of the witnesses agrees: the port closes'];
  site.say(because);
  return false;
}

async function begin(epoch: number, site: Site): Promise<boolean> {
  const taken = await take(site, epoch);
  if (!taken) site.say(['WARNING', `Epoch ${epoch} was not given to this site: trying again`]);
  return taken;
}

async function promote(site: Site): Promise<void> {
  const { programs, data } = site.spec.postgres;
  const argv = promoteArgv({ pgctl: `${programs}/pg_ctl`, data, seconds: 60 });
  await must(site, withIdentity(site.user, argv), 70);
}

const endSql = `select count(pg_terminate_backend(pid)) from pg_stat_activity
 where backend_type = 'client backend' and pid <> pg_backend_pid() and client_addr is not null`;

/** Connections are reset for both sides; a query that goes on without its client is ended as well. */
async function endSessions(site: Site): Promise<void> {
  await endConnections(site);
  const target = localTarget(site, postmaster(site));
  if (target === undefined) return;
  await query(target, (rows) => (rows.length === 0 ? endSql : undefined));
}

/** One after the other, to the first that ends the list. */
export async function actAll(steps: readonly Step[], site: Site): Promise<boolean> {
  for (const step of steps) if (!(await act(step, site))) return false;
  return true;
}
