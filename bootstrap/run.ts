// cfha bootstrap: read the file, look, find what forbids to begin, then plan or reach the goals.
import { contextOf, type Context, type Executable } from './context.ts';
import { clusterOf, type Facts } from './facts.ts';
import { differenceCommands } from './goals/cluster.ts';
import { primaryOf } from './goals/region.ts';
import { hostsOf, type Hosts } from './hosts.ts';
import { layoutOf, serverVersion } from './layout.ts';
import { goalsOf } from './plan.ts';
import { hostFindings, isInUse, regionFindings, versionFinding } from './preflight.ts';
import type { Printer } from './print.ts';
import { reach, type Outcome, type World } from './reach.ts';
import { readSpec } from './read-spec.ts';
import type { Passwords } from './read-secrets.ts';
import type { Report } from './reports.ts';
import type { Spec } from './spec.ts';
import type { Survey } from './survey.ts';
import { probe, realWorld, secretsOf, survey } from './world.ts';
import { fileLog, type Log } from '../lib/host/log.ts';

export type Call = {
  /** The region file: what to call it, its text, its folder. */
  readonly file: { readonly name: string; readonly text: string; readonly folder: string };
  readonly plan: boolean;
  readonly executable: Executable | undefined;
  readonly arch: string;
  readonly logFile: string | undefined;
  readonly printer: Printer;
  readonly stopping: () => boolean;
};

/** Exit codes of cfha: done, failed, called or configured wrongly, interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Makes a region of two or three servers, or goes on making it. */
export async function bootstrap(call: Call): Promise<ExitCode> {
  const read = readSpec(call.file.text, call.file.folder);
  if ('problems' in read) {
    call.printer.problems(call.file.name, read.problems);
    return 2;
  }
  const hosts = hostsOf(read.spec, call.file.folder);
  try {
    return await withHosts(call, read, hosts);
  } finally {
    await hosts.close();
  }
}

async function withHosts(
  call: Call,
  { spec, passwords }: { spec: Spec; passwords: Passwords },
  hosts: Hosts,
): Promise<ExitCode> {
  const surveys = await survey(spec, hosts);
  const answering = Object.entries(surveys).flatMap(([host, one]) =>
    'unreachable' in one || !one.root ? [] : [{ host, ...one }],
  );
  const findings = [
    ...(call.executable === undefined ? [{ code: 'NOT_BUILT' } as const] : []),
    ...Object.entries(surveys).flatMap(([host, one]) => hostFindings(host, one, { spec, arch: call.arch })),
  ];
  const context = contextFor(call, { spec, passwords, surveys: answering });
  if ('code' in context) return refused(call, [...findings, ...(answering.length === 0 ? [] : [context])]);
  const log = call.logFile === undefined || call.plan ? silent : await fileLog(call.logFile, secretsOf(context));
  const world = realWorld(
    { context, hosts, printer: call.printer, log, stopping: call.stopping },
    answering.map((s) => s.host),
  );
  try {
    return await checked({ call, context, hosts, world, log }, findings);
  } finally {
    await log.close();
  }
}

const silent: Log = { write: () => undefined, close: () => Promise.resolve() };

type Answering = readonly (Survey & { readonly host: string })[];

function contextFor(call: Call, given: { spec: Spec; passwords: Passwords; surveys: Answering }): Context | Report {
  const { spec, passwords, surveys } = given;
  const version = surveys.length === 0 ? undefined : serverVersion(spec, surveys);
  const [first] = surveys;
  if (first === undefined || version === undefined) return versionFinding(spec, surveys);
  return contextOf({
    spec,
    passwords,
    layout: layoutOf(spec, first, version),
    executable: call.executable ?? { path: '', bytes: 0, sha256: '' },
  });
}

type Run = {
  readonly call: Call;
  readonly context: Context;
  readonly hosts: Hosts;
  readonly world: World;
  readonly log: Log;
};

/** The border: behind it things are changed. */
async function checked(run: Run, before: readonly Report[]): Promise<ExitCode> {
  const { call, context, hosts, world } = run;
  const seen = await world.look();
  if ('lost' in seen) return refused(call, [...before, seen.lost]);
  const { facts } = seen;
  // A region that is configured proves its fencing by itself, every minute.
  const probes = isInUse(context, facts) ? {} : await probe(context, hosts, Object.keys(facts.hosts));
  const findings = [...before, ...regionFindings(context, { facts, probes })];
  if (findings.length > 0) return refused(call, findings);
  if (call.plan) return planned(run, facts);
  run.log.write('begin', { region: context.spec.region, file: call.file.name });
  const outcome = await reach(goalsOf(context), facts, world);
  return ended(run, outcome);
}

function refused(call: Call, findings: readonly Report[]): ExitCode {
  call.printer.reports(`${call.file.name}: the region cannot be built like this; nothing was changed`, findings);
  return 2;
}

async function planned({ call, context, hosts }: Run, facts: Facts): Promise<ExitCode> {
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

function ended({ call, context, log }: Run, outcome: Outcome): ExitCode {
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
