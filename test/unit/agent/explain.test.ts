import { describe, expect, it } from '@jest/globals';
import { explain } from '../../../agent/explain.ts';
import { aCall, aNode, aSnapshotOfEachState } from './pretend-region.ts';

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
});
