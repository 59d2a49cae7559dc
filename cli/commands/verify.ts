// cfha verify: what is judged without breaking anything, and the drills.
import { driftOf } from '../../bootstrap/drift.ts';
import { dirname, resolve } from 'node:path';
import { hostsOf } from '../../bootstrap/hosts.ts';
import { timeOfDayMs } from '../../lib/host/clock.ts';
import { inWords } from '../../lib/yaml/read.ts';
import { readSpec } from '../../bootstrap/read-spec.ts';
import { fingerprint, readSmallFile } from '../../lib/host/files.ts';
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import { ownExecutable } from '../../lib/host/own-executable.ts';
import { decides, judgeAll } from '../../verify/checks.ts';
import type { Facts } from '../../verify/facts.ts';
import { look } from '../../verify/look.ts';
import { thisNode } from '../../verify/places.ts';
import { readCib } from '../../verify/read-cib.ts';
import { staticText } from '../../verify/static-text.ts';
import type { Terminal } from './region.ts';
import { pageOfRegion } from '../../verify/report/html.ts';
import { writeReports, type Files } from './reports.ts';

export type StaticOptions = Files & {
  readonly file: string | undefined;
  readonly resource: string | undefined;
  readonly cib: string | undefined;
  readonly json: boolean;
  readonly all: boolean;
};

/** 0 all held; 1 one did not; 2 could not run. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Judges what is there, and changes nothing. */
export async function staticCommand(
  options: StaticOptions,
  { out, err }: Pick<Terminal, 'out' | 'err'>,
): Promise<ExitCode> {
  try {
    const beganMs = timeOfDayMs();
    const facts = await factsFor(options, err);
    if (facts === undefined) return 2;
    const judged = judgeAll(facts);
    const outcome = { subject: 'region' as const, checks: judged, drills: [], refused: undefined, changed: undefined, facts, beganMs, endedMs: timeOfDayMs() }; // prettier-ignore
    const region = facts.cib.properties['cluster-name'] ?? facts.cib.view.resource;
    if (!writeReports(outcome, { ...options, page: pageOfRegion(outcome, region) }, err)) return 2;
    out(options.json ? `${JSON.stringify({ checks: judged })}\n` : staticText(judged, options.all));
    return judged.some(decides) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    err(`cfha: ${error.message}\n`);
    return 2;
  }
}

async function factsFor({ cib, file, resource }: StaticOptions, err: Terminal['err']): Promise<Facts | undefined> {
  if (cib !== undefined) {
    const read = readSmallFile(resolve(cib), 64 * 1024 * 1024);
    if ('text' in read) return { cib: readCib(read.text, resource), nodes: [], silent: {}, drift: undefined };
    err(`cfha: ${cib} ${read.problem}\n`);
    return undefined;
  }
  if (file === undefined) return { ...(await look(await thisNode(), resource)), drift: undefined };
  const region = readRegionFile(file, err);
  if (region === undefined) return undefined;
  const hosts = hostsOf(region.spec, region.folder);
  const path = ownExecutable();
  try {
    const places = { names: region.spec.nodes.map(({ name }) => name), run: hosts.run };
    const facts = await look(places, resource);
    const executable = path === undefined ? undefined : await fingerprint(path);
    return { ...facts, drift: await driftOf({ ...region, hosts, executable }) };
  } finally {
    await hosts.close();
  }
}

/** The region file and what it names; undefined if anything is wrong with it, which is then said. */
export function readRegionFile(file: string, err: Terminal['err']) {
  const read = readSmallFile(resolve(file));
  if ('problem' in read) {
    err(`cfha: ${file} ${read.problem}\n`);
    return undefined;
  }
  const folder = dirname(resolve(file));
  const spec = readSpec(read.text, folder);
  if (!('problems' in spec)) return { ...spec, folder };
  for (const problem of spec.problems)
    err(`cfha: ${file}: ${inWords(problem)}
`);
  return undefined;
}
