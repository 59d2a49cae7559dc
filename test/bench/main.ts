// scripts/bench: ours and upstream's, measured in one run.
import { parseArgs } from 'node:util';
import { install, upstreamAgent } from '../differential/programs.ts';
import { enclosed } from '../differential/rig.ts';
import { begin, ensureExecutable, openStage, stageOn, untilHealthy, type Stage } from '../scenarios/stage.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { missed, reportTable, type Report } from './figures.ts';
import { benchBootstrap } from './bootstrap.ts';
import { benchMonitor } from './monitor.ts';
import { benchRejoin } from './rejoin.ts';

const usage = `scripts/bench NAME [--json] [--rounds 20] [--name bench] [--running] [--keep] [--sizes 1,5,20] [--diverged 1]

  bootstrap    from bare servers to a healthy region: seconds, goal by goal (as many rounds as --rounds, 1 if not given)
  monitor      the steady monitor: wall and CPU time on primary and standby, and processes started
  rejoin       a diverged former primary until it streams: rewound by ours, copied anew by hand (on this machine)

  --json       one object: {"bench": …, "figures": [{"name", "unit", "ours", "upstream", "ratio", "n", "goal"?, "met"?}]}
  --rounds N   calls of each agent (default 20, not fewer for figures to be kept)
  --name NAME  the testbed (default: bench)
  --running    measure the region that the testbed has now, and leave everything as it is
  --keep       leave the testbed there
  --diverged N megabytes that only the former primary has, for rejoin (default 1: only this has a goal)
  --sizes LIST gigabytes of data for rejoin (default 1,5,20; needs twice the largest as free space in /var/tmp)

Exit code: 0 all goals met, 1 a goal missed, 2 could not measure.`;

type Bench = (options: Options) => Promise<Report>;

const benches: Readonly<Record<string, Bench>> = {
  bootstrap: onBare(benchBootstrap),
  monitor: onStage(benchMonitor),
  rejoin: ({ sizes, diverged }) =>
    benchRejoin({ gigabytes: sizes.split(',').map(Number), megabytes: Number(diverged), say }),
};

/** Those that need no testbed run in a process namespace of their own. */
const here = new Set(['rejoin']);

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function read() {
  return parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '' },
      name: { type: 'string', default: 'bench' },
      running: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      diverged: { type: 'string', default: '1' },
      sizes: { type: 'string', default: '1,5,20' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

type Options = ReturnType<typeof read>['values'];

async function stageFor({ name, running }: Options): Promise<Stage> {
  if (running) {
    const stage = stageOn(openTestbed(name), say);
    await untilHealthy(stage, 60);
    return stage;
  }
  await ensureExecutable(say);
  const stage = await openStage(name, say);
  await begin(stage, 'bootstrapped');
  return stage;
}

function onStage(bench: (stage: Stage, rounds: number) => Promise<Report>): Bench {
  return async (options) => {
    try {
      return await bench(await stageFor(options), Number(options.rounds === '' ? '20' : options.rounds));
    } finally {
      if (!options.keep && !options.running) await openTestbed(options.name).down({ wipe: true });
    }
  };
}

/** On bare servers: every round begins with them. */
function onBare(bench: (stage: Stage, rounds: number) => Promise<Report>): Bench {
  return async ({ name, keep, rounds }) => {
    try {
      await ensureExecutable(say);
      return await bench(await openStage(name, say), Number(rounds === '' ? '1' : rounds));
    } finally {
      if (!keep) await openTestbed(name).down({ wipe: true });
    }
  };
}

async function main(): Promise<number> {
  const { values, positionals } = read();
  const [name = ''] = positionals;
  const bench = benches[name];
  if (values.help || bench === undefined) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  if (!here.has(name)) return tell(await bench(values), values);
  let code = 0;
  await enclosed(
    () => install({ postgresql: '/usr/lib/postgresql', 'resource-agents': upstreamAgent }),
    async () => void (code = tell(await bench(values), values)),
  );
  return code === 0 ? Number(process.exitCode ?? 0) : code;
}

function tell(report: Report, { json }: Options): number {
  process.stdout.write(`${json ? JSON.stringify(report) : reportTable(report)}\n`);
  return missed(report).length > 0 ? 1 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  say(`scripts/bench: ${error instanceof Error ? error.message : String(error)}`);
  return 2;
});
