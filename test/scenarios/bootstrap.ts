// The part "bootstrap": from bare servers to a region, interrupted, repeated, and refused where it must be.
import { expectRefusal, tryFile, wrongFiles } from './bad-input.ts';
import { chance, endOf, runBootstrap } from './bootstrapping.ts';
import { adopting } from './adopted.ts';
import { bringing } from './bringing.ts';
import { drifts } from './drift.ts';
import { everyFinding } from './findings.ts';
import { firewalled } from './firewalled.ts';
import type { Extent, Scenario } from './scenario.ts';
import { exposed, placesWith, secretsOf, watchCommandLines } from './secrets.ts';
import { keepBootstrapped, untilHealthy, type Stage } from './stage.ts';
import { expect } from './waiting.ts';
import { packaged } from './packaged.ts';
import { preparing } from './prepared.ts';
import { secretiveness } from './secretive.ts';
import { twins } from './twins.ts';
import { wide } from './wide.ts';

const refusesFiles: readonly Scenario[] = wrongFiles.map(({ name, edit, says }) => ({
  name: `a region file with ${name} is refused before anything is touched`,
  from: 'bare',
  core: true,
  ends: 'as it began',
  play: (stage) => expectRefusal(stage, () => tryFile(stage, edit), says),
}));

const asItIs = (stage: Stage) => tryFile(stage, (text) => text);

const unreachable: Scenario = {
  name: 'a node that ssh cannot reach is named before anything is touched',
  from: 'bare',
  core: true,
  ends: 'as it began',
  play: async (stage) => {
    await stage.testbed.net('cut', stage.nodes[1]);
    try {
      await expectRefusal(stage, () => asItIs(stage), [
        new RegExp(`UNREACHABLE.*${stage.nodes[1]}|${stage.nodes[1]}.*UNREACHABLE|ssh`),
      ]);
    } finally {
      await stage.testbed.net('heal', stage.nodes[1]);
    }
  },
};

const foreignConf = `totem {
    version: 2
    cluster_name: elsewhere
}
nodelist {
    node {
        ring0_addr: 10.99.0.1
        name: other
        nodeid: 1
    }
}
`;

const foreignCluster: Scenario = {
  name: 'a node of another cluster is refused before anything is touched',
  from: 'bare',
  core: true,
  ends: 'otherwise',
  play: async (stage) => {
    await stage.must(stage.nodes[1], ['tee', '/etc/corosync/corosync.conf'], { input: foreignConf });
    await expectRefusal(stage, () => asItIs(stage), [/elsewhere/]);
  },
};

const foreignData: Scenario = {
  name: 'a data directory that is not ours is refused before anything is touched',
  from: 'bare',
  core: true,
  ends: 'otherwise',
  play: async (stage) => {
    const make =
      'd=/var/lib/postgresql/15/main; mkdir -p $d/base && echo 15 >$d/PG_VERSION && echo precious >$d/base/1';
    await stage.must(stage.nodes[1], ['sh', '-c', make]);
    await expectRefusal(stage, () => asItIs(stage), [/FOREIGN_DATA/, /\/var\/lib\/postgresql\/15\/main/]);
  },
};

const plans: Scenario = {
  name: '--plan prints what would be done and changes nothing',
  from: 'bare',
  core: true,
  ends: 'as it began',
  play: async (stage) => {
    const plan = async () => {
      const { code, stdout, stderr } = await stage.bootstrap('--plan');
      expect(code === 0, `--plan: exit code ${code}\n${stderr}`);
      return { code: 2, text: stdout };
    };
    await expectRefusal(stage, plan, [/initdb/, /pg_basebackup/, /pcs cluster setup/, /nothing was changed/]);
  },
};

export const inOneGo: Scenario = {
  name: 'bare servers become a healthy region; a second run executes nothing; passwords are nowhere to be seen',
  from: 'bare',
  core: true,
  ends: 'otherwise',
  play: async (stage) => {
    const secrets = secretsOf(stage);
    const watch = watchCommandLines(secrets);
    const start = performance.now();
    const made = await runBootstrap(stage).finally(() => watch.stop());
    expect(made.code === 0, `cfha bootstrap: exit code ${String(made.code)}\n${made.stderr}${failure(made.events)}`);
    stage.say(`bootstrap took ${((performance.now() - start) / 1000).toFixed(0)} s`);
    stage.say((await untilHealthy(stage, 30)).text);
    await secondRun(stage);
    await secretsKept(stage, { lines: watch.stop(), samples: watch.samples() });
    await keepBootstrapped(stage);
  },
};

function failure(events: readonly object[]): string {
  return events
    .slice(-5)
    .map((event) => JSON.stringify(event))
    .join('\n');
}

async function secondRun(stage: Stage): Promise<void> {
  const again = await runBootstrap(stage);
  expect(again.code === 0, `second run: exit code ${String(again.code)}\n${again.stderr}`);
  const commands = again.events.filter(({ event }) => event === 'command');
  expect(commands.length === 0 && endOf(again)?.executed === 0, `second run executed: ${JSON.stringify(commands)}`);
}

type Watched = Readonly<{ lines: readonly string[]; samples: number }>;

async function secretsKept(stage: Stage, { lines, samples }: Watched): Promise<void> {
  const secrets = secretsOf(stage);
  expect(samples > 100, `the command lines were looked at only ${samples} times`);
  expect(lines.length === 0, `command lines held a password: ${hidden(lines, secrets).join('\n')}`);
  for (const node of stage.nodes) {
    const places = await placesWith(stage, node, secrets);
    stage.say(`${node}: passwords are in ${places.join(', ')}`);
    expect(places.length > 0, `${node}: the search finds not even the password files`);
    const wrong = await exposed(stage, node, places);
    expect(wrong.length === 0, `${node}: passwords are in ${wrong.join(', ')}`);
  }
  const log = await stage.on('admin', ['cat', '/var/log/cfha/bootstrap.log']);
  expect(!secrets.some((secret) => log.stdout.includes(secret)), 'the log of cfha holds a password');
}

function hidden(lines: readonly string[], secrets: readonly string[]): readonly string[] {
  return lines.map((line) => secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line));
}

const coreKills = 3;
const longestDelayMs = 1500;

const killed: Scenario = {
  name: 'killed (-9) at a goal and run again, it reaches the same region',
  from: 'bare',
  core: true,
  ends: 'otherwise',
  play: async (stage, extent) => {
    const goals = await plannedGoals(stage);
    const chosen = new Set(chooseGoals(goals, extent));
    const next = chance(extent.seed + 1);
    const kills = new Map<string, number>();
    for (let runs = 0; runs <= goals.length + 1; runs++) {
      const ended = await runBootstrap(stage, (goal) => {
        if (!chosen.has(goal) || kills.has(goal) || kills.size > runs) return undefined;
        kills.set(goal, Math.round(next() * longestDelayMs));
        return kills.get(goal);
      });
      if (ended.code !== undefined) {
        expect(ended.code === 0, `exit code ${ended.code}\n${ended.stderr}${failure(ended.events)}`);
        break;
      }
    }
    expect(kills.size > 0, 'it was never killed');
    await untilHealthy(stage, 30);
    await secondRun(stage);
    stage.say('| killed at the goal     | after   | and in the end');
    for (const [goal, ms] of kills)
      stage.say(`| ${goal.padEnd(22)} | ${String(ms).padStart(4)} ms | healthy, nothing left to do`);
    stage.say(`${kills.size} applies interrupted and gone on with`);
  },
};

/** The goals that a run from here would have to reach. */
async function plannedGoals(stage: Stage): Promise<readonly string[]> {
  const { stdout } = await stage.bootstrap('--plan', '--json');
  const events = stdout.split('\n').filter(Boolean);
  return events.flatMap((line) => {
    const { event, id } = JSON.parse(line) as { event: string; id?: string };
    return event === 'plan' && id ? [id] : [];
  });
}

function chooseGoals(goals: readonly string[], { whole, seed }: Extent): readonly string[] {
  if (whole) return goals;
  const next = chance(seed);
  const order = goals.map((goal) => ({ goal, at: next() })).toSorted((a, b) => a.at - b.at);
  return order.slice(0, coreKills).map(({ goal }) => goal);
}

export const bootstrapScenarios: readonly Scenario[] = [
  ...refusesFiles,
  unreachable,
  plans,
  foreignCluster,
  foreignData,
  everyFinding,
  killed,
  inOneGo,
  drifts,
  ...bringing,
  ...firewalled,
  wide,
  preparing,
  secretiveness,
  packaged,
  adopting,
  twins,
];
