// cfha verify with drills; its list; and the undoing of what an interrupted one has left.
import { networkInterfaces } from 'node:os';
import { driftOf } from '../../bootstrap/drift.ts';
import { hostsOf } from '../../bootstrap/hosts.ts';
import type { Passwords } from '../../bootstrap/read-secrets.ts';
import type { Spec } from '../../bootstrap/spec.ts';
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import { fingerprint } from '../../lib/host/files.ts';
import { ownExecutable } from '../../lib/host/own-executable.ts';
import { chosen, drills } from '../../verify/drills/all.ts';
import type { Drill, Situation } from '../../verify/drills/drill.ts';
import type { Expectations } from '../../verify/drills/result.ts';
import type { World } from '../../verify/playing.ts';
import { thisNode, type Places } from '../../verify/places.ts';
import { pageOfRegion } from '../../verify/report/html.ts';
import { listText, outcomeText, resultText, verdictOf } from '../../verify/report/text.ts';
import { verify, type Outcome } from '../../verify/run.ts';
import type { Target } from '../../verify/session.ts';
import { undoing } from '../../verify/undo.ts';
import { tidy } from '../../verify/writer.ts';
import { readRegionFile, type ExitCode } from './verify.ts';
import type { Terminal } from './region.ts';
import { writeReports, type Files } from './reports.ts';

export type DrillOptions = Files & {
  readonly file: string;
  readonly resource: string | undefined;
  readonly only: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
  readonly maxGapSeconds: number | undefined;
  readonly noLoss: boolean;
};

export type Asking = Terminal & { readonly line: ((question: string) => Promise<string>) | undefined };
type Region = { readonly spec: Spec; readonly passwords: Passwords; readonly folder: string };

export function listCommand({ out }: Pick<Terminal, 'out'>): ExitCode {
  out(listText(drills));
  return 0;
}

export async function drillsCommand(options: DrillOptions, terminal: Asking): Promise<ExitCode> {
  const wanted = chosen(options.only);
  if ('unknown' in wanted) {
    terminal.err(`cfha: there is no drill ${wanted.unknown}; cfha verify --list\n`);
    return 2;
  }
  const region = readRegionFile(options.file, terminal.err);
  if (region === undefined) return 2;
  const hosts = hostsOf(region.spec, region.folder, 'impatient');
  const places = { names: region.spec.nodes.map(({ name }) => name), run: hosts.run };
  try {
    const outcome = await verify({
      ...{ drills: wanted, resource: options.resource, drift: await drift(region), database: region.spec.postgres.database.name },
      world: worldOf(region, places, terminal),
      expected: expectations(options, region.spec),
      onNode: ownNode(region.spec),
      consents: (situation, all) => consents(options, { situation, all, region: region.spec.region }, terminal),
      progress: (result) => terminal.err(resultText(result)),
    });
    const written = writeReports(outcome, { ...options, page: pageOfRegion(outcome, region.spec.region) }, terminal.err);
    return written ? tell(outcome, options, terminal) : 2;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    terminal.err(`cfha: ${error.message}\n`);
    return 2;
  } finally {
    await hosts.close();
  }
} // prettier-ignore

/** What the command line says goes before what the file says. */
function expectations({ maxGapSeconds, noLoss }: DrillOptions, { verify: file }: Spec): Expectations {
  return { maxGapSeconds: maxGapSeconds ?? file.max_gap, noLoss: noLoss || file.no_loss === 'always' };
}

function tell(outcome: Outcome, { json }: DrillOptions, { out, stopping }: Terminal): ExitCode {
  const verdict = verdictOf(outcome);
  if (json)
    out(
      `${JSON.stringify({ verdict, ...outcome, refused: outcome.refused ?? null, changed: outcome.changed ?? null, facts: undefined })}\n`,
    );
  else out(outcomeText(outcome));
  return stopping() ? 130 : verdict.code;
}

async function drift({ spec, passwords, folder }: Region): Promise<readonly string[] | undefined> {
  const hosts = hostsOf(spec, folder);
  const path = ownExecutable();
  try {
    return await driftOf({ spec, passwords, hosts, executable: path === undefined ? undefined : await fingerprint(path) });
  } finally {
    await hosts.close();
  }
} // prettier-ignore

function targetAt({ spec, passwords }: Region, host: string): Target {
  const { port, database } = spec.postgres;
  return { host, port, database: database.name, user: database.owner, password: passwords.owner };
}

function worldOf(region: Region, places: Places, { err, stopping }: Terminal): World {
  return {
    ...{ places, stopping },
    target: targetAt(region, region.spec.vip.address),
    targets: Object.fromEntries(region.spec.nodes.map(({ name, address }) => [name, targetAt(region, address)])),
    tell: (line) => err(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
  };
}

function ownNode(spec: Spec): string | undefined {
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  return spec.nodes.find(({ address }) => own.includes(address))?.name;
}

type Asked = { readonly situation: Situation; readonly all: readonly Drill[]; readonly region: string };

async function consents({ yes }: DrillOptions, { situation, all, region }: Asked, { err, line }: Asking): Promise<boolean> {
  err(`Region ${region}: ${situation.primary} is the primary. These drills will be played, one after the other:\n`);
  for (const { name, breaks, clients } of all) err(`  ${name.padEnd(18)} breaks ${breaks}; clients wait ${clients}\n`);
  if (yes) return true;
  if (line === undefined) err('cfha: say --yes to do it\n');
  return line !== undefined && (await line(`Type the name of the region to begin: `)).trim() === region;
} // prettier-ignore

/** Undoes what is recorded on the nodes: of the region file, or on this node alone. */
export async function undoCommand(file: string | undefined, { out, err }: Pick<Terminal, 'out' | 'err'>): Promise<ExitCode> {
  if (file === undefined) return undoAt(await thisNode(), { out, err });
  const region = readRegionFile(file, err);
  if (region === undefined) return 2;
  const hosts = hostsOf(region.spec, region.folder, 'impatient');
  try {
    const code = await undoAt({ names: region.spec.nodes.map(({ name }) => name), run: hosts.run }, { out, err });
    if (await tidy(targetAt(region, region.spec.vip.address))) return code;
    err('cfha: the schema cfha_verify could not be dropped: nobody takes writes; the same command again, when cfha status says that somebody does\n');
    return 1;
  } finally {
    await hosts.close();
  }
} // prettier-ignore

async function undoAt(places: Places, { out, err }: Pick<Terminal, 'out' | 'err'>): Promise<ExitCode> {
  const results = await Promise.all(places.names.map(async (name) => ({ name, ...(await undoing(places, name)) })));
  for (const { name, code, stdout, stderr } of results) {
    if (code !== 0) err(`cfha: ${name}: not undone: ${stderr.trim() || 'it does not answer'}\n`);
    else out(stdout.includes('undone') ? `${name}: undone\n` : `${name}: nothing is left to undo\n`);
  }
  return results.every(({ code }) => code === 0) ? 0 : 1;
}
