// cfha verify proved: on healthy regions everything holds; each planted fault is found by its name; what is interrupted is undone.
//   scripts/with-node test/verify/run.ts [--core] [--only TEXT] [--name NAME] [--keep]
import { parseArgs } from 'node:util';
import { begin, openStage, type Stage } from '../scenarios/stage.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import { concluded } from '../scenarios/scenario.ts';
import { everyDrill, interrupted, particularDrills, plantedCases, someDrills, type Case } from './cases.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    name: { type: 'string', default: 'test' },
    keep: { type: 'boolean', default: false },
  },
});

async function playAll(stage: Stage, cases: readonly Case[]): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 };
  for (const one of cases) {
    const begun = performance.now();
    const wrong = await one.play(stage).then(() => undefined, (error: unknown) => String(error)); // prettier-ignore
    counts[wrong === undefined ? 'passed' : 'failed']++;
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    say(
      `${wrong === undefined ? 'ok  ' : 'FAIL'} ${one.name} (${seconds} s)${wrong === undefined ? '' : `\n${wrong}`}`,
    );
  }
  return counts;
}

const chosen = (cases: readonly Case[]) => cases.filter(({ core, name }) => (core || !values.core) && name.includes(values.only)); // prettier-ignore

async function main(stage: Stage): Promise<number> {
  // What another part has left may be healthy, and not as this region's file says.
  await begin(stage, 'bootstrapped');
  const counts = await playAll(
    stage,
    chosen([...someDrills, ...plantedCases, ...interrupted, ...particularDrills, ...everyDrill]),
  );
  const sync = chosen(everyDrill);
  if (sync.length === 0) return concluded(counts);
  const more = await playAll(await openStage(values.name, say, { mode: 'sync' }), sync);
  return concluded({ passed: counts.passed + more.passed, failed: counts.failed + more.failed });
}

await onTestbed({ ...values, say }, main);
