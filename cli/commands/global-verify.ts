// cfha global verify: from a host that is neither of the two sites, as clients are.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../global/site.ts';
import { configFile } from '../../global/site-name.ts';
import type { Spec } from '../../global/spec.ts';
import { isOwnAddress } from '../../lib/host/addresses-here.ts';
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import { pathFrom, readSmallFile } from '../../lib/host/files.ts';
import { sshConnections } from '../../lib/host/ssh.ts';
import { findPassword } from '../../lib/postgres/passfile.ts';
import { inWords } from '../../lib/yaml/read.ts';
import { chosenOf, pairDrills, type PairDrill } from '../../verify/pair/drills.ts';
import { statuses } from '../../verify/pair/look.ts';
import { pageOfPair } from '../../verify/pair/page.ts';
import { checkPair, verifyPair, type PairFindings } from '../../verify/pair/run.ts';
import type { PairWorld } from '../../verify/pair/play.ts';
import type { Places } from '../../verify/places.ts';
import { listText, outcomeText, resultText, verdictOf } from '../../verify/report/text.ts';
import type { Target } from '../../verify/session.ts';
import { staticText } from '../../verify/static-text.ts';
import { decides } from '../../verify/checks.ts';
import { undoing } from '../../verify/undo.ts';
import { tidy } from '../../verify/writer.ts';
import type { Asking } from './drills.ts';
import type { Terminal } from './region.ts';
import { writeReports, type Files } from './reports.ts';

export type PairOptions = Files & {
  readonly config: string | undefined;
  readonly passfile: string | undefined;
  readonly only: readonly string[];
  readonly maxGapSeconds: number | undefined;
} & Readonly<Record<'static' | 'list' | 'undo' | 'yes' | 'json' | 'all' | 'noLoss', boolean>>;

type Pair = { readonly spec: Spec; readonly places: Places; readonly targets: Readonly<Record<string, Target>> };

/** Exit code: 0 all held; 1 something did not; 2 it could not run; 130 interrupted. */
export async function verifyPairCommand(options: PairOptions, terminal: Asking): Promise<number> {
  if (options.list) {
    terminal.out(listText(pairDrills));
    return 0;
  }
  const wanted = chosenOf(options.only);
  if ('unknown' in wanted) return refuse(terminal, `there is no drill ${wanted.unknown}; cfha global verify --list`);
  const spec = specOf(options, terminal);
  if (spec === undefined) return 2;
  const own = [spec.first, spec.second].find(({ address }) => isOwnAddress(address));
  if (own !== undefined)
    return refuse(terminal, `${own.host} is one of the two sites, which their gates let pass: run it on a third host, as a witness, that reaches both by ssh`); // prettier-ignore
  const ssh = sshConnections({ aliveSeconds: 2, aliveCount: 5 });
  try {
    return await performed(options, { spec, wanted, places: placesOf(spec, ssh) }, terminal);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    return refuse(terminal, error.message);
  } finally {
    await ssh.close();
  }
} // prettier-ignore

type Given = { readonly spec: Spec; readonly wanted: readonly PairDrill[]; readonly places: Places };

async function performed(options: PairOptions, { spec, wanted, places }: Given, terminal: Asking): Promise<number> {
  if (options.static) return told(await checkPair(places, spec), { options, spec, terminal });
  const targets = targetsOf(spec, options.passfile);
  if ('problem' in targets) return refuse(terminal, targets.problem);
  if (options.undo) return undo({ spec, places, targets: targets.targets }, terminal);
  const findings = await verifyPair({
    ...{ spec, drills: wanted, world: worldOf({ spec, places, targets: targets.targets }, terminal) },
    expected: { maxGapSeconds: options.maxGapSeconds, noLoss: options.noLoss },
    consents: (drills) => consents(options, { drills, spec }, terminal),
    progress: (result) => terminal.err(resultText(result)),
  });
  return told(findings, { options, spec, terminal });
}

function refuse({ err }: Pick<Terminal, 'err'>, text: string): 2 {
  err(`cfha: ${text}\n`);
  return 2;
}

function specOf({ config = configFile }: PairOptions, { err }: Pick<Terminal, 'err'>): Spec | undefined {
  const found = readConfig(config, { asksWitnesses: false });
  if (!('problems' in found)) return found.spec;
  for (const problem of found.problems) err(`${config}: ${inWords(problem)}\n`);
  return undefined;
}

function placesOf({ first, second, ssh: { user, port, identity } }: Spec, ssh: ReturnType<typeof sshConnections>): Places {
  const connections = new Map([first, second].map(({ host, address }) => [host, ssh.to({ address, user, port, identity })]));
  return {
    names: [first.host, second.host],
    run: (host, command) => {
      const connection = connections.get(host);
      if (connection === undefined) throw new Error(`${host} is no site of the pair`);
      return connection.exec(command);
    },
  };
} // prettier-ignore

/** The check user's passwords: from the file that is named, the pair's own where it is here, or this user's. */
function targetsOf({ first, second, database, postgres }: Spec, given: string | undefined): { targets: Pair['targets'] } | { problem: string } {
  const files = given === undefined ? [database.passfile, join(homedir(), '.pgpass')] : [pathFrom('.', given)];
  const texts = files.flatMap((file) => { const read = readSmallFile(file); return 'text' in read ? [read.text] : []; });
  const { name, user } = database;
  const all = [first, second].map(({ host, address }) => {
    const of = { port: String(postgres.port), database: name, user };
    const password = texts.flatMap((text) => findPassword(text, { host: address, ...of }) ?? findPassword(text, { host, ...of }) ?? [])[0];
    return { host, target: password === undefined ? undefined : { host: address, port: postgres.port, database: name, user, password } };
  });
  const without = all.find(({ target }) => target === undefined);
  if (without !== undefined) return { problem: `no password of ${user} for ${without.host}: a line ADDRESS:${String(postgres.port)}:${name}:${user}:… in ${files.join(' or ')}` };
  return { targets: Object.fromEntries(all.flatMap(({ host, target }) => (target === undefined ? [] : [[host, target]]))) };
} // prettier-ignore

function worldOf({ places, targets }: Pair, { err, stopping }: Terminal): PairWorld {
  return { places, targets, stopping, tell: (line) => err(`${new Date().toISOString().slice(11, 19)} ${line}\n`) };
}

type Telling = { readonly options: PairOptions; readonly spec: Spec; readonly terminal: Terminal };

function told(findings: PairFindings, { options, spec, terminal: { out, err, stopping } }: Telling): number {
  if (!writeReports(findings, { ...options, page: pageOfPair(findings, spec) }, err)) return 2;
  const verdict = verdictOf(findings);
  const { facts: _, ...report } = findings;
  if (options.json) out(`${JSON.stringify({ verdict, ...report, refused: findings.refused ?? null, changed: findings.changed ?? null })}\n`);
  else out(options.static ? staticText(findings.checks, options.all) : outcomeText(findings));
  if (stopping()) return 130;
  return options.static ? Number(findings.checks.some(decides)) : verdict.code;
} // prettier-ignore

type Asked = { readonly drills: readonly PairDrill[]; readonly spec: Spec };

async function consents({ yes }: PairOptions, { drills, spec: { first } }: Asked, { err, line }: Asking): Promise<boolean> {
  err(`${first.host} is the primary. These drills will be played, one after the other, and ${first.host} is the primary again after each:\n`);
  for (const { name, breaks, clients } of drills) err(`  ${name.padEnd(12)} breaks ${breaks}; clients wait ${clients}\n`);
  if (yes) return true;
  if (line === undefined) err('cfha: say --yes to do it\n');
  return line !== undefined && (await line(`Type ${first.host} to begin: `)).trim() === first.host;
} // prettier-ignore

async function undo({ places, targets }: Pair, { out, err }: Terminal): Promise<0 | 1> {
  const results = await Promise.all(places.names.map(async (host) => ({ host, ...(await undoing(places, host)) })));
  for (const { host, code, stdout, stderr } of results) {
    if (code !== 0) err(`cfha: ${host}: not undone: ${stderr.trim() || 'it does not answer'}\n`);
    else out(stdout.includes('undone') ? `${host}: undone\n` : `${host}: nothing is left to undo\n`);
  }
  await tellWhatIsToDo(places, out);
  const dropped = await tidy(Object.values(targets));
  if (!dropped)
    err(
      'cfha: the schema cfha_verify could not be dropped: nobody takes writes; the same command again, when cfha global status says that somebody does\n',
    );
  return dropped && results.every(({ code }) => code === 0) ? 0 : 1;
}

/** A failover is not undone by a script: what is to be done then, each site says. */
async function tellWhatIsToDo(places: Places, out: Terminal['out']): Promise<void> {
  for (const [host, status] of Object.entries(await statuses(places)))
    if (status !== undefined && status.todo !== 'nothing') out(`${host}: to do: ${status.todo}\n`);
}
