// Plays the scenarios of a part on a testbed:  scripts/with-node test/scenarios/run.ts PART [--core] [--scenario TEXT] [--suite trixie] …
import { parseArgs } from 'node:util';
import { none, sum, type Counts } from '../run/counts.ts';
import { bootstrapScenarios, inOneGo } from './bootstrap.ts';
import { onTestbed } from './on-testbed.ts';
import { regionScenarios } from './region.ts';
import { concluded, playAll, type Scenario } from './scenario.ts';
import { quorumDevice } from './quorum.ts';
import type { Stage, Wanted } from './stage.ts';

/** Scenarios that are played on one testbed; a part may need several, one after the other. */
type Act = Readonly<{ scenarios: readonly Scenario[]; /** Ends the testbed's name. */ on?: string; kind?: Wanted }>;

const onOtherReleases = [inOneGo, ...regionScenarios];

const listed: Readonly<Record<string, readonly Act[]>> = {
  region: [{ scenarios: regionScenarios }],
  bootstrap: [{ scenarios: bootstrapScenarios }, { scenarios: [quorumDevice], on: '-third', kind: { nodes: 3 } }],
  releases: [
    { scenarios: onOtherReleases, on: '-11', kind: { suite: 'bullseye' } },
    { scenarios: onOtherReleases, on: '-13', kind: { suite: 'trixie' } },
  ],
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    core: { type: 'boolean', default: false },
    scenario: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    name: { type: 'string', default: 'test' },
    suite: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

function part(): readonly Act[] {
  const acts = listed[positionals[0] ?? ''];
  if (acts === undefined) throw new Error(`name a part: ${Object.keys(listed).join(', ')}`);
  return acts;
}

const chosenOf = ({ scenarios }: Act): readonly Scenario[] =>
  scenarios.filter(({ core, name }) => (core || !values.core) && name.includes(values.scenario));

async function played(act: Act, seed: number): Promise<Counts> {
  const scenarios = chosenOf(act);
  if (scenarios.length === 0) return none;
  const { on = '', kind } = act;
  let counts = none;
  await onTestbed(
    { name: values.name + on, keep: values.keep && on === '', say, kind: { ...kind, ...suite() } },
    async (stage: Stage) => {
      counts = await playAll(stage, scenarios, { whole: !values.core, seed });
      return 0;
    },
  );
  return counts;
}

const suite = (): Wanted => (values.suite === undefined ? {} : { suite: values.suite });

const acts = part(); // a wrong name is said before anything boots
const seed = Number(values.seed);
say(`seed ${seed} (again: --seed ${seed})`);
const all: Counts[] = [];
for (const act of acts) all.push(await played(act, seed));
process.exitCode = concluded(sum(all));
