// scripts/demo: two bare servers become a region, the primary loses its power, the database goes on.
import { parseArgs } from 'node:util';
import { primaryOf, unhealthy } from '../scenarios/seen.ts';
import { ensureExecutable, openStage, type Stage } from '../scenarios/stage.ts';
import { survive, untilFollows, type Survived } from '../scenarios/survived.ts';
import { expect } from '../scenarios/waiting.ts';
import { openTestbed } from '../testbed/testbed.ts';

const usage = `scripts/demo [--name demo]      shows a region from bare servers to a survived failure, and leaves it running
scripts/demo --down             removes everything

Needs root, on Debian 12 or later; about 5 minutes, and 5 more the first time.`;

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'demo' },
    keep: { type: 'boolean', default: true },
    down: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowNegative: true,
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const title = (line: string): void => say(`\n== ${line}`);

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '   ');
}

/** Runs bootstrap with our own streams, so that its progress is seen as it comes. */
async function bootstrap(stage: Stage): Promise<void> {
  const child = stage.testbed.start('admin', [stage.cfha, 'bootstrap', stage.region.path], { stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code === 0, `cfha bootstrap ended with exit code ${String(code)}`);
}

async function show(stage: Stage): Promise<void> {
  const seen = await stage.look();
  expect(seen !== undefined, 'no node answers crm_mon');
  say(indented(seen.text));
}

function expectPromised(stage: Stage, { before, after, client, fenced, seen }: Survived): void {
  const vm = stage.testbed.status().nodes.find(({ name }) => name === before)?.vm;
  expect(primaryOf(seen) === after, `${after} is not the primary`);
  expect(client.missing === 0, `${client.missing} acknowledged rows are missing`);
  expect(
    fenced.some((entry) => entry.vm === vm && entry.result === 'ok'),
    `${before} was not fenced`,
  );
}

async function tell(stage: Stage, { before, after, client, fenced }: Survived): Promise<void> {
  const history = (await stage.must(after, ['stonith_admin', '--history', before])).split('\n')[0] ?? '';
  const actions = fenced.map(
    ({ at, from, operation, vm, result }) => `   ${at}  ${from}  ${operation} ${vm}: ${result}`,
  );
  say(`   primary now          ${after} (was ${before})`);
  say(`   without a write      ${client.longestGap.toFixed(1)} s`);
  say(`   rows acknowledged    ${client.acknowledged}`);
  say(`   of these lost        ${client.missing}`);
  say(`   fencing              ${history}`);
  say(`   which fence_vmware_soap did at the vCenter (the plug was out already):\n${actions.join('\n')}`);
}

async function demo(): Promise<void> {
  title('Two bare servers with Debian 12, a vCenter that powers them, an administrator’s host');
  await ensureExecutable(say);
  const name = values.name;
  if (openTestbed(name).status().suite !== null) await openTestbed(name).down({ wipe: true });
  const stage = await openStage(name, say);
  say(indented(`${stage.nodes.join(' and ')} have booted.`));

  title(`One file: ${stage.region.path}`);
  say(indented(stage.region.text));

  title(`One command: cfha bootstrap ${stage.region.path}`);
  await bootstrap(stage);
  title('The region: crm_mon -Afr -1');
  await show(stage);
  const seen = await stage.look();
  const lacks = seen ? unhealthy(seen) : ['no node answers'];
  expect(lacks.length === 0, `the region is not as promised: ${lacks.join('; ')}`);

  title('A client inserts a row every 20 ms, and the primary’s plug is pulled');
  const silently = { ...stage, say: () => undefined }; // what it would say in short is told below at length
  const survived = await survive(silently, async (primary) => {
    say(indented(`pulling the plug of ${primary} …`));
    await stage.testbed.power('off', primary);
  });
  await tell(stage, survived);
  expectPromised(stage, survived);

  title(`${survived.before} after fencing`);
  await untilFollows(stage, survived.before);
  say(
    indented(`It has power again, and is back as a standby, by itself. Before it started it asked ${survived.after} what became
of its own WAL: what the new primary never got was kept and rewound (docs/decisions/0007, 0008).`),
  );
  await show(stage);
  lookAround(name);
}

function lookAround(name: string): void {
  const option = name === 'default' ? '' : ` --name ${name}`;
  title('Look around');
  say(`   scripts/testbed exec${option} db2 crm_mon -Afr
   scripts/testbed exec${option} db2 pcs status --full
   scripts/testbed exec${option} db2 runuser -u postgres -- psql vmdb_production
   scripts/testbed fence-log${option}
   scripts/testbed status${option}
   scripts/testbed --help
Remove everything:
   scripts/demo --down${option}`);
}

async function main(): Promise<void> {
  if (values.help) return say(usage);
  if (process.getuid?.() !== 0) throw new Error('needs root: sudo scripts/demo');
  const testbed = openTestbed(values.name);
  if (values.down) return testbed.down({ wipe: true });
  try {
    await demo();
  } finally {
    if (!values.keep) await testbed.down({ wipe: true });
  }
}

await main().catch((error: unknown) => {
  process.stderr.write(`scripts/demo: not as promised: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
