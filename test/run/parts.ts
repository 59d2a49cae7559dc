// The parts of the test suite, as data: what scripts/test can run, and how.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the counts of a part are found: one test for the whole command, jest's report, or its own last line. */
export type Counting = 'as one' | 'by jest' | 'by its last line';

export type Command = readonly [program: string, ...args: string[]];

/** The testbed of all parts, and how it is removed. */
const testbedName = 'test';
export const cleanUp: Command = ['node', 'test/testbed/main.ts', 'down', '--wipe', '--name', testbedName];

/** What is run by default (the tests that must not break), and by `--only` and `--full`: the core, if not given. */
type Commands =
  Readonly<{ core: Command; whole?: Command }> | Readonly<{ core?: undefined; /** Only there. */ whole: Command }>;

export type Part = Readonly<{
  name: string;
  title: string;
  /** Fast parts need no testbed and together take under two minutes. */
  fast: boolean;
  counting: Counting;
  needsRoot?: true;
  /** A part that takes longer than this is stopped, and has failed: [core, whole]. */
  minutes: readonly [number, number];
}> &
  Commands;

/** Whether a part leaves the testbed of all parts there. */
export function usesTestbed({ core, whole }: Part): boolean {
  return [...(core ?? []), ...(whole ?? [])].includes('--keep');
}

/** Before the first part that is tried with the executable: an old one would be tested otherwise, or none. */
export const buildExecutable: Command = ['node', 'scripts/build.ts'];

/** The command of an extent. */
export function commandOf(part: Part, whole: boolean): Command {
  if (part.core === undefined) return part.whole;
  return (whole ? part.whole : undefined) ?? part.core;
}

const quick = { fast: true, counting: 'as one', minutes: [5, 5] } as const;

function tool(name: string, ...args: readonly string[]): Command {
  return ['node', `node_modules/${name}`, ...args];
}

/** The folders whose directions are checked: those of `npm run directions`. */
function directed(): readonly string[] {
  const file = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  const { scripts } = JSON.parse(file) as { scripts: { directions: string } };
  return scripts.directions.split(' ').slice(1);
}

const asRoot = { fast: false, counting: 'by its last line', needsRoot: true } as const;

/** A part of test/scenarios. Both use one testbed, so that a region is built once; the run removes it at its end. */
function scenarios(name: string, title: string, minutes: Part['minutes']): Part {
  const whole: Command = ['node', 'test/scenarios/run.ts', name, '--name', testbedName, '--keep'];
  return { ...asRoot, name, title, core: [...whole, '--core'], whole, minutes };
}

export const parts: readonly Part[] = [
  { ...quick, name: 'types', title: 'types (tsc)', core: tool('typescript/bin/tsc', '-p', '.') },
  { ...quick, name: 'lint', title: 'lint (eslint)', core: tool('eslint/bin/eslint.js', '.') },
  { ...quick, name: 'format', title: 'formatting (prettier)', core: tool('prettier/bin/prettier.cjs', '--check', '.') },
  {
    ...quick,
    name: 'directions',
    title: 'folder directions (dependency-cruiser)',
    core: tool('dependency-cruiser/bin/dependency-cruiser.mjs', ...directed()),
  },
  { ...quick, name: 'dead', title: 'dead code (knip)', core: tool('knip/bin/knip.js') },
  { ...quick, name: 'docs', title: 'generated pages are up to date', core: ['node', 'scripts/docs.ts', '--check'] },
  {
    ...quick,
    name: 'unit',
    title: 'unit tests (jest)',
    counting: 'by jest',
    core: ['node', '--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'],
  },
  {
    ...quick,
    name: 'build',
    title: 'the executable is built and starts',
    counting: 'by its last line',
    core: ['node', 'test/run/smoke.ts'],
  },
  {
    ...asRoot,
    name: 'packages',
    title: 'the Debian package and the RPM, made, installed and removed',
    whole: ['node', 'test/packaging/run.ts', '--name', testbedName, '--keep'],
    minutes: [15, 15],
  },
  {
    ...asRoot,
    name: 'executable',
    title: 'the executable on real servers, killed at every step',
    core: ['node', 'test/executable/run.ts'],
    minutes: [15, 30],
  },
  {
    ...asRoot,
    name: 'conformance',
    title: 'the sentences of the OCF resource agent API',
    core: ['node', 'test/conformance/run.ts'],
    minutes: [10, 10],
  },
  {
    ...asRoot,
    name: 'ocft',
    title: 'upstream’s own tests (ocft, ocf-tester, schemas) against our agent',
    core: ['node', 'test/upstream/run.ts'],
    minutes: [15, 15],
  },
  {
    ...asRoot,
    name: 'testbed',
    title: 'the testbed behaves as servers do',
    core: ['node', 'test/testbed/run.ts'],
    minutes: [15, 15],
  },
  {
    ...asRoot,
    name: 'differential',
    title: 'upstream’s agent and ours, side by side',
    core: ['node', 'test/differential/run.ts', '--core'],
    whole: ['node', 'test/differential/run.ts'],
    minutes: [15, 120],
  },
  {
    ...asRoot,
    name: 'migration',
    title: 'from pgsql to cfpgsql and back, while the database runs',
    core: ['node', 'test/migration/run.ts', '--core'],
    whole: ['node', 'test/migration/run.ts'],
    minutes: [15, 60],
  },
  {
    ...asRoot,
    name: 'rejoin',
    title:
      'the evidence about a former primary, against PostgreSQL’s own word on random histories; rejoins killed anywhere',
    core: ['node', 'test/rejoin/run.ts', '--core'],
    whole: ['node', 'test/rejoin/run.ts'],
    minutes: [8, 60],
  },
  {
    ...asRoot,
    name: 'wal',
    title: 'the WAL archive with real servers: faults, two primaries, pruning',
    core: ['node', 'test/wal/run.ts', '--core'],
    whole: ['node', 'test/wal/run.ts'],
    minutes: [5, 15],
  },
  {
    ...asRoot,
    name: 'health',
    title: 'cfha serve with real servers and HAProxy: roles, freezes, lag, load',
    core: ['node', 'test/health/run.ts', '--core'],
    whole: ['node', 'test/health/run.ts'],
    minutes: [5, 15],
  },
  scenarios('bootstrap', 'cfha bootstrap: from bare servers, interrupted, repeated, refused', [15, 90]),
  scenarios('region', 'a region survives', [15, 60]),
  {
    ...asRoot,
    name: 'releases',
    title: 'Debian 11 and 13: from bare servers, and what a region survives',
    whole: ['node', 'test/scenarios/run.ts', 'releases', '--name', testbedName],
    minutes: [0, 60],
  },
  {
    ...asRoot,
    name: 'saturation',
    title: 'a saturated server is not a dead one',
    whole: ['node', 'test/saturation/run.ts', '--name', testbedName, '--keep'],
    minutes: [0, 30],
  },
  {
    ...asRoot,
    name: 'endings',
    title: 'every ending: two nodes again, and nothing lost',
    core: ['node', 'test/endings/run.ts', '--name', testbedName, '--keep', '--core'],
    whole: ['node', 'test/endings/run.ts', '--name', testbedName, '--keep'],
    minutes: [15, 120],
  },
  {
    name: 'simulation',
    title: 'simulated regions: no acknowledged commit is lost, whatever comes when',
    fast: false,
    counting: 'by its last line',
    core: ['node', 'test/simulation/run.ts'],
    minutes: [5, 5],
  },
  {
    ...asRoot,
    name: 'sync',
    title: 'synchronous mode: no acknowledged row is lost, whatever is cut',
    core: ['node', 'test/sync/run.ts', '--name', testbedName, '--keep', '--core'],
    whole: ['node', 'test/sync/run.ts', '--name', testbedName, '--keep'],
    minutes: [15, 60],
  },
  {
    ...asRoot,
    name: 'verify',
    title: 'cfha verify: holds on healthy regions, finds what is planted, undoes what is interrupted',
    core: ['node', 'test/verify/run.ts', '--name', testbedName, '--keep', '--core'],
    whole: ['node', 'test/verify/run.ts', '--name', testbedName, '--keep'],
    minutes: [10, 120],
  },
  {
    ...asRoot,
    name: 'reports',
    title: 'what broke other tools: every report played, what happened before and what happens now',
    core: ['node', 'test/reports/run.ts', '--name', testbedName, '--keep', '--core'],
    whole: ['node', 'test/reports/run.ts', '--name', testbedName, '--keep'],
    minutes: [15, 150],
  },
  {
    ...asRoot,
    name: 'three',
    title: 'three nodes: the loss of any of them, and of a second one when the first is back',
    whole: ['node', 'test/three/run.ts'],
    minutes: [0, 90],
  },
  {
    ...asRoot,
    name: 'global',
    title: 'the pair of sites without a cluster manager: cuts, lost power, failback; never two open gates',
    core: ['node', 'test/global/run.ts', '--core'],
    whole: ['node', 'test/global/run.ts'],
    minutes: [10, 90],
  },
];
