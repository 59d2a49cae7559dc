// How a run ends: what the plan prints, what a run says at its end, and with which exit code.
import type { Context } from './context.ts';
import { clusterOf, type Facts } from './facts.ts';
import { differenceCommands } from './goals/cluster.ts';
import { primaryOf } from './goals/region.ts';
import type { Hosts } from './hosts.ts';
import { goalsOf } from './plan.ts';
import type { Outcome } from './reach.ts';
import type { Run } from './call.ts';

/** Exit codes of cfha: done, failed, called or configured wrongly, interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Prints what would be done. */
export async function planned({ call, context, hosts }: Run, facts: Facts): Promise<ExitCode> {
  const goals = goalsOf(context);
  const open = goals.map((goal) => ({ goal, lacks: goal.lacks(facts) })).filter(({ lacks }) => lacks.length > 0);
  const pending = open.some(({ goal }) => goal.id === 'cluster/configured') && clusterOf(facts) !== undefined;
  call.printer.plan(
    open.map(({ goal, lacks }) => ({ goal, lacks, commands: goal.commands(facts) })),
    pending ? await difference(context, hosts) : undefined,
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

async function difference(context: Context, hosts: Hosts): Promise<string> {
  let shown = '';
  for (const command of differenceCommands(context))
    shown = (await hosts.run(command.on, { argv: command.run })).stdout;
  return shown;
}

/** Says how a run ended. */
export function ended({ call, context, log }: Run, outcome: Outcome): ExitCode {
  const { spec } = context;
  log.write('end', { outcome: outcome.ended });
  switch (outcome.ended) {
    case 'failed':
      call.printer.reports(`region ${spec.region}: stopped`, [outcome.report]);
      return 1;
    case 'interrupted':
      call.printer.end(
        'interrupted',
        `region ${spec.region}: stopped before ${outcome.before}. To go on, run the same command again.`,
        {},
      );
      return 130;
    case 'done': {
      const primary = primaryOf(context, outcome.facts) ?? '';
      const standby = spec.nodes.find((node) => node.name !== primary)?.name ?? '';
      const said = `${primary} is the primary, ${standby} streams from it; ${spec.postgres.database.name} is at ${spec.vip.address}:${String(spec.postgres.port)}`;
      const did = outcome.executed === 0 ? 'everything holds already; nothing was executed' : 'healthy';
      call.printer.end('done', `region ${spec.region}: ${did}. ${said}`, {
        executed: outcome.executed,
        primary,
        standby,
      });
      return 0;
    }
  }
}
