// Plays the reports of what broke other tools, each on what it needs, and prints what happened before and happens now.
//   scripts/with-node test/reports/run.ts [--core] [--case TEXT] [--setup SETUP] [--name NAME] [--keep] [--list]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, upstreamAgent } from '../differential/programs.ts';
import { isEnclosed, runEnclosed } from '../differential/rig.ts';
import { concluded } from '../scenarios/scenario.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import { ensureExecutable, stageOn } from '../scenarios/stage.ts';
import { missingIn, readCases } from './all-cases.ts';
import type { Case, FunctionCase, ServersCase, TestbedCase } from './case.ts';
import { playFunctions, playOnTestbed, playServers } from './play.ts';
import { countsOf, missingResult, tableText, type Result } from './result.ts';

const { values: options } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    case: { type: 'string', multiple: true, default: [] },
    setup: { type: 'string', default: '' },
    name: { type: 'string', default: 'test' },
    keep: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const labelOf = ({ number, kind, setup, title }: Case): string =>
  `${String(number).padStart(2, '0')} (kind ${kind}, ${setup}) ${title}`;

/** `--case`: a part of what `--list` prints; may be given more than once. */
function chosenOf(cases: readonly Case[]): readonly Case[] {
  return cases.filter(
    (told) =>
      (told.core || !options.core) &&
      (options.setup === '' || told.setup === options.setup) &&
      (options.case.length === 0 || options.case.some((text) => labelOf(told).includes(text))),
  );
}

const ofFunctions = (cases: readonly Case[]) => cases.filter((told): told is FunctionCase => told.setup === 'function');
const ofServers = (cases: readonly Case[]) => cases.filter((told): told is ServersCase => told.setup === 'servers');
const ofTestbed = (cases: readonly Case[]) => cases.filter((told): told is TestbedCase => told.setup === 'testbed');

/** Servers need namespaces of their own, where this program runs once more and leaves its results in a file. */
const resultsFile = 'CFHA_REPORTS_RESULTS';

async function enclosedServers(cases: readonly ServersCase[]): Promise<readonly Result[]> {
  if (cases.length === 0) return [];
  install({ postgresql: '/usr/lib/postgresql', 'resource-agents': upstreamAgent });
  await ensureExecutable(say);
  const folder = mkdtempSync(join(tmpdir(), 'cfha-reports-'));
  const file = join(folder, 'results.json');
  try {
    runEnclosed({ [resultsFile]: file });
    return JSON.parse(readFileSync(file, 'utf8')) as readonly Result[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A testbed for each suite; on it a region is bootstrapped once for each mode, and restored between its cases. */
async function onTestbeds(cases: readonly TestbedCase[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const suite of ['bookworm', 'trixie'] as const) {
    const own = cases.filter((told) => (told.suite ?? 'bookworm') === suite);
    if (own.length > 0) results.push(...(await onTestbedOf(suite, own)));
  }
  return results;
}

async function onTestbedOf(suite: 'bookworm' | 'trixie', cases: readonly TestbedCase[]): Promise<readonly Result[]> {
  const [name, kind] = suite === 'bookworm' ? [options.name, {}] : [`${options.name}-13`, { suite }];
  const results: Result[] = [];
  await onTestbed({ name, keep: options.keep && suite === 'bookworm', say, kind }, async ({ testbed }) => {
    for (const mode of ['async', 'sync'] as const) {
      const own = cases.filter((told) => (told.mode ?? 'async') === mode);
      if (own.length > 0) results.push(...(await playOnTestbed(stageOn(testbed, say, { mode }), own)));
    }
    return 0;
  });
  return results;
}

async function playAll(chosen: readonly Case[]): Promise<readonly Result[]> {
  return [
    ...(await playFunctions(ofFunctions(chosen), say)),
    ...(await enclosedServers(ofServers(chosen))),
    ...(await onTestbeds(ofTestbed(chosen))),
  ];
}

const cases = await readCases();
const chosen = chosenOf(cases);
const enclosedResults = process.env[resultsFile];
if (options.list) {
  for (const told of cases) say(`${labelOf(told)}${told.core ? ' [core]' : ''}`);
  say(`reports without a case: ${missingIn(cases).join(' ') || 'none'}`);
} else if (isEnclosed() && enclosedResults !== undefined) {
  writeFileSync(enclosedResults, JSON.stringify(await playServers(ofServers(chosen), say)));
} else {
  const whole = !options.core && options.case.length === 0 && options.setup === '';
  const results = [...(await playAll(chosen)), ...(whole ? missingIn(cases).map(missingResult) : [])];
  say(`\n${tableText(results)}\n`);
  process.exitCode = concluded(countsOf(results));
}
