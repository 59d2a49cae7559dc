// From pgsql to cfpgsql and back in a region built by hand, with a client that never stops writing.
import { expectKept, survive, told } from '../scenarios/survived.ts';
import { primaryOf } from '../scenarios/seen.ts';
import { untilHealthy, type Stage } from '../scenarios/stage.ts';
import { expect } from '../scenarios/waiting.ts';
import { beginByHand, shell } from './by-hand.ts';
import type { Step } from './play.ts';
import {
  agentOf,
  attributesOf,
  bringBack,
  install,
  migrate,
  postmasters,
  rowsOn,
  untilMonitored,
  untilMoreRows,
  untilPoweredOn,
  type AgentName,
} from './words.ts';

const ours = 'ocf:custom:cfpgsql';
const upstreams = 'ocf:heartbeat:pgsql';
const longestGap = 1;

async function primaryNow(stage: Stage): Promise<string> {
  return primaryOf(await untilHealthy(stage, 90)) ?? '';
}

/** Does the work while the client writes: nothing is stopped, no gap, no row, no attribute changes. */
async function undisturbed(stage: Stage, agent: AgentName, work: (primary: string) => Promise<void>): Promise<void> {
  const primary = await primaryNow(stage);
  const client = stage.client(600);
  try {
    await untilMoreRows(stage, primary, 100);
    const before = [await postmasters(stage), attributesOf(await untilHealthy(stage, 30))];
    await work(primary);
    stage.say(await untilMonitored(stage, agent));
    await untilMoreRows(stage, primary, 100);
    const after = [await postmasters(stage), attributesOf(await untilHealthy(stage, 30))];
    const report = await client.stop();
    stage.say(`${told(report, [])}\n${before[0] ?? ''}`);
    expect(JSON.stringify(after) === JSON.stringify(before), `before: ${before.join(' ')}\nafter: ${after.join(' ')}`);
    expect((await agentOf(stage)) === agent, `the agent is ${await agentOf(stage)}`);
    expect(report.missing === 0, `${report.missing} acknowledged rows are missing`);
    expect(report.longestGap <= longestGap, `a gap of ${report.longestGap} s`);
  } finally {
    await client.stop().catch(() => undefined);
  }
}

async function migrated(stage: Stage, options: { on: string; back?: boolean }): Promise<void> {
  const start = performance.now();
  const { code, text } = await migrate(stage, options.on, options);
  stage.say(`cfha migrate on ${options.on}: ${((performance.now() - start) / 1000).toFixed(1)} s\n${text.trim()}`);
  expect(code === 0, `exit code ${code}`);
}

const lacksIt: Step = {
  name: 'cfha is missing on one node: the migration takes itself back, names the node, stops nothing',
  play: async (stage) => {
    const primary = await primaryNow(stage);
    const standby = stage.otherThan(primary);
    await shell(stage, standby, 'rm /usr/lib/ocf/resource.d/custom/cfpgsql');
    await undisturbed(stage, upstreams, async () => {
      const { code, text } = await migrate(stage, primary);
      stage.say(text.trim());
      expect(code === 1 && text.includes(`${standby}: 5`), `exit code ${code}`);
    });
    await install(stage, standby);
  },
};

const forth: Step = {
  name: 'to cfpgsql: no gap over 1 s, no row missing, the same servers, the same attributes',
  play: (stage) => undisturbed(stage, ours, (primary) => migrated(stage, { on: primary })),
};

const again: Step = {
  name: 'a second run does nothing',
  play: (stage) =>
    undisturbed(stage, ours, async (primary) => {
      const { code, text } = await migrate(stage, stage.otherThan(primary));
      expect(code === 0 && text.includes('nothing was done'), `exit code ${code}: ${text}`);
    }),
};

const plugPulled: Step = {
  name: 'then the primary loses its power: the other node takes over, no acknowledged row missing',
  play: async (stage) => {
    const survived = await survive(stage, (primary) => stage.testbed.power('off', primary));
    expectKept(survived);
    expect(survived.fenced.length > 0, 'nobody was fenced');
    await untilPoweredOn(stage, survived.before);
    stage.say(`${survived.before} is back ${await bringBack(stage, survived.before)}`);
  },
};

const back: Step = {
  name: 'back to pgsql: no gap over 1 s, no row missing, the same servers, the same attributes',
  play: (stage) => undisturbed(stage, upstreams, (primary) => migrated(stage, { on: primary, back: true })),
};

const upstreamWorks: Step = {
  name: 'and upstream’s agent goes on with what ours left: switchover, no row missing',
  play: async (stage) => {
    const survived = await survive(stage, async (primary) => {
      await stage.must(primary, ['pcs', 'node', 'standby', primary]);
    });
    expectKept(survived);
    stage.say(`${survived.before} is back ${await bringBack(stage, survived.before)}`);
    const [a, b] = await Promise.all(stage.nodes.map((node) => rowsOn(stage, node)));
    expect(a === b, `the nodes have ${a ?? 0} and ${b ?? 0} rows`);
  },
};

const moves = ['maintenance on', 'agent ocf', 'refresh on', 'maintenance off', 'now has'] as const;

/** Kill -9 as the next move is announced, then do what the next run says, until it has ended well. */
function killed(before: string): Step {
  return {
    name: `killed as it says "${before}" and run again: it ends well, or says what is to be done, and stops nothing`,
    play: (stage) =>
      undisturbed(stage, upstreams, async (primary) => {
        await migrate(stage, primary, { until: before });
        const { code, text } = await migrate(stage, primary);
        stage.say(`run again: exit code ${code}: ${text.trim()}`);
        if (code !== 0) await obey(stage, primary, text);
        expect((await agentOf(stage)) === ours, `the agent is ${await agentOf(stage)}`);
        await untilMonitored(stage, ours);
        await migrated(stage, { on: primary, back: true });
      }),
  };
}

/** The command that the message names, and then the migration once more. */
async function obey(stage: Stage, node: string, text: string): Promise<void> {
  const command = /pcs property set maintenance-mode=false|cfha migrate \S+( --back)? --yes/.exec(text)?.[0];
  expect(command !== undefined, `it says no command: ${text}`);
  await shell(stage, node, command);
  await migrated(stage, { on: node });
}

export async function beginDrill(stage: Stage): Promise<void> {
  await beginByHand(stage);
  await Promise.all(stage.nodes.map((node) => install(stage, node)));
}

export const drill: readonly Step[] = [lacksIt, forth, again, plugPulled, back, upstreamWorks];
export const kills: readonly Step[] = moves.map(killed);
