// Carries out the steps that change the server.
import { exists, remove } from '../lib/host/disk.ts';
import type { Argv, Result } from '../lib/host/exec.ts';
import { withIdentity } from '../lib/host/identity.ts';
import { signal, type Process } from '../lib/host/processes.ts';
import { quoted } from '../lib/host/shell.ts';
import { promoteArgv, startArgv } from '../lib/postgres/ctl.ts';
import { lastWords, tablespacesIn } from '../lib/postgres/serverlog.ts';
import { query, type Target } from '../lib/postgres/session.ts';
import { shutDown } from '../lib/postgres/shutdown.ts';
import { endingConflicts } from './act-conflicts.ts';
import { endArchiver, endStrangers, strangersOf } from './holdups.ts';
import { untilSilent } from './archive-watch.ts';
import { lives, pidFileOf, postmasterOf } from './look.ts';
import { passwordOf, target } from './target.ts';
import { primaryEnvironment, setForeignAside } from './timelines.ts';
import { left, type Site } from './site.ts';
import { lastLine, ran, type Outcome, type StepOf } from './outcome.ts';
import type { Reason } from './reasons.ts';
import { protectedArgv, serverEnvironment, serverPath } from './server-environment.ts';
import { describe, type Overruled } from './steps.ts';

/** pg_ctl gives up a second before the agent does, so that it can say so. */
function secondsFor(site: Site): number {
  return Math.max(1, Math.floor(left(site) / 1000) - 1);
}

/** One text, which pg_ctl hands to a shell. Of two options that are alike the last one counts. */
function serverOptionsFor(step: StepOf<'start server'>, { call }: Site): string {
  const { config, pghost, start_opt: own } = call.parameters;
  const ours = (step.over ?? []).map(({ name, value }) => `-c ${quoted(`${name}=${value}`)}`);
  return [`-c config_file=${config}`, pghost === '' ? '' : `-h ${pghost}`, own, ...ours, ...sources(step)]
    .filter(Boolean)
    .join(' ');
}

/** From where a standby takes no WAL, whatever the configuration has. */
function sources({ withoutArchive, isolated }: StepOf<'start server'>): readonly string[] {
  return [
    ...(isolated === true ? ['-c primary_conninfo='] : []),
    ...(isolated === true || withoutArchive === true ? ['-c restore_command='] : []),
  ];
}

export async function startServer(step: StepOf<'start server'>, site: Site): Promise<Outcome> {
  const p = site.call.parameters;
  const argv = startArgv({
    pgctl: p.pgctl,
    data: p.pgdata,
    logfile: p.logfile,
    ctlOptions: p.ctl_opt,
    serverOptions: serverOptionsFor(step, site),
    seconds: secondsFor(site),
    wait: step.unattended !== true,
  });
  const aside = await setForeignAside(site);
  const env = step.askingPrimary === true ? await primaryEnvironment(site) : {};
  const result = await untilSilent(site, 'start', asOwner(site, argv, env));
  if (result !== undefined && result.code !== 0) return { failed: await whyDied(site, result) };
  if (aside !== undefined) return { remark: { code: 'HISTORY_ASIDE', what: aside } };
  return step.over === undefined ? {} : { remark: remarkOn(step.over) };
}

async function whyDied(site: Site, result: Result): Promise<Reason> {
  const { logfile, pgdata, pgdba: user } = site.call.parameters;
  const what = lives(site) ? undefined : await setForeignAside(site);
  if (what !== undefined) return { code: 'FOREIGN_HISTORY', what };
  // A directory that is there again is not why: the log may hold an earlier end.
  const directory = tablespacesIn(logfile, pgdata).find((one) => !exists(one));
  return directory === undefined
    ? { code: 'SERVER_DIED', message: lastLine(result), log: lastWords(logfile, pgdata) }
    : { code: 'TABLESPACE_MISSING', directory, user };
}

function remarkOn(over: readonly Overruled[]): Reason {
  return { code: 'SETTINGS_OVERRULED', settings: over.map(({ name, instead }) => `${name}: ${instead}`).join(', ') };
}

export async function promoteServer(site: Site): Promise<Outcome> {
  const { pgctl, pgdata } = site.call.parameters;
  const argv = promoteArgv({ pgctl, data: pgdata, seconds: secondsFor(site) });
  const { result, ended } = await endingConflicts(ownSession(site), untilSilent(site, 'promote', asOwner(site, argv)));
  const remark: Outcome = ended > 0 ? { remark: { code: 'SESSIONS_ENDED', count: ended } } : {};
  return result === undefined ? remark : { ...remark, ...ran({ do: 'promote server' }, result) };
}

/** As pgdba with all its groups: the server's key may be readable by a group only. */
async function asOwner(site: Site, argv: Argv, more: Readonly<Record<string, string>> = {}): Promise<Result> {
  const p = site.call.parameters;
  const given = site.environment?.() ?? {};
  const server = { port: p.pgport, home: site.user.home, libraries: p.pglibs };
  const env = { ...serverEnvironment(given, server), ...more };
  const own = withIdentity(site.user, ['env', `PATH=${serverPath(given)}`, ...argv]);
  return site.exec({ argv: protectedArgv(own), env, cwd: p.pgdata, timeoutMs: left(site) });
}

export async function stopServer(step: StepOf<'stop server'>, site: Site): Promise<Outcome> {
  const data = site.call.parameters.pgdata;
  const postmaster = postmasterOf(site, pidFileOf(site));
  if (postmaster === undefined) return {};
  // Immediate at the latest when a third is left; SIGKILL while there is time to see it work.
  const killMs = Math.max(500, left(site) - 4000);
  const fastMs = Math.min(step.fastSeconds * 1000, Math.max(0, killMs - 2000));
  const ended = new Set<string>();
  const how = await shutDown(postmaster, data, {
    fastMs,
    killMs,
    meanwhile: await releases(postmaster, ended, { site, fastMs }),
  });
  if (how === 'still alive')
    return { failed: { code: 'DEADLINE', step: 'stop server, after SIGKILL', seconds: site.call.timeoutMs / 1000 } };
  remove(`${data}/postmaster.pid`);
  const asked = how === 'fast' || (how === 'immediate' && step.fastSeconds === 0);
  if (!asked) return { remark: { code: 'STOP_ESCALATED', how, seconds: Math.round(fastMs / 1000) } };
  return ended.size === 0 ? {} : { remark: { code: 'STOP_RELEASED', who: [...ended].join(', ') } };
}

/** In milliseconds: clients wait for a demotion, and a standby that wants all has it in a second. */
const strangersMs = 5000;
const archiverMs = 10_000;

/** Who is not waited for any longer, and from when on. `ended`: whom it has ended. */
async function releases(postmaster: Process, ended: Set<string>, { site, fastMs }: { site: Site; fastMs: number }) {
  if (fastMs === 0) return [];
  const strangers = await strangersOf(postmaster, ownSession(site), site.call);
  const first = Math.min(strangersMs, fastMs / 3);
  return [
    // One that can't even send its farewell ends at the second time.
    ...[0, 500, 1000, 2000].map((ms) => ({
      ms: first + ms,
      call: () => endStrangers(strangers).forEach((who) => ended.add(who)),
    })),
    { ms: Math.min(archiverMs, fastMs / 2), call: () => endArchiver(postmaster).forEach((who) => ended.add(who)) },
  ];
}

export function reloadServer(site: Site): Outcome {
  const postmaster = postmasterOf(site, pidFileOf(site));
  if (postmaster !== undefined) signal(postmaster, 'SIGHUP');
  return {};
}

/** What the monitor's user may not. */
function ownSession(site: Site): Target {
  const { pgdba } = site.call.parameters;
  return { ...target(site, pidFileOf(site)), user: pgdba, password: passwordOf(pgdba, site), owner: true };
}

/** A third of the time at most, and no longer than it takes a server that answers to be told from one that does not. */
export async function checkpoint(site: Site): Promise<Outcome> {
  const owner = ownSession(site);
  const [answer] = await query({ ...owner, timeoutMs: 2000 }, (rows) => (rows.length === 0 ? 'select 1' : undefined));
  if (answer === undefined || 'failure' in answer) return {};
  await query({ ...owner, timeoutMs: left(site) / 3 }, (rows) => (rows.length === 0 ? 'checkpoint' : undefined));
  return {};
}

export async function resumeReplay(site: Site): Promise<Outcome> {
  const [answer] = await query(ownSession(site), (rows) =>
    rows.length === 0 ? 'select pg_wal_replay_resume()' : undefined,
  );
  return answer !== undefined && 'failure' in answer
    ? { remark: { code: 'STEP_FAILED', step: 'resume replay', message: answer.failure.message } }
    : {};
}

/** Names hold lower-case letters, digits and underscores only: rules/slots.ts. */
const sqlOfSlot = {
  drop: (name: string) =>
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${name}' and not active`,
  create: (name: string) =>
    `select pg_create_physical_replication_slot('${name}') where not exists (select from pg_replication_slots where slot_name = '${name}')`,
} as const;

const statementsOf = {
  'create slot': [sqlOfSlot.create],
  'drop slot': [sqlOfSlot.drop],
  'renew slot': [sqlOfSlot.drop, sqlOfSlot.create],
} as const;

/** A slot that cannot be changed is no reason to demote a primary, or to keep a standby from running: the next monitor tries again. */
export async function changeSlot(step: StepOf<keyof typeof statementsOf>, site: Site): Promise<Outcome> {
  const statements = statementsOf[step.do].map((sql) => sql(step.name));
  const answers = await query(ownSession(site), (rows) => statements[rows.length]);
  const failed = answers.find((answer) => 'failure' in answer);
  return failed === undefined
    ? {}
    : { remark: { code: 'STEP_FAILED', step: describe(step), message: failed.failure.message } };
}
