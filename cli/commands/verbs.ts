// cfha switchover, standby, unstandby, failover, rejoin, unlock, cleanup: each is a plan and moves; see cli/region/.
import { timeOfDayMs } from '../../lib/host/clock.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import type { Way } from '../../meta/types.ts';
import { UnreadableAnswer, type Exec } from '../../lib/host/exec.ts';
import { holdupsIn, holdupsSql } from '../region/holdups.ts';
import { askHere } from './status.ts';
import { failover } from '../region/failover.ts';
import { cleanup, standby, unstandby } from '../region/nodes.ts';
import { rejoin } from '../region/rejoin.ts';
import { switchover } from '../region/switchover.ts';
import { unlock } from '../region/unlock.ts';
import { performVerb, readRegion, type ExitCode, type Terminal, type VerbOptions } from './region.ts';

/** Longer than any switchover takes: only a cfha that was killed leaves its constraint to end by itself. */
const constraintMs = 600_000;

type Named = VerbOptions & { readonly node: string };

export async function switchoverCommand(
  options: VerbOptions & { to: string | undefined; force: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const exec = spawnExec();
  const holdups = options.force ? [] : await findHoldups(exec, options.resource);
  const verb = switchover(options.to, new Date(timeOfDayMs() + constraintMs), holdups);
  return performVerb(verb, options, { ...terminal, exec });
}

/** Known on the primary alone, and only if its server answers: otherwise the shutdown's own bounds hold. */
async function findHoldups(exec: Exec, resource: string | undefined): Promise<readonly string[]> {
  try {
    const view = await readRegion(exec, resource);
    const peers = view.nodes.map(({ name }) => name.toLowerCase());
    return holdupsIn(await askHere(holdupsSql, view, exec), peers);
  } catch (error) {
    if (error instanceof UnreadableAnswer) return []; // performVerb tells it
    throw error;
  }
}

export function standbyCommand(options: Named, terminal: Terminal): Promise<ExitCode> {
  return performVerb(standby(options.node), options, { ...terminal, exec: spawnExec() });
}

export function unstandbyCommand(options: Named, terminal: Terminal): Promise<ExitCode> {
  return performVerb(unstandby(options.node), options, { ...terminal, exec: spawnExec() });
}

export function cleanupCommand(
  options: VerbOptions & { node: string | undefined },
  terminal: Terminal,
): Promise<ExitCode> {
  return performVerb(cleanup(options.node), options, { ...terminal, exec: spawnExec() });
}

export async function failoverCommand(
  options: VerbOptions & { to: string; acceptLoss: string | undefined },
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.acceptLoss !== undefined && !/^(all|[1-9]\d{0,17})$/.test(options.acceptLoss)) {
    terminal.err(`cfha: --accept-loss=${options.acceptLoss} is neither a number of bytes nor all\n`);
    return 2;
  }
  return performVerb(failover(options.to, options.acceptLoss), options, { ...terminal, exec: spawnExec() });
}

export async function rejoinCommand(options: Named & { way: readonly Way[] }, terminal: Terminal): Promise<ExitCode> {
  if (options.way.length > 1) {
    terminal.err('cfha: --rewind or --clone, not both; neither of them means: rewind if possible, else clone\n');
    return 2;
  }
  const wanted = { name: options.node, way: options.way[0], until: new Date(timeOfDayMs() + constraintMs) };
  return performVerb(rejoin(wanted), options, { ...terminal, exec: spawnExec() });
}

export async function unlockCommand(
  options: Named & { acceptLoss: string | undefined },
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.acceptLoss !== undefined && !/^[1-9]\d{0,17}$/.test(options.acceptLoss)) {
    terminal.err(`cfha: --accept-loss=${options.acceptLoss} is no number of bytes\n`);
    return 2;
  }
  return performVerb(unlock(options.node, options.acceptLoss), options, { ...terminal, exec: spawnExec() });
}
