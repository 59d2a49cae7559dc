// Two nodes that have disqualified each other come to a primary by what their data prove.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import { lineageText, readLineage } from '../../../agent/rules/completeness.ts';
import type { Comparison, Snapshot } from '../../../agent/snapshot.ts';
import type { ClusterNode } from '../../../lib/pacemaker/cib.ts';
import type { Branch } from '../../../lib/postgres/lineage.ts';
import { aCall, aNode, anAnswer, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

const systemId = '7000000000000000001';
const sum = 'ab12';
type Side = { readonly timeline: number; readonly end: bigint; readonly ancestors?: readonly Branch[] };

const lineage = ({ timeline, end, ancestors = [] }: Side) => ({ systemId, timeline, end, ancestors });
const onTwo = (end: bigint, until = 0x2000000n) => ({ timeline: 2, end, ancestors: [{ timeline: 1, until }] });
const onThree = (end: bigint, until = 0x3000000n) => ({
  timeline: 3,
  end,
  ancestors: [
    { timeline: 1, until: 0x2000000n },
    { timeline: 2, until },
  ],
});

type Pair = { readonly mine: Side; readonly theirs: Side; readonly sums?: Record<string, string | undefined> };

function contested({ mine, theirs, sums = { db2: sum } }: Pair, more: Partial<ClusterNode> = {}): Snapshot {
  const out = { dataStatus: 'DISCONNECT', timeline: `00000002-${systemId}` } as const;
  const text = lineageText({ lineage: lineage(theirs), sum });
  const nodes = {
    db1: aNode('db1', out, { role: 'Unpromoted' }),
    db2: aNode('db2', { dataStatus: 'DISCONNECT', lineage: text }, { role: 'Unpromoted', ...more }),
  };
  const comparison: Comparison = { lineage: lineage(mine), sum, sums };
  const answer = anAnswer({ timeline: mine.timeline, received: mine.end, replayed: mine.end, walReceiver: false });
  const cluster = { nodes, quorate: true, fencing: true };
  return { ...aSnapshotOfEachState.standby, session: { answer }, cluster, comparison };
}

async function play(action: 'monitor' | 'promote', found: Snapshot) {
  const region = new PretendRegion(found);
  const end = await run(action, aCall({ election: 'published' }), region);
  return { end, story: region.story, codes: region.reasons.map(({ code }) => code) };
}

describe('a node that is recorded as out', () => {
  it.each([
    ['is ahead on the same timeline', { mine: onTwo(0x3000000n), theirs: onTwo(0x2f00000n) }],
    ['has the same', { mine: onTwo(0x3000000n), theirs: onTwo(0x3000000n) }],
    ['is on a timeline that the other led to', { mine: onThree(0x3000100n), theirs: onTwo(0x3000000n) }],
  ])('is elected and promoted where it %s', async (_, pair) => {
    const found = contested(pair);
    expect((await play('monitor', found)).story).toContain('set score of db1 to 1000');
    const { end, story } = await play('promote', found);
    expect(end.exit).toBe('success');
    expect(story.indexOf('set dataStatus of db1 to LATEST')).toBeLessThan(story.indexOf('promote server'));
  });

  it.each([
    ['the other is ahead', { mine: onTwo(0x3000000n), theirs: onTwo(0x3000010n) }, '16 bytes of db2 after 0/3000000'],
    ['both went on apart', { mine: onThree(0x4000000n), theirs: onTwo(0x3000020n) }, '32 bytes of db2 after 0/3000000'],
    ['the bytes differ', { mine: onTwo(0x3000000n), theirs: onTwo(0x3000000n), sums: { db2: 'cd34' } }, 'is unknown'],
    ['they cannot be compared', { mine: onTwo(0x3000000n), theirs: onTwo(0x3000000n), sums: {} }, 'is unknown'],
  ])('is not where %s, and the loss is told', async (_, pair, loss) => {
    const { end, story } = await play('monitor', contested(pair));
    expect(end).toMatchObject({ exit: 'success', because: { code: 'INCOMPLETE' } });
    expect(JSON.stringify(end.because)).toContain(loss);
    expect(story).not.toContain('set score of db1 to 1000');
    expect((await play('promote', contested(pair))).story).not.toContain('promote server');
  });

  it.each<[string, Partial<ClusterNode>]>([
    ['is not here', { online: false }],
    ['does not run', { role: undefined }],
    ['is the primary', { role: 'Promoted' }],
  ])('is not where the other %s', async (_, more) => {
    const found = contested({ mine: onTwo(0x3000000n), theirs: onTwo(0x3000000n) }, more);
    const { comparison: __, ...unasked } = found; // nothing is compared then
    expect((await play('monitor', unasked)).story).not.toContain('set score of db1 to 1000');
  });
});

it('an administrator’s word promotes a node below a recorded timeline, and the record goes', async () => {
  const found = contested({ mine: onTwo(0x3000000n), theirs: onThree(0x4000000n, 0x2800000n) });
  const nodes = {
    db1: aNode('db1', { dataStatus: 'DISCONNECT', acceptLoss: 'all' }, { role: 'Unpromoted' }),
    db2: aNode('db2', { dataStatus: 'LATEST', timeline: `00000003-${systemId}` }, { role: 'Unpromoted' }),
  };
  const { end, story } = await play('promote', { ...found, cluster: { nodes, quorate: true, fencing: true } });
  expect(end.exit).toBe('success');
  const order = ['set dataStatus of db2 to DISCONNECT', 'delete timeline of db2', 'write PGSQL.lock', 'promote server'];
  expect(story.filter((line) => order.includes(line))).toEqual(order);
});

it('reads the lineage that it writes, and nothing else', () => {
  const published = { lineage: lineage(onThree(0x3000100n)), sum };
  expect(readLineage(lineageText(published))).toEqual(published);
  const bare = { lineage: lineage({ timeline: 1, end: 1n }), sum: undefined };
  expect(readLineage(lineageText(bare))).toEqual(bare);
  for (const text of [undefined, '', 'x', '00000001-7 1 - -', `${lineageText(published)} more`])
    expect(readLineage(text)).toBeUndefined();
});
