import { describe, expect, it } from '@jest/globals';
import { failover, mayBeLost } from '../../../../cli/region/failover.ts';
import { cleanup, standby as intoStandby, unstandby } from '../../../../cli/region/nodes.ts';
import { aNodeView, aView, play, primary, standby } from './pretend-view.ts';

const resting = aNodeView('db1', { standby: true, role: undefined });

describe('cfha standby and unstandby', () => {
  it('of the primary: the standby takes over, and only then it is done', () => {
    const verb = intoStandby('db1');
    expect(verb.plan(aView())).toMatchObject({ plan: [expect.stringContaining('db2 becomes the primary'), expect.anything()] });
    const after = aView({ nodes: [resting, primary('db2')] });
    const { marks, end } = play(verb, aView(), { act: (_, view) => view, time: () => after });
    expect([marks, end?.code]).toEqual([['standby'], 0]);
  });

  it('of the primary is refused when nobody could take over', () => {
    expect(intoStandby('db1').plan(aView({ nodes: [primary('db1'), aNodeView('db2', { role: undefined })] }))).toHaveProperty('refused');
  });

  it('of the standby costs clients nothing', () => {
    expect(intoStandby('db2').plan(aView())).toMatchObject({ wait: 'not at all' });
  });

  it('have nothing to do the second time, and name the nodes when the name is wrong', () => {
    const now = aView({ nodes: [resting, primary('db2')] });
    expect([intoStandby('db1').plan(now), unstandby('db2').plan(now)]).toEqual([{ nothing: expect.anything() }, { nothing: expect.anything() }]);
    expect(unstandby('db3').plan(now)).toMatchObject({ todo: 'the nodes are db1, db2' });
  });

  it('unstandby ends when the node streams; in time, with what is wrong, when it does not', () => {
    const before = aView({ nodes: [resting, primary('db2')] });
    const after = aView({ nodes: [standby('db1'), primary('db2')] });
    expect(play(unstandby('db1'), before, { act: () => after }).end?.code).toBe(0);
    const stays = aView({ nodes: [aNodeView('db1', { role: undefined, attributes: { 'pg-status': 'STOP' } }), primary('db2')] });
    expect(play(unstandby('db1'), before, { act: () => stays }).end).toMatchObject({ code: 1, says: [expect.anything(), expect.stringContaining('stopped')] });
  });
}); // prettier-ignore

describe('what a verb reports', () => {
  it('is not that a node is the primary because Pacemaker’s history looks so', () => {
    const before = aView({ nodes: [primary('db1'), aNodeView('db2', { standby: true, role: undefined })] });
    const both = aView({ nodes: [primary('db1'), aNodeView('db2', { role: 'Promoted', attributes: { 'pg-status': 'STOP' } })] });
    expect(play(unstandby('db2'), before, { act: () => both, time: () => aView() }).end).toMatchObject({ code: 0, says: ['db2 streams from db1'] });
    const unsure = aView({ nodes: [aNodeView('db1', { role: undefined }), aNodeView('db2', { role: 'Promoted' })] });
    const sure = aView({ nodes: [aNodeView('db1', { role: undefined }), primary('db2')] });
    expect(play(unstandby('db2'), before, { act: () => unsure }).end?.code).toBe(1);
    expect(play(unstandby('db2'), before, { act: () => unsure, time: () => sure }).end).toMatchObject({ code: 0, says: ['db2 is the primary'] });
  });

  it('of standby is the end of it only when the new primary serves', () => {
    const promoted = aView({ nodes: [resting, aNodeView('db2', { role: 'Promoted', attributes: { 'pg-status': 'HS:alone' } })] });
    expect(play(intoStandby('db1'), aView(), { act: () => promoted }).end?.code).toBe(1);
  });
}); // prettier-ignore

describe('cfha cleanup', () => {
  const broken = aView({ nodes: [primary('db1'), aNodeView('db2', { role: undefined, failures: Infinity })] });

  it('has nothing to do without a failure', () => {
    expect(cleanup().plan(aView())).toHaveProperty('nothing');
  });

  it('ends when PostgreSQL runs again, or when it failed again', () => {
    expect(play(cleanup(), broken, { act: () => aView() }).end?.code).toBe(0);
    const again = aView({ nodes: [primary('db1'), aNodeView('db2', { role: undefined, failures: 1, reason: '[STEP_FAILED] no room' })] });
    const { end } = play(cleanup('db2'), broken, { act: () => again });
    expect(end).toMatchObject({ code: 1, says: [expect.stringContaining('db2: no room (what to do: STEP_FAILED')] });
    expect(end?.says.join()).not.toContain('cleanup');
  }); // prettier-ignore

  it('of one node leaves the others alone', () => {
    expect(cleanup('db1').plan(broken)).toHaveProperty('nothing');
    expect(cleanup('db3').plan(broken)).toHaveProperty('refused');
    expect(cleanup('DB2').plan(broken)).toMatchObject({ plan: [expect.stringContaining('on db2')] });
  });
});

describe('cfha failover', () => {
  const last = standby('db2', { attributes: { 'pg-xlog-loc': '0000000003000000' } });
  const gone = aNodeView('db1', { online: false, role: undefined });
  const alone = aView({ nodes: [gone, last] });

  it('is refused while there is a primary', () => {
    expect(failover('db2', undefined).plan(aView())).toMatchObject({ todo: 'cfha switchover --to db2' });
    expect(failover('db1', undefined).plan(aView())).toHaveProperty('nothing');
  });

  it('says what may be lost, and does nothing without the word that it may', () => {
    expect(failover('db2', undefined).plan(alone)).toMatchObject({
      refused: expect.stringContaining('db1 is not here'),
    });
    expect(failover('db2', 'all').plan(alone)).toHaveProperty('plan');
  });

  it('counts the bytes that another node has, of what each has published in any way', () => {
    const of = (name: string, attributes: Readonly<Record<string, string>>) => standby(name, { attributes });
    const against = (own: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) => {
      const node = of('db2', own);
      return mayBeLost(aView({ nodes: [of('db1', other), node] }), node);
    };
    const at = (position: string) => ({ 'pg-xlog-loc': position });
    expect(against(at('0000000003000000'), at('0000000003000100'))).toEqual(['256 bytes of db1 after 0/3000000']);
    expect(against(at('0000000003000100'), at('0000000003000000'))).toEqual([]);
    // A node that handed over and has published nothing since is not behind.
    expect(against({ 'pg-handover': '0000000003051E60' }, { 'pg-handover': '0000000003041F68' })).toEqual([]);
    expect(against({ 'pg-handover': '0000000003041F68' }, { 'pg-handover': '0000000003051E60' })).toEqual(['65272 bytes of db1 after 0/3041F68']);
    expect(against({}, at('0000000003000100'))).toEqual(['db1 has WAL up to 0/3000100; db2 has published nothing']);
    expect(against(at('0000000003000000'), { 'pg-xlog-loc': 'x', 'pg-handover': '' })).toEqual([]);
    const on = (timeline: string, position: string) => ({ ...at(position), 'pg-xlog-history': `0000000${timeline}-7000000000000000001` });
    expect(against(on('4', '0000000003000100'), on('3', '0000000003000200'))).toEqual(['what db1 wrote on timeline 3 after it parted from timeline 4, up to 0/3000200']);
    expect(against(on('3', '0000000003000200'), on('4', '0000000003000100'))).toHaveLength(1);
    expect(against(on('3', '0000000003000200'), on('3', '0000000003000100'))).toEqual([]);
  }); // prettier-ignore

  it('knows where two histories parted when both have published theirs', () => {
    const of = (name: string, lineage: string) => aNodeView(name, { attributes: { 'pg-data-status': 'DISCONNECT', 'pg-lineage': lineage } });
    const rogue = of('db2', '00000004-7000000000000000001 0000000003000200 - 3:0000000003000100');
    const old = of('db1', '00000003-7000000000000000001 0000000003000180 - -');
    const view = aView({ nodes: [old, rogue] });
    expect(mayBeLost(view, rogue)).toEqual([expect.stringContaining('DISCONNECT'), '128 bytes of db1 after 0/3000100']);
    expect(mayBeLost(view, old)).toEqual([expect.stringContaining('DISCONNECT'), '256 bytes of db2 after 0/3000100']);
    const within = of('db1', '00000003-7000000000000000001 0000000003000100 - -');
    expect(mayBeLost(aView({ nodes: [within, rogue] }), rogue)).toEqual([expect.stringContaining('lacks nothing')]);
  }); // prettier-ignore

  it('asks for nothing where the records prove that nothing is lost', () => {
    const good = standby('db2', {
      attributes: { 'pg-data-status': 'STREAMING|SYNC', 'pg-xlog-loc': '0000000003000000' },
    });
    const away = aNodeView('db1', { online: false, role: undefined, attributes: { 'pg-data-status': 'DISCONNECT' } });
    expect(failover('db2', undefined).plan(aView({ nodes: [away, good] }))).toHaveProperty('plan');
  });

  it('between two nodes that are both out tells what each side would lose, and takes no number for it', () => {
    const out = (name: string, handover: string) => aNodeView(name, { attributes: { 'pg-data-status': 'DISCONNECT', 'pg-handover': handover } });
    const view = aView({ nodes: [out('db1', '0000000003051E60'), out('db2', '0000000003041F68')] });
    expect(failover('db1', undefined).plan(view)).toMatchObject({
      refused: 'it may lose data: by its record (DISCONNECT) a primary went on without db1; by what the nodes have published it lacks nothing. The choice is: db1: by what is published, nothing. db2: lost: 65272 bytes of db1 after 0/3041F68',
      todo: expect.stringContaining('cfha failover --to db1 --accept-loss all'),
    });
    expect(failover('db1', '65272').plan(view)).toHaveProperty('refused');
    expect(failover('db1', 'all').plan(view)).toHaveProperty('plan');
  }); // prettier-ignore

  it('takes the acceptance back, whatever comes of it', () => {
    const done = aView({ nodes: [gone, primary('db2')] });
    const good = play(failover('db2', 'all'), alone, { act: (_, view) => view, time: () => done });
    expect([good.marks, good.end?.code]).toEqual([['accept', 'forget'], 0]);
    const bad = play(failover('db2', '100'), alone, { act: (_, view) => view });
    expect([bad.marks, bad.end?.code]).toEqual([['accept', 'forget'], 1]);
  });
});
