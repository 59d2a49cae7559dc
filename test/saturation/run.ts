// Saturates the primary of a bootstrapped region:  scripts/with-node test/saturation/run.ts [--core] [--load NAME] [--keep]
import { parseArgs } from 'node:util';
import { sum, type Counts } from '../run/counts.ts';
import { untilMoreRows } from '../migration/words.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import { concluded } from '../scenarios/scenario.ts';
import { primaryOf } from '../scenarios/seen.ts';
import { begin, untilHealthy, type Stage } from '../scenarios/stage.ts';
import { expect, staysWhile } from '../scenarios/waiting.ts';
import { data, giveOwnDisks, shell, stallDisk, takeAllConnections, takeAllProcessors, watchMonitor } from './loads.ts';

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    load: { type: 'string', default: '' },
    name: { type: 'string', default: 'saturation' },
    keep: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Load = Readonly<{
  name: string;
  put: (stage: Stage, node: string, seconds: number) => Promise<void>;
  seconds: number;
}>;

const seconds = values.core ? 30 : 120;
const loads: readonly Load[] = [
  { name: `all connections are taken for ${seconds} s`, put: takeAllConnections, seconds },
  { name: `16 processes keep both processors busy for ${seconds} s`, put: takeAllProcessors, seconds },
  { name: 'the disk takes no writes for 20 s', put: stallDisk, seconds: 20 },
];

async function postmaster(stage: Stage, node: string): Promise<string> {
  const script = `pid=$(head -n1 ${data}/postmaster.pid); echo "$pid since tick $(cut -d' ' -f22 /proc/$pid/stat)"`;
  return (await shell(stage, node, script)).trim();
}

/** What the cluster holds against the database, now or remembered. */
async function complaints(stage: Stage): Promise<string> {
  const logs = `grep -hE "(Result of|error: |warning: ).*postgresql.*(monitor|demote|promote|stop).*(error|[Tt]imed|failed)" /var/log/pacemaker/pacemaker.log | tail -5`;
  const texts = await Promise.all(stage.nodes.map((node) => stage.on(node, ['sh', '-c', logs])));
  return texts.map(({ stdout }) => stdout).join('');
}

async function endured(stage: Stage, load: Load): Promise<void> {
  const primary = primaryOf(await untilHealthy(stage, 120)) ?? '';
  const before = await postmaster(stage, primary);
  const complained = await complaints(stage);
  const asBefore = async (): Promise<boolean> => {
    const seen = await stage.look();
    // that crm_mon does not answer in time says nothing about the database
    return (
      seen === undefined ||
      (primaryOf(seen) === primary && seen.failures.length === 0 && !seen.text.includes('fail-count'))
    );
  };
  const client = stage.client(load.seconds + 60);
  await untilMoreRows(stage, primary, 20);
  const steady = await staysWhile(`${primary} is the primary, without failures`, asBefore, () =>
    watchMonitor(stage, primary, load.put(stage, primary, load.seconds)),
  );
  const report = await client.stop().catch(() => undefined); // it may never have got a connection
  await untilHealthy(stage, 120);
  stage.say(
    `monitor: ${steady.checks} times, median ${steady.median.toFixed(2)} s, slowest ${steady.slowest.toFixed(2)} s; client: ${
      report
        ? `${report.acknowledged} rows, ${report.missing} missing, longest gap ${report.longestGap.toFixed(1)} s`
        : 'no connection'
    }`,
  );
  const after = await postmaster(stage, primary);
  expect(after === before, `the postmaster was ${before} and is ${after}`);
  expect((await complaints(stage)) === complained, `Pacemaker complains:\n${await complaints(stage)}`);
  expect(!report || report.missing === 0, `${report?.missing ?? 0} acknowledged rows are missing`);
}

async function played(stage: Stage, load: Load): Promise<Counts> {
  const start = performance.now();
  const tell = (how: string): void => say(`${how} ${load.name} (${((performance.now() - start) / 1000).toFixed(0)} s)`);
  try {
    await endured(stage, load);
    tell('ok  ');
    return { passed: 1, failed: 0 };
  } catch (error) {
    tell('FAIL');
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    say((await stage.look())?.text ?? 'no node answers crm_mon');
    return { passed: 0, failed: 1 };
  }
}

async function main(stage: Stage): Promise<number> {
  await begin(stage, 'bootstrapped');
  const chosen = loads.filter(({ name }) => name.includes(values.load));
  if (chosen.some(({ put }) => put === stallDisk)) await giveOwnDisks(stage);
  const all: Counts[] = [];
  for (const load of chosen) all.push(await played(stage, load));
  return concluded(sum(all));
}

await onTestbed({ ...values, say }, main);
