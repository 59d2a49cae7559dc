// A standby is promoted behind the cluster's back: the promoted node of Pacemaker goes on, the rogue becomes a standby again.
import { decide } from '../../../agent/decide.ts';
import { describe } from '../../../agent/steps.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aCall, aNode, aPrimary, aSnapshot, aSnapshotOfEachState } from '../../unit/agent/pretend-region.ts';
import type { Case, FunctionCase, TestbedCase } from '../case.ts';
import { claims } from './01-server-runs-at-probe.ts';
import { clientText, expectServed, expectUntouched, type Region } from '../region.ts';

/** In sync mode commits wait until the next monitor of the primary, every 3 s, sees that its standby is gone. */
const longestGap = { async: 0.3, sync: 6 } as const;

const promoted = (mode: 'async' | 'sync'): TestbedCase => ({
  number: 2,
  kind: 1,
  setup: 'testbed',
  mode,
  title: `a standby is promoted by hand (${mode}): the primary is untouched, the rogue is a standby again by itself`,
  before: 'Each primary disqualified the other one: both were stopped or unpromoted with DISCONNECT, for good.',
  core: false,
  play: async ({ region }) => {
    const { primary, standby } = region;
    const report = await region.whileWriting(async () => {
      expect((await region.sql(standby, 'select pg_promote()')) === 't', `${standby} was not promoted by hand`);
      await region.untilReceives(standby, 180);
      await region.untilStreaming(60);
    });
    expectServed(report, longestGap[mode]);
    expectUntouched(region, primary);
    return `${primary} goes on, ${standby} is a standby again by itself: ${clientText(report)}.`;
  },
});

/** As two primaries left each other before: both with DISCONNECT and without a score, and no primary. */
async function disqualifyEachOther({ stage, primary }: Region): Promise<void> {
  await stage.must(primary, ['pcs', 'resource', 'disable', 'postgresql-clone', '--wait=120']);
  for (const node of stage.nodes) {
    const attribute = (name: string, value: string, lifetime: string) =>
      stage.must(primary, ['crm_attribute', '-N', node, '-n', name, '-v', value, '-l', lifetime]);
    await attribute('postgresql-data-status', 'DISCONNECT', 'forever');
    await attribute('master-postgresql', '-INFINITY', 'reboot');
  }
  await stage.must(primary, ['pcs', 'resource', 'enable', 'postgresql-clone']);
}

const disqualified = (mode: 'async' | 'sync'): TestbedCase => ({
  number: 2,
  kind: 1,
  setup: 'testbed',
  mode,
  title: `two nodes that have disqualified each other (${mode}) come to a primary by proof, by themselves`,
  before: 'Both stayed unpromoted with -INFINITY and DISCONNECT for good, and no command offered a way out.',
  core: false,
  play: async ({ region }) => {
    const report = await region.whileWriting(async () => {
      await disqualifyEachOther(region);
      await region.untilStreaming(180);
    });
    expectServed(report);
    const [primary = ''] = (await region.look()).promoted;
    return `${primary} is promoted by proof, the other one follows: ${clientText(report)}.`;
  },
});

/** The standby was promoted by hand and has no row of its own; the former primary has all that clients were told. */
async function part({ stage, primary, standby, sql, sh }: Region): Promise<void> {
  const pcs = (...words: readonly string[]) => stage.must(primary, ['pcs', ...words]);
  const stop = 'pg_ctl -D /var/lib/postgresql/15/main -m fast stop';
  await pcs('property', 'set', 'maintenance-mode=true');
  await sql(standby, 'select pg_promote()');
  // in sync mode it would wait for the standby that is none any more
  await sql(primary, 'set synchronous_commit = local; create table only_here as select generate_series(1, 1000)');
  for (const node of stage.nodes) await sh(node, `runuser -u postgres -- /usr/lib/postgresql/15/bin/${stop}`);
  for (const node of stage.nodes) await pcs('node', 'attribute', node, 'postgresql-data-status=DISCONNECT');
  await pcs('property', 'set', 'maintenance-mode=false');
  await pcs('resource', 'cleanup', 'postgresql-clone');
}

const parted = (mode: 'async' | 'sync'): TestbedCase => ({
  number: 2,
  kind: 1,
  setup: 'testbed',
  mode,
  title: `two histories that have parted and disqualified each other (${mode}): a primary by proof, or the choice is told`,
  before: 'Both stayed unpromoted for good; failover called an accepted loss what had not been weighed.',
  core: false,
  play: async ({ region }) => {
    await part(region);
    const now = await region.untilStreaming(200).catch(() => undefined);
    if (now === undefined) {
      const { text } = await region.cfha(region.primary, 'status');
      const told = region.stage.nodes.every((node) => text.includes(node)) && /los[et]|loss/.test(text);
      expect(told, `no primary, and status names no choice:\n${text}`);
      return 'Without a proof nothing is promoted, and status names what each side would lose.';
    }
    expect((await region.sql(now, 'select count(*) from only_here')) === '1000', `${now} has lost rows`);
    return `${now} is the primary with every row of the former one, and the other one follows.`;
  },
});

/** The recurring monitor of an unpromoted instance that runs as a primary of a later timeline. */
const monitored = (mode: string): FunctionCase => ({
  number: 2,
  kind: 1,
  setup: 'function',
  title: `the monitor of an unpromoted node finds its server promoted (${mode}): it fails and records nothing of the primary`,
  before: 'It recorded itself as LATEST, and the promoted one as DISCONNECT with the score -INFINITY.',
  core: true,
  play: () => {
    const values = {
      dataStatus: 'LATEST',
      status: 'PRI',
      score: '1000',
      timeline: '00000001-7000000000000000001',
    } as const;
    const own = aNode('db1', { dataStatus: 'STREAMING|ASYNC', status: 'HS:async', score: '100' });
    const nodes = { db1: { ...own, role: 'Unpromoted' }, db2: { ...aNode('db2', values), role: 'Promoted' } } as const;
    const snapshot = aSnapshot({
      ...aSnapshotOfEachState.primary,
      session: { answer: aPrimary({ timeline: 2, senders: [] }) },
      cluster: { nodes, quorate: true, fencing: true },
    });
    const { steps, then } = decide('monitor', snapshot, aCall({ rep_mode: mode }));
    const story = steps.map(describe);
    expect(!story.some((line) => claims.test(line)), `it claims: ${story.join('; ')}`);
    expect(then !== 'look again' && then !== 'promoted' && then !== 'success', `it exits with ${then}`);
    return Promise.resolve(`It records nothing and exits with ${then}.`);
  },
});

export const cases: readonly Case[] = [
  monitored('async'),
  monitored('sync'),
  ...(['async', 'sync'] as const).flatMap((mode) => [promoted(mode), disqualified(mode), parted(mode)]),
];
