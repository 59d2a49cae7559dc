import { describe, expect, it } from '@jest/globals';
import { rejoin } from '../../../../cli/region/rejoin.ts';
import { rejoinsOf, rejoinText } from '../../../../cli/region/rejoins.ts';
import { unlock } from '../../../../cli/region/unlock.ts';
import { aNodeView, aView, play, primary, standby, withNode } from './pretend-view.ts';

const until = new Date('2026-11-25T06:18:27Z');
const verb = (way?: 'rewind' | 'clone') => rejoin({ name: 'db2', way, until });
const evidence = 'diverged 1024 1 0/3000000 0/3000400';
const refusedNode = aNodeView('db2', { role: undefined, failures: Infinity, attributes: { 'pg-evidence': evidence } });
const locked = aView({ nodes: [primary('db1'), refusedNode] });
const copying = aNodeView('db2', { attributes: { 'pg-rejoin': 'clone 1048576/4194304 since 1700000000' } });

describe('the progress of a rejoin', () => {
  it('is bytes, rate and time left', () => {
    const [found] = rejoinsOf(withNode(aView(), copying), new Date(1_700_000_010_000));
    expect(found).toEqual({ node: 'db2', way: 'clone', doneBytes: 1048576, totalBytes: 4194304, bytesPerSecond: 104858, secondsLeft: 30 });
    expect(found && rejoinText(found)).toBe('clone, 1024 kB of 4096 kB, 102 kB/s, about 30 s left');
  });

  it('does not invent what is not known yet, and shows nothing of what it cannot read', () => {
    const of = (value: string) => rejoinsOf(withNode(aView(), aNodeView('db2', { attributes: { 'pg-rejoin': value } })), new Date(1_700_000_000_000));
    expect(of('rewind 0/0 since 1700000000').map(rejoinText)).toEqual(['rewind has begun']);
    expect(of('clone 0/10 since 1700000000')[0]).toMatchObject({ secondsLeft: undefined });
    expect(of('half done')).toEqual([]);
  });
}); // prettier-ignore

describe('cfha rejoin', () => {
  it.each([
    ['an unknown node', rejoin({ name: 'db9', way: undefined, until }), aView()],
    ['the primary', rejoin({ name: 'db1', way: 'clone', until }), aView()],
    ['without a primary', verb(), aView({ nodes: [standby('db1'), refusedNode] })],
    ['a node that is offline', verb(), withNode(aView(), aNodeView('db2', { online: false, role: undefined }))],
    ['a node in standby', verb(), withNode(aView(), aNodeView('db2', { standby: true, role: undefined }))],
    ['in maintenance mode', verb('clone'), aView({ maintenance: true })],
    ['data of another system', verb('clone'), withNode(locked, { ...refusedNode, attributes: { 'pg-evidence': 'foreign 1 2' } })],
  ])('is refused for %s', (...[, one, view]) => expect(one.plan(view)).toHaveProperty('refused')); // prettier-ignore

  it('has nothing to do where the node streams, unless a copy is wanted', () => {
    expect(verb().plan(aView())).toHaveProperty('nothing');
    expect(verb('clone').plan(aView())).toMatchObject({ plan: [expect.stringContaining('stops on db2'), expect.stringContaining('base backup'), expect.anything()] });
  }); // prettier-ignore

  it('says what is lost before it acts', () => {
    expect(verb().plan(locked)).toMatchObject({ plan: expect.arrayContaining([expect.stringContaining('lost: 1024 bytes')]) });
  }); // prettier-ignore

  it('tries a node again that was given up, and takes its word back when it streams', () => {
    const { marks, end } = play(verb(), locked, { act: (mark, view) => (mark === 'cleanup' ? aView() : view) });
    expect([marks, end?.code]).toEqual([['word', 'cleanup', 'forget'], 0]);
  });

  it('stops and starts a server that runs, and waits as long as there is news', () => {
    const silent = withNode(aView(), aNodeView('db2'));
    let turns = 0;
    const act = (mark: string, view: typeof silent) =>
      mark === 'leave' ? withNode(view, aNodeView('db2', { role: undefined })) : mark === 'return' ? withNode(view, copying) : view;
    const time = (view: typeof silent) => {
      const bytes = 1048576 + ++turns * 1000;
      return turns > 600 ? aView() : withNode(view, aNodeView('db2', { attributes: { 'pg-rejoin': `clone ${bytes}/4194304 since 1700000000` } }));
    };
    const { marks, end } = play(verb('clone'), silent, { act, time });
    expect([marks, end?.code]).toEqual([['word', 'leave', 'return', 'forget'], 0]);
  }); // prettier-ignore

  it('ends when it fails again, and when nothing happens; the constraint and the word never stay', () => {
    const failing = play(verb(), locked, { act: (_, view) => view });
    expect([failing.marks.at(-1), failing.end?.code]).toEqual(['forget', 1]);
    const stuck = play(verb('clone'), aView(), { act: (_, view) => view });
    expect([stuck.marks, stuck.end?.code]).toEqual([['word', 'leave', 'cancel', 'forget'], 1]);
    const act = (mark: string, view: typeof locked) => (mark === 'leave' ? withNode(view, aNodeView('db2', { role: undefined })) : view);
    const mute = play(verb('clone'), aView(), { act });
    expect([mute.marks, mute.end?.code]).toEqual([['word', 'leave', 'return', 'forget'], 1]);
  }); // prettier-ignore

  it('only watches what goes on already', () => {
    const view = withNode(aView(), copying);
    expect(play(verb(), view, { act: (_, now) => now, time: () => aView() })).toMatchObject({ marks: [], end: { code: 0 } });
  }); // prettier-ignore

  it('lets its constraint end by itself', () => {
    const progress = { before: aView(), done: ['word'], sinceMs: 0, quietMs: 0, nowMs: 0, stopping: false };
    const move = verb('clone').next(aView(), progress);
    expect(move.move === 'run' && move.argv.join(' ')).toContain('end="2026-11-25 06:18:27Z"');
  });
});

describe('cfha unlock', () => {
  it('names what would be lost, and refuses any other number', () => {
    expect(unlock('db2', undefined).plan(locked)).toMatchObject({ refused: expect.stringContaining('1024 bytes'), todo: expect.stringContaining('--accept-loss 1024') });
    expect(unlock('db2', '1023').plan(locked)).toMatchObject({ refused: expect.stringContaining('1023 is not what is lost') });
    expect(unlock('db2', '1024').plan(locked)).toHaveProperty('plan');
  }); // prettier-ignore

  it('does not tell an upper limit as what is lost', () => {
    const view = withNode(locked, { ...refusedNode, attributes: { 'pg-evidence': 'diverged 51282880 1 0/0 0/30E83C0 fork-unknown' } });
    expect(unlock('db2', undefined).plan(view)).toMatchObject({ refused: expect.stringMatching(/up to 0\/30E83C0 on timeline 1: from where on is unknown.*at most 51282880 bytes/), todo: expect.stringContaining('--accept-loss 51282880') });
  }); // prettier-ignore

  it('gives exactly that loss as its word to the agent', () => {
    const progress = { before: locked, done: [], sinceMs: 0, quietMs: 0, nowMs: 0, stopping: false };
    const move = unlock('db2', '1024').next(locked, progress);
    expect(move.move === 'run' && move.argv.join(' ')).toContain('--update=rewind,clone accept 1024');
  });

  it('lets the agent compare again where nothing is known to be lost, and accepts no loss there', () => {
    const view = withNode(locked, { ...refusedNode, attributes: { 'pg-evidence': 'unknown no answer in time' } });
    expect(unlock('db2', undefined).plan(view)).toMatchObject({ plan: [expect.stringContaining('no answer in time'), expect.anything()] });
    expect(unlock('db2', '10').plan(view)).toHaveProperty('refused');
    const { marks, end } = play(unlock('db2', undefined), view, { act: () => aView() });
    expect([marks, end?.code]).toEqual([['cleanup'], 0]);
  }); // prettier-ignore

  it('has nothing to do on a node that runs, and refuses foreign data', () => {
    expect(unlock('db2', undefined).plan(aView())).toHaveProperty('nothing');
    expect(unlock('db1', undefined).plan(aView())).toHaveProperty('nothing');
    const foreign = withNode(locked, { ...refusedNode, attributes: { 'pg-evidence': 'foreign 1 2' } });
    expect(unlock('db2', undefined).plan(foreign)).toHaveProperty('refused');
  });
});
