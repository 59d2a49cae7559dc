// Packages, before all else: without programs nothing can be asked of a node. The other findings wait for them.
import { answeringOf } from './answering.ts';
import { survey } from './asking.ts';
import type { Call } from './call.ts';
import { openGoals, unfinished, type ExitCode } from './conclusions.ts';
import { alikeFindings } from './findings/alike.ts';
import { hostFindings, type Surveyed } from './findings/hosts.ts';
import { packages, type Surveys } from './goals/packages.ts';
import type { Hosts } from './hosts.ts';
import { lockNodes } from './lock.ts';
import { reach, type World } from './reach.ts';
import type { Passwords } from './read-secrets.ts';
import type { Report } from './reports.ts';
import type { Spec } from './spec.ts';
import { acting } from './world.ts';
import { fileLog, noLog } from '../lib/host/log.ts';

export type Given = { readonly call: Call; readonly spec: Spec; readonly passwords: Passwords; readonly hosts: Hosts };

/** What each node is, with its packages; or how the run ended. */
export type Installed = { readonly surveys: Readonly<Record<string, Surveyed>> } | { readonly ended: ExitCode };

/** What packages cure. */
const cured: readonly Report['code'][] = ['PROGRAM_MISSING', 'NO_SERVER', 'NO_POSTGRES_USER'];

/** Surveys the nodes, and installs what is missing, if the file asks for it and nothing else forbids to begin. */
export async function surveyed(given: Given, forbids: (findings: readonly Report[]) => boolean): Promise<Installed> {
  const { call, spec, hosts } = given;
  const surveys = await survey(spec, hosts);
  const first = surveysOf(surveys);
  const open = openGoals(packages(spec), first);
  if (open.length === 0 || call.doing === 'check' || forbids(otherFindings(given, surveys))) return { surveys };
  if (call.doing === 'plan') {
    call.printer.plan(open.map((one) => ({ ...one, commands: one.goal.commands(first) })), undefined); // prettier-ignore
    const says = `region ${spec.region}: packages are to be installed; what comes after them can be planned when they are there; nothing was changed`;
    call.printer.end('plan', says, { goals: open.length });
    return { ended: 0 };
  }
  return install(given, first);
}

function otherFindings({ call: { arch }, spec }: Given, surveys: Readonly<Record<string, Surveyed>>): Report[] {
  const all = [
    ...Object.entries(surveys).flatMap(([host, one]) => hostFindings(host, one, { spec, arch })),
    ...alikeFindings(spec, answeringOf(surveys), undefined),
  ];
  return all.filter(({ code }) => !cured.includes(code));
}

const surveysOf = (surveys: Readonly<Record<string, Surveyed>>): Surveys =>
  Object.fromEntries(answeringOf(surveys).map((one) => [one.host, one]));

async function install(given: Given, first: Surveys): Promise<Installed> {
  const { call, spec, hosts } = given;
  const names = spec.nodes.map(({ name }) => name);
  const lock = await lockNodes(hosts, call.who, names);
  if ('code' in lock) {
    call.printer.reports(`${call.file.name}: nothing was changed`, [lock]);
    return { ended: 2 };
  }
  const { fencing, ...others } = given.passwords;
  const secrets = [...Object.values(fencing), ...Object.values(others)].filter((secret) => secret !== '');
  const log = call.logFile === undefined ? noLog : await fileLog(call.logFile, secrets);
  try {
    let seen: Readonly<Record<string, Surveyed>> = {};
    const world: World<Surveys> = {
      ...acting({ hosts, log, secrets, printer: call.printer, stopping: call.stopping, mayRestart: call.restart }),
      look: async () => {
        seen = await survey(spec, hosts);
        const lost = names.find((name) => !(name in surveysOf(seen)));
        if (lost === undefined) return { facts: surveysOf(seen) };
        return { lost: { code: 'HOST_LOST', host: lost, because: 'it could be looked at before' } };
      },
      evidence: () => Promise.resolve(''),
    };
    const outcome = await reach(packages(spec), first, world);
    return outcome.ended === 'done' ? { surveys: seen } : { ended: unfinished(call, spec.region, outcome) };
  } finally {
    await log.close();
    await lock.release();
  }
}
