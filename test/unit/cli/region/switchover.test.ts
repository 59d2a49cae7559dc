import { describe, expect, it } from '@jest/globals';
import { switchover } from '../../../../cli/region/switchover.ts';
import type { View } from '../../../../cli/region/view.ts';
import { aView, play, primary, standby, withNode } from './pretend-view.ts';

const until = new Date('2026-11-25T06:18:27Z');
const verb = switchover(undefined, until);

const obstacle = 'REPLAY_PAUSED: replay is paused on this standby';
const hindered = standby('db2', { attributes: { 'pg-data-status': 'STREAMING|ASYNC', 'pg-obstacle': obstacle } });

const switched = (data = 'STREAMING|ASYNC'): View =>
  aView({
    nodes: [
      standby('db1', { attributes: { 'pg-data-status': data, 'pg-handover': '0000000003000000' } }),
      primary('db2', { attributes: { 'pg-status': 'PRI', 'pg-master-baseline': '0000000003000078' } }),
    ],
  });

describe('cfha switchover, before', () => {
  it('says what happens and how long clients wait', () => {
    expect(verb.plan(aView())).toMatchObject({
      plan: { length: 5 },
      wait: expect.stringContaining('two seconds'),
    });
  });

  it('has nothing to do for the primary itself', () => {
    expect(switchover('db1', until).plan(aView())).toEqual({ nothing: 'db1 is the primary already' });
  });

  it.each([
    ['no primary', aView({ nodes: [standby('db1'), standby('db2')] }), /no primary/],
    ['maintenance mode', aView({ maintenance: true }), /maintenance/],
    ['no quorum', aView({ quorate: false }), /quorum/],
    ['a standby that does not stream', aView({ nodes: [primary('db1'), standby('db2', { attributes: { 'pg-data-status': 'DISCONNECT' } })] }), /stream/],
    ['a standby whose replay is paused', aView({ nodes: [primary('db1'), hindered] }), /replay is paused/],
    ['a node that is off', aView({ nodes: [primary('db1'), standby('db2', { online: false, role: undefined })] }), /online/],
    ['a node in standby', aView({ nodes: [primary('db1'), standby('db2', { standby: true })] }), /standby/],
    ['a node where it failed', aView({ nodes: [primary('db1'), standby('db2', { failures: 1 })] }), /failed/],
    ['constraints of others', aView({ bans: [{ id: 'cli-ban', node: 'db2', bans: true }] }), /cli-ban/],
  ])('refuses with %s, and says what to do', (_, view, because) => {
    const plan = verb.plan(view);
    expect(plan).toMatchObject({ refused: expect.stringMatching(because), todo: expect.stringMatching(/./) });
  }); // prettier-ignore

  it('takes its own constraint, left by one that was killed, for its own', () => {
    expect(verb.plan(aView({ bans: [{ id: 'cfha-switchover', node: 'db1', bans: true }] }))).toHaveProperty('plan');
  });
});

describe('cfha switchover', () => {
  it('waits for the promotion, removes its constraint, waits for the old primary, and proves', () => {
    const stages = [aView(), switched('DISCONNECT'), switched('DISCONNECT'), switched()];
    const { marks, end } = play(verb, aView(), { act: (_, view) => view, time: () => stages.shift() ?? switched() });
    expect(marks).toEqual(['begin', 'end']);
    expect(end).toMatchObject({ code: 0, record: { from: 'db1', to: 'db2', proven: true } });
  });

  it('claims no proof where there is none', () => {
    const unproven = withNode(switched(), standby('db1'));
    const { end } = play(verb, aView(), { act: () => unproven });
    expect(end).toMatchObject({ code: 0, record: { proven: false } });
  });

  it('is cancelled when the promotion fails: the old primary goes on, the constraint is gone', () => {
    const failed = aView({ nodes: [standby('db1'), standby('db2', { failures: 1 })] });
    const { marks, end } = play(verb, aView(), { act: (mark) => (mark === 'begin' ? failed : aView()) });
    expect(marks).toEqual(['begin', 'end']);
    expect(end).toMatchObject({
      code: 1,
      says: [expect.stringContaining('db1 is the primary as before'), expect.anything()],
    });
  });

  it.each([0, 1, 2, 3, 10])('leaves no constraint behind when it is interrupted after %i looks', (stopAfter) => {
    const { marks, end } = play(verb, aView(), { act: (_, view) => view, stopAfter });
    expect(marks.filter((mark) => mark === 'begin')).toHaveLength(marks.filter((mark) => mark === 'end').length);
    expect(end?.code).toBe(1);
  });

  it('gives up in time when nothing happens, without its constraint', () => {
    const { marks, end } = play(verb, aView(), { act: (_, view) => view });
    expect([marks, end?.code]).toEqual([['begin', 'end'], 1]);
  });

  it('says when there is no primary in the end', () => {
    const none = aView({ nodes: [standby('db1'), standby('db2', { failures: 1 })] });
    expect(play(verb, aView(), { act: () => none }).end?.says[0]).toBe('there is no primary');
  });

  it('lets its constraint end by itself, for the promoted role alone', () => {
    const move = verb.next(aView(), { before: aView(), done: [], sinceMs: 0, quietMs: 0, nowMs: 0, stopping: false });
    const xml = move.move === 'run' ? move.argv.join(' ') : '';
    expect(xml).toContain('role="Promoted"');
    expect(xml).toContain('operation="lt" end="2026-11-25 06:18:27Z"');
  });
});
