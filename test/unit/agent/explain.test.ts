import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explain } from '../../../agent/explain.ts';
import { run } from '../../../agent/run.ts';
import { aCall, aNode, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

describe('the explanation', () => {
  it.each(Object.entries(aSnapshotOfEachState))(
    'of a server that is %s names state, cells and what speaks against a promotion',
    (...[state, snapshot]) => {
      const { state: said, cells, promotable } = explain(snapshot, aCall());
      expect(said).toBe(state);
      expect(Object.keys(cells)).toEqual(['monitor', 'start', 'stop', 'promote', 'demote']);
      expect(promotable.because.length).toBeGreaterThan(0);
    },
  );

  it('of a standby beside a primary says who is promoted', () => {
    const nodes = {
      db1: aNode('db1', { score: '100', dataStatus: 'STREAMING|ASYNC' }),
      db2: aNode('db2', {}, { role: 'Promoted' }),
    };
    const { promotable, found } = explain(
      { ...aSnapshotOfEachState.standby, cluster: { nodes, quorate: true, fencing: true } },
      aCall(),
    );
    expect(promotable).toEqual({ yes: false, because: ['db2 is promoted; only one can be'] });
    expect(found).toContain("Pacemaker's promoted instance: db2");
  });

  it('of a current standby without a primary finds nothing against it', () => {
    const nodes = { db1: aNode('db1', { score: '1000', dataStatus: 'STREAMING|ASYNC' }) };
    expect(
      explain({ ...aSnapshotOfEachState.standby, cluster: { nodes, quorate: true, fencing: true } }, aCall()).promotable
        .yes,
    ).toBe(true);
  });

  it('of an old primary behind its lock quotes the lock', () => {
    const { cells, promotable } = explain({ ...aSnapshotOfEachState.stopped, lock: true }, aCall());
    expect(cells.start).toMatch(/exit generic: \[LOCKED\] .*PGSQL.lock of a former primary/);
    expect(promotable.because).toContain('its lock file keeps it from starting');
  });

  it('of a standby says what a promotion would say', async () => {
    const record = fc.constantFrom(undefined, 'LATEST', 'STREAMING|SYNC', 'STREAMING|ASYNC', 'STREAMING|QUORUM', 'DISCONNECT');
    const position = fc.constantFrom(undefined, '0000000002000000', '0000000003000000', '0000000004000000');
    const timeline = fc.constantFrom(undefined, '00000001-7000000000000000001', '00000002-7000000000000000001', '00000001-1');
    const values = fc.record({ dataStatus: record, handover: position, xlogLoc: position, timeline, acceptLoss: fc.constantFrom(undefined, 'all', '5') });
    const place = fc.constantFrom({}, { online: false, inMembership: false, expected: 'down' as const }, { online: false, inMembership: false }, { online: false });
    const mode = fc.constantFrom({ rep_mode: 'async' }, { rep_mode: 'sync' }, { rep_mode: 'sync', synchronous_standbys: '1' }, { rep_mode: 'async', go_alone: 'unproven' });
    const world = fc.record({ own: values, other: values, place, mode, quorate: fc.boolean(), fencing: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(world, async ({ own, other, place: where, mode: parameters, ...cluster }) => {
        const given = (all: object) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<string, string>;
        const nodes = { db1: aNode('db1', { ...given(own), score: '1000' }), db2: aNode('db2', given(other), where) };
        const region = new PretendRegion({ ...aSnapshotOfEachState.standby, cluster: { nodes, ...cluster } });
        const call = aCall(parameters);
        const { promotable } = explain(region.now, call);
        const { exit } = await run('promote', call, region);
        expect([promotable.yes, ...promotable.because]).toEqual([exit === 'success', ...promotable.because]);
      }),
      { numRuns: 500 },
    );
  }); // prettier-ignore

  it('of a refusal names it with its code, in the cell as well', () => {
    const nodes = { db1: aNode('db1', { score: '1000', dataStatus: 'DISCONNECT' }), db2: aNode('db2') };
    const { promotable, cells } = explain(
      { ...aSnapshotOfEachState.standby, cluster: { nodes, quorate: true, fencing: true } },
      aCall(),
    );
    expect(promotable.because).toEqual([expect.stringMatching(/^the agent would refuse: \[OUT_OF_DATE\]/)]);
    expect(cells.promote).toMatch(/exit generic: \[OUT_OF_DATE\]/);
  });

  it('of a cell that waits says what comes of it', () => {
    const nodes = { db1: aNode('db1', { score: '1000' }), db2: aNode('db2', { handover: '0000000004000000' }) };
    const { promotable, cells } = explain(
      { ...aSnapshotOfEachState.standby, cluster: { nodes, quorate: true, fencing: true } },
      aCall(),
    );
    expect(cells.promote).toMatch(/^wait, and if nothing changes: .*exit generic: \[HANDOVER_INCOMPLETE\]/);
    expect(promotable.because[0]).toContain('[HANDOVER_INCOMPLETE]');
  });
});
