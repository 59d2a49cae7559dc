// How a run ends: what the plan prints, what a run says at its end, and with which exit code.
import type { Context } from './context.ts';
import { clusterOf, type Facts } from './facts.ts';
import { differenceCommands } from './goals/configuration.ts';
import { primaryOf } from './goals/region.ts';
import type { Goal } from './goal.ts';
import type { Hosts } from './hosts.ts';
import { goalsOf } from './plan.ts';
import type { Outcome } from './reach.ts';
import type { Report } from './reports.ts';
import type { Call, Run } from './call.ts';

/** Exit codes of cfha: done, failed, called or configured wrongly, not as the file says, interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

type Open<F = Facts> = {
  readonly goal: Goal<F>;
  readonly lacks: readonly string[];
  readonly restarts: readonly string[];
};

/** The goals that do not hold. */
export function openGoals<F>(goals: readonly Goal<F>[], facts: F): Open<F>[] {
  return goals
    .map((goal) => ({ goal, lacks: goal.lacks(facts), restarts: goal.restarts?.(facts) ?? [] }))
    .filter(({ lacks }) => lacks.length > 0);
}

/** Prints what would be done. */
export async function planned({ call, context, hosts }: Run, facts: Facts): Promise<ExitCode> {
  const goals = goalsOf(context);
  const open = openGoals(goals, facts);
  const pending = open.some(({ goal }) => isConfiguration(goal)) && clusterOf(facts) !== undefined;
  call.printer.plan(
    open.map((one) => ({ ...one, commands: one.goal.commands(facts) })),
    pending ? await difference(context, hosts, facts) : undefined,
  );
  const { region } = context.spec;
  call.printer.end(
    'plan',
    open.length === 0
      ? `region ${region}: everything holds already`
      : `region ${region}: ${String(open.length)} of ${String(goals.length)} goals to reach; nothing was changed`,
    { goals: open.length },
  );
  return 0;
}

const isConfiguration = ({ id }: Goal): boolean => id === 'cluster/configured' || id === 'cluster/parameters';

/** Says what does not hold: 3 if anything. What the preflight found forbids nothing here, but is no region either. */
export function compared({ call, context }: Run, facts: Facts, findings: readonly Report[]): ExitCode {
  const open = openGoals(goalsOf(context), facts);
  if (findings.length > 0) call.printer.reports(`${call.file.name}: found on the nodes`, findings);
  call.printer.drift(open);
  const drifted = open.length > 0 || findings.length > 0;
  const { region } = context.spec;
  const says = drifted ? `${String(open.length)} goals do not hold` : 'everything is as the file says';
  call.printer.end(drifted ? 'drift' : 'done', `region ${region}: ${says}; nothing was changed`, {
    goals: open.length,
    findings: findings.length,
  });
  return drifted ? 3 : 0;
}

async function difference(context: Context, hosts: Hosts, facts: Facts): Promise<string> {
  let shown = '';
  for (const command of differenceCommands(context, facts))
    shown = (await hosts.run(command.on, { argv: command.run })).stdout;
  return shown;
}

/** Says how a run ended. */
export function ended({ call, context, log }: Run, outcome: Outcome): ExitCode {
  log.write('end', { outcome: outcome.ended });
  return outcome.ended === 'done' ? finished(call, context, outcome) : unfinished(call, context.spec.region, outcome);
}

/** Says why a run did not come to its end. */
export function unfinished({ printer }: Call, region: string, outcome: Exclude<Outcome, { ended: 'done' }>): ExitCode {
  if (outcome.ended === 'failed') {
    printer.reports(`region ${region}: stopped`, [outcome.report]);
    return 1;
  }
  const says = `region ${region}: stopped before ${outcome.before}. To go on, run the same command again.`;
  printer.end('interrupted', says, {});
  return 130;
}

function finished(call: Call, context: Context, outcome: Extract<Outcome, { ended: 'done' }>): ExitCode {
  const { spec } = context;
  const primary = primaryOf(context, outcome.facts) ?? '';
  const standbys = spec.nodes.map(({ name }) => name).filter((name) => name !== primary);
  const follow = `${standbys.join(', ')} ${standbys.length === 1 ? 'streams' : 'stream'} from it`;
  const where = `${spec.postgres.database.name} is at ${spec.vip.address}:${String(spec.postgres.port)}`;
  const did = outcome.executed === 0 ? 'everything holds already; nothing was executed' : 'healthy';
  const waiting = outcome.waiting.map(({ id }) => id);
  const waits = waiting.length === 0 ? '' : ` Waiting for --restart: ${waiting.join(', ')}.`;
  call.printer.end('done', `region ${spec.region}: ${did}. ${primary} is the primary, ${follow}; ${where}${waits}`, {
    executed: outcome.executed,
    primary,
    standby: standbys[0] ?? '',
    waiting,
  });
  return waiting.length === 0 ? 0 : 3;
}
