// Attributes of a node that is not online: Pacemaker from 3.0.2 on keeps the transient ones of a lost node until it is fenced.
import { attribute, leave, transition, vip } from '../../differential/scenario.ts';
import { attr, quick, rounds, three } from '../../differential/scenarios/pairs.ts';
import { run } from '../../../agent/run.ts';
import { expect } from '../../scenarios/waiting.ts';
import {
  aCall,
  aNode,
  anAnswer,
  aSnapshot,
  aSnapshotOfEachState,
  PretendRegion,
} from '../../unit/agent/pretend-region.ts';
import type { Case, ServersCase } from '../case.ts';

const history = '00000001-7000000000000000001';
const own = { status: 'HS:alone', dataStatus: 'STREAMING|ASYNC' } as const;
const ahead = { ...own, xlogLoc: '0000000009000000', history } as const;
const behind = { ...own, xlogLoc: '0000000003000000', history } as const;
const fenced = { online: false, inMembership: false, expected: 'down' } as const;

/** What db1 has done after as many monitors as an election takes. */
async function elected(election: 'rounds' | 'published'): Promise<readonly string[]> {
  const nodes = { db1: aNode('db1', own), db2: aNode('db2', behind), db3: aNode('db3', ahead, fenced) };
  const region = new PretendRegion(
    aSnapshot({
      ...aSnapshotOfEachState.standby,
      session: { answer: anAnswer({ walReceiver: false }) },
      cluster: { nodes, quorate: true, fencing: true },
    }),
  );
  const call = aCall({ node_list: 'db1 db2 db3', election });
  for (let n = 0; n < call.parameters.xlog_check_count + 2; n++) await run('monitor', call, region);
  return region.story;
}

/** The primary is lost, and so is n3, which is not purged of what it has published. */
const onServers: ServersCase = {
  number: 17,
  kind: 7,
  setup: 'servers',
  title: 'three nodes, two of them lost, one with a position that is ahead: the survivor is elected and promoted',
  before: 'The position of the lost node outvoted the survivor, which recorded itself as DISCONNECT for good.',
  core: true,
  play: async ({ cluster }) => {
    const region = await cluster({ mode: 'async', nodes: three });
    await region.must(0, ...quick('n2', 'n3'));
    const farAhead = attribute('n3', attr('xlog-loc'), '00000000F0000000');
    await region.does(leave('n1'), leave('n3'), vip(undefined), farAhead, ...rounds(['n2'], 6));
    const [status, score] = [region.attribute('n2', 'data-status'), region.attribute('n2', 'score')];
    expect(status !== 'DISCONNECT' && score === '1000', `n2 has the score ${score ?? ''} and is ${status ?? ''}`);
    await region.must(0, ...transition('promote', 'n2'));
    return 'n2 has the score 1000 after its rounds, and is promoted.';
  },
};

const functions = (['rounds', 'published'] as const).map((election): Case => ({
  number: 17,
  kind: 7,
  setup: 'function',
  title: `a lost node, whose position is still there, does not outvote the survivors (election=${election})`,
  before: 'The position of an offline node outvoted db1, which recorded itself as DISCONNECT for good: no failover.',
  core: true,
  play: async () => {
    const story = await elected(election);
    const told = story.join('; ');
    expect(!story.includes('set dataStatus of db1 to DISCONNECT'), `db1 has given way to an offline node: ${told}`);
    expect(story.includes('set score of db1 to 1000'), `db1 was not elected: ${told}`);
    return 'db1 is elected: of the positions only those of online nodes are compared.';
  },
}));

export const cases: readonly Case[] = [...functions, onServers];
