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

  it('counts the bytes that another node has received', () => {
    const ahead = standby('db1', { attributes: { 'pg-xlog-loc': '0000000003000100' } });
    expect(mayBeLost(aView({ nodes: [ahead, last] }), last)).toEqual(['db1 has received more: 256 bytes']);
    const garbage = standby('db1', { attributes: { 'pg-xlog-loc': 'x', 'pg-handover': '' } });
    expect(mayBeLost(aView({ nodes: [garbage, last] }), last)).toEqual([]);
  });

  it('takes the acceptance back, whatever comes of it', () => {
    const done = aView({ nodes: [gone, primary('db2')] });
    const good = play(failover('db2', 'all'), alone, { act: (_, view) => view, time: () => done });
    expect([good.marks, good.end?.code]).toEqual([['accept', 'forget'], 0]);
    const bad = play(failover('db2', '100'), alone, { act: (_, view) => view });
    expect([bad.marks, bad.end?.code]).toEqual([['accept', 'forget'], 1]);
  });
});
