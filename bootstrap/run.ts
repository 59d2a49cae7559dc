// cfha bootstrap: read the file, look, find what forbids to begin, then plan or reach the goals.
import type { Call, Run } from './call.ts';
import { answeringOf, contextFor } from './answering.ts';
import type { Context } from './context.ts';
import { clocks, probe, tryPorts } from './asking.ts';
import { compared, ended, openGoals, planned, type ExitCode } from './conclusions.ts';
import { on, type Facts } from './facts.ts';
import { alikeFindings, clockFindings } from './findings/alike.ts';
import { hostFindings } from './findings/hosts.ts';
import { hostsOf, type Hosts } from './hosts.ts';
import { surveyed } from './installing.ts';
import { lockNodes } from './lock.ts';
import { serverVersion } from './layout.ts';
import { goalsOf } from './plan.ts';
import { isInUse, regionFindings, type Evidence } from './preflight.ts';
import { reach } from './reach.ts';
import { readSpec } from './read-spec.ts';
import type { Passwords } from './read-secrets.ts';
import { isNote, mayBeAccepted, type Report } from './reports.ts';
import type { Spec } from './spec.ts';
import { realWorld, secretsOf } from './world.ts';
import { fileLog, noLog } from '../lib/host/log.ts';

/** Makes a region of two or three servers, or goes on making it. */
export async function bootstrap(call: Call): Promise<ExitCode> {
  const read = readSpec(call.file.text, call.file.folder);
  if ('problems' in read) {
    call.printer.problems(call.file.name, read.problems);
    return 2;
  }
  const wrong = call.accept.filter((code) => !mayBeAccepted(code));
  if (wrong.length > 0) {
    const expected = 'the code of a finding that says it may be accepted (docs/messages.md)';
    call.printer.problems(call.file.name, wrong.map((given) => ({ path: '--accept', given, expected }))); // prettier-ignore
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
  const accepted = [...call.accept, ...spec.accept];
  const installed = await surveyed({ call, spec, passwords, hosts }, (found) => sorted(found, accepted).forbidding.length > 0); // prettier-ignore
  if ('ended' in installed) return installed.ended;
  const { surveys } = installed;
  const answering = answeringOf(surveys);
  const findings = [
    ...(call.executable === undefined ? [{ code: 'NOT_BUILT' } as const] : []),
    ...Object.entries(surveys).flatMap(([host, one]) => hostFindings(host, one, { spec, arch: call.arch })),
    ...alikeFindings(spec, answering, serverVersion(spec, answering)),
  ];
  const context = contextFor({ spec, passwords, executable: call.executable }, answering);
  if ('code' in context) {
    const all = [...findings, ...(answering.length === 0 ? [] : [context])];
    return refused(call, sorted(all, accepted));
  }
  const log =
    call.logFile === undefined || call.doing !== 'apply' ? noLog : await fileLog(call.logFile, secretsOf(context));
  const world = realWorld(
    { context, hosts, printer: call.printer, log, stopping: call.stopping, mayRestart: call.restart },
    answering.map((s) => s.host),
  );
  try {
    return await checked({ call, context, hosts, world, log }, findings);
  } finally {
    await log.close();
  }
}

/** The border: behind it things are changed. */
async function checked(run: Run, before: readonly Report[]): Promise<ExitCode> {
  const { call, context, hosts, world } = run;
  const accepted = [...call.accept, ...context.spec.accept];
  const seen = await world.look();
  if ('lost' in seen) return refused(call, sorted([...before, seen.lost], accepted));
  const { facts } = seen;
  const findings = sorted([...before, ...(await evidenceFindings(run, facts))], accepted);
  if (call.doing === 'check') return compared(run, facts, findings.forbidding);
  if (findings.forbidding.length > 0) return refused(call, findings);
  call.printer.notes(findings);
  if (call.doing === 'plan') return planned(run, facts);
  const lock = await lockNodes(hosts, call.who, context.spec.nodes.map(({ name }) => name)); // prettier-ignore
  if ('code' in lock) return refused(call, sorted([lock], []));
  return applied(run, accepted).finally(lock.release);
}

/** Behind the lock: nobody else changes anything, and what was seen before may have been changed meanwhile. */
async function applied(run: Run, accepted: readonly string[]): Promise<ExitCode> {
  const { call, context, world } = run;
  const seen = await world.look();
  if ('lost' in seen) return refused(call, sorted([seen.lost], []));
  const needed = restartNeeded(run, seen.facts);
  if (needed !== undefined) return refused(call, sorted([needed], []));
  run.log.write('begin', { region: context.spec.region, file: call.file.name, accepted });
  return ended(run, await reach(goalsOf(context), seen.facts, world));
}

/** Pacemaker restarts what it is given new parameters of: a person says when. */
function restartNeeded({ call, context }: Run, facts: Facts): Report | undefined {
  if (call.restart) return undefined;
  const goal = openGoals(goalsOf(context), facts).find((one) => one.goal.id === 'cluster/parameters');
  if (goal === undefined) return undefined;
  return { code: 'RESTART_NEEDED', restarts: goal.restarts.join(' and '), what: goal.lacks.join('; ') };
}

/** A region that is configured proves its fencing by itself, every minute, and its nodes talk to each other. */
async function evidenceFindings({ call: { doing }, context, hosts }: Run, facts: Facts): Promise<Report[]> {
  const names = Object.keys(facts.hosts);
  const none: Pick<Evidence, 'probes' | 'ports'> = { probes: {}, ports: {} };
  const offsets = await clocks(hosts, names);
  const evidence = doing === 'check' || isInUse(context, facts) ? none : await tried(context, hosts, facts);
  return [...clockFindings(offsets), ...regionFindings(context, { facts, ...evidence })];
}

async function tried(context: Context, hosts: Hosts, facts: Facts): Promise<Pick<Evidence, 'probes' | 'ports'>> {
  const names = Object.keys(facts.hosts);
  const atHome = context.spec.nodes.filter(({ name, address }) => {
    return names.includes(name) && on(facts, name).addresses.includes(address);
  });
  const ports = await tryPorts(context, hosts, atHome);
  return { probes: await probe(context, hosts, names), ports };
}

/** Findings by what they are to this run. */
export type Sorted = {
  readonly forbidding: readonly Report[];
  readonly accepted: readonly Report[];
  readonly notes: readonly Report[];
};

function sorted(findings: readonly Report[], codes: readonly string[]): Sorted {
  const serious = findings.filter((report) => !isNote(report));
  const isAccepted = ({ code }: Report) => mayBeAccepted(code) && codes.includes(code);
  return {
    forbidding: serious.filter((report) => !isAccepted(report)),
    accepted: serious.filter(isAccepted),
    notes: findings.filter(isNote),
  };
}

function refused(call: Call, findings: Sorted): ExitCode {
  call.printer.notes(findings);
  const { forbidding } = findings;
  call.printer.reports(`${call.file.name}: the region cannot be built like this; nothing was changed`, forbidding);
  return 2;
}
