import { spawnSync } from 'node:child_process';
import { describe, expect, it, test } from '@jest/globals';
import { chosen, drills } from '../../../verify/drills/all.ts';
import type { Drill, Seen, Situation } from '../../../verify/drills/drill.ts';
import { resultOf, type Expectations, type Played } from '../../../verify/drills/result.ts';
import { situationOf } from '../../../verify/drills/situation.ts';
import { lacks, someSayPrimary } from '../../../verify/drills/words.ts';
import { byNode } from '../../../verify/undo.ts';
import { aView, primary, standby } from '../cli/region/pretend-view.ts';
import { facts } from './pretend-nodes.ts';

function aSituation(changes: Partial<Situation> = {}): Situation {
  const made = situationOf({ ...facts(), database: 'vmdb_production', onNode: undefined });
  if (made === undefined) throw new Error('the recorded region is healthy');
  return { ...made, ...changes };
}

function drill(name: string): Drill {
  const found = drills.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no drill ${name}`);
  return found;
}

const situation = aSituation();

describe('the drills', () => {
  it('are those that the region is known by', () => {
    expect([situation.primary, situation.standbys, situation.mode, situation.macs['db2']]).toEqual(['db1', ['db2'], 'async', '02:77:00:00:00:0c']); // prettier-ignore
    expect(situation.archive).toEqual({ configured: true, restoreCommand: 'cp /archive/%f %p' });
  });

  it('come in an order in which fencing is proved before anything depends on it', () => {
    const names = drills.map(({ name }) => name);
    expect(new Set(names).size).toBe(18);
    for (const later of ['crash', 'freeze', 'power', 'partition', 'panic', 'disk'])
      expect(names.indexOf(later)).toBeGreaterThan(names.indexOf('fence'));
  });

  it('are chosen by name, in that order; an unknown name is said', () => {
    const wanted = chosen(['crash', 'switchover']);
    expect('unknown' in wanted ? wanted : wanted.map(({ name }) => name)).toEqual(['switchover', 'crash']);
    expect(chosen(['crush'])).toEqual({ unknown: 'crush' });
  });

  const scripts = drills.flatMap((one) => [
    ...one.steps(situation).flatMap((step) => ('script' in step ? [[one.name, step.says, step.script] as const] : [])),
    ...one.undo(situation).map(({ on, script }) => [one.name, `undo on ${on}`, script] as const),
  ]);
  test.each(scripts)('%s: %s is a script that a shell can read', (_name, _says, script) => {
    expect(spawnSync('sh', ['-n'], { input: `${script}\n`, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  test.each(drills.filter(({ name }) => !['replication', 'archive', 'agent', 'crash', 'stop', 'panic', 'reboot'].includes(name)))('$name records what is to be undone', (one) => {
    expect(byNode(one.undo(situation)).size).toBeGreaterThan(0);
  }); // prettier-ignore

  it('switch the standby off in order before anybody is fenced, and ask the device whether it knows', () => {
    const names = drill('fence').steps(situation).map((step) => (step.do === 'healthy' ? step.do : 'says' in step ? step.says : '')); // prettier-ignore
    expect(names.slice(0, 6)).toEqual([
      ...['db2 is switched off, in order', 'db2 is away', 'the device says that db2’s machine is off'],
      ...['the device switches db2 on', 'db2 was started anew', 'healthy'],
    ]);
  });

  const agent = (codes: Readonly<Record<string, number>>) =>
    `fence_x() { case $(cat) in ${Object.entries(codes).map(([node, code]) => `*plug=*${node}*) return ${code} ;;`).join(' ')} esac; }; timeout() { shift; "$@"; }; sleep() { :; }`; // prettier-ignore
  /** Runs the script of a step of the drill `fence`, with a device that answers so. */
  const asked = (begins: string, codes: Readonly<Record<string, number>>) => {
    const step = drill('fence').steps(situation).find((one) => one.do === 'run' && one.says.startsWith(begins)); // prettier-ignore
    const script = step !== undefined && 'script' in step ? step.script.replaceAll(/\bfence_\w+/g, 'fence_x') : '';
    return spawnSync('sh', { input: `${agent(codes)}\n${script}\n`, encoding: 'utf8' });
  };
  test.each([
    ['knows the machine that is off', { db1: 0, db2: 2 }, 0, ''],
    ['says it of the one on which it is asked', { db1: 2, db2: 0 }, 1, 'swapped'],
    ['says that both are on', { db1: 0, db2: 0 }, 1, 'it is another one'],
    ['does not answer', { db1: 1, db2: 1 }, 1, 'it is another one'],
  ] as const)('a device that %s', (...[, codes, status, says]) => {
    const ran = asked('the device says', codes);
    expect([ran.status, ran.stdout]).toEqual([status, says === '' ? '' : expect.stringContaining(says)]);
  });

  test.each([
    ['switches it on', { db1: 0, db2: 0 }, 0, ''],
    ['says yes and does nothing', { db1: 0, db2: 2 }, 1, 'switch it on by hand'],
    ['does not answer', { db1: 1, db2: 1 }, 1, 'switch it on by hand'],
  ] as const)('a device that is to switch the standby on, and %s', (...[, codes, status, says]) => {
    const ran = asked('the device switches', codes);
    expect([ran.status, ran.stdout]).toEqual([status, says === '' ? '' : expect.stringContaining(says)]);
  });

  it('fence the standby first, and wait for its boot: a device that lies is found before the primary is fenced', () => {
    const steps = drill('fence').steps(situation);
    expect(steps.map((step) => (step.do === 'healthy' ? step.do : 'says' in step ? step.says : '')).slice(6)).toEqual([
      ...['db1 fences db2', 'db2 was started anew', 'healthy', 'db2 fences db1', 'db1 was started anew'],
      ...['another node than db1 is the primary', 'clients write'],
    ]);
  });

  it('fence every standby, where there are more', () => {
    const three = aSituation({ nodes: ['db1', 'db2', 'db3'], standbys: ['db2', 'db3'] });
    const fenced = drill('fence').steps(three).flatMap((step) => ('says' in step && step.says.includes(' fences ') ? [step.says] : [])); // prettier-ignore
    expect(fenced).toEqual(['db1 fences db2', 'db1 fences db3', 'db2 fences db1']);
  });

  test.each([
    ['panic', { containers: { db1: 'lxc' } }, 'no kernel of its own'],
    ['disk', { walOnRoot: { db1: true } }, 'root file system'],
    ['archive', { archive: { configured: false, restoreCommand: '' } }, 'no archive'],
    ['archive', { archive: { configured: true, restoreCommand: '' } }, 'no restore_command'],
    ['vip', { cib: { ...situation.cib, view: { ...situation.cib.view, vip: undefined } } }, 'no virtual IP'],
    ['power', { cib: { ...situation.cib, primitives: [] } }, 'fence device'],
    ['fence-unreachable', { cib: { ...situation.cib, primitives: [] } }, 'no fence device'],
  ] as const)('%s is refused where it cannot be played', (name, changes, because) => {
    expect(drill(name).refuse?.(aSituation(changes))).toContain(because);
  });

  it('hold no password', () => expect(JSON.stringify(scripts)).not.toMatch(/passw(or)?d=[^_]/));
});

const played: Played = {
  ...{ beganMs: 0, steps: [], brokenMs: 1000, healthyMs: 60_000, lacks: [], primaryAfter: 'db2', rebooted: [] },
  measure: { seconds: 60, acknowledged: 1000, failed: 0, uncertain: 0, uncertainKept: 0, lost: 0, lostNumbers: [], duplicated: 0, gaps: [], longestGap: 8 },
  ...{ perSecond: [], overlap: undefined, spans: [], phases: [], lines: [], interrupted: false },
}; // prettier-ignore
const anything: Expectations = { maxGapSeconds: undefined, noLoss: false };

type Under = { readonly expected?: Expectations; readonly of?: Situation };

function because(name: string, changes: Partial<Played>, { expected = anything, of = situation }: Under = {}): readonly string[] {
  return resultOf(drill(name), { ...played, ...changes }, { situation: of, expected }).because;
} // prettier-ignore

describe('the verdict on a drill', () => {
  it('is that it held', () => {
    expect(resultOf(drill('crash'), played, { situation, expected: anything })).toMatchObject({ verdict: 'held', because: [] }); // prettier-ignore
  });

  const lost = { measure: { ...played.measure, lost: 2, lostNumbers: [7, 8] } };
  const cases: readonly (readonly [string, string, Partial<Played>, string])[] = [
    [
      'a step fails: a time that is over is a failure',
      'crash',
      { steps: [{ says: 'clients write', atMs: 0, failed: 'not within 120 s' }] },
      'not within 120 s',
    ],
    [
      'two nodes took writes',
      'crash',
      { overlap: { nodes: ['db1', 'db2'], atMs: 0 } },
      'at the same time: db1 and db2',
    ],
    ['a planned change lost something', 'switchover', lost, '2 acknowledged writes are lost (numbers 7, 8)'],
    ['something is there twice', 'crash', { measure: { ...played.measure, duplicated: 1 } }, 'twice'],
    ['nothing could be read back', 'crash', { measure: { ...played.measure, lost: undefined } }, 'read back'],
    [
      'clients waited too long',
      'crash',
      { measure: { ...played.measure, longestGap: 61 } },
      '61.0 s, and 60 s is the limit',
    ],
    ['the primary moved', 'partition', { rebooted: ['db2'] }, 'had to stay on db1'],
    ['the primary did not move', 'crash', { primaryAfter: 'db1' }, 'still on db1'],
    ['another machine was started anew', 'power', { rebooted: ['db2'] }, 'db2 was started anew, and must not be'],
    ['the machine was not started anew', 'power', { rebooted: [] }, 'db1 was not started anew'],
    ['a person is needed', 'crash', { lacks: ['db1 does not stream'] }, 'a person is needed: db1 does not stream'],
    ['it was interrupted', 'crash', { interrupted: true }, 'interrupted'],
  ];
  test.each(cases.map(([when, name, changes, says]) => ({ when, name, changes, says })))('is that it did not, when $when', ({ name, changes, says }) => {
    expect(because(name, changes).join('\n')).toContain(says);
  }); // prettier-ignore

  it('lets asynchronous replication lose what it may, and says so; synchronous may not, nor with --no-loss', () => {
    expect(because('crash', lost)).toEqual([]);
    expect(resultOf(drill('crash'), { ...played, ...lost }, { situation, expected: anything }).notes[0]).toContain('2 acknowledged writes are lost'); // prettier-ignore
    expect(because('crash', lost, { expected: { ...anything, noLoss: true } })).toHaveLength(1);
    expect(because('crash', lost, { of: aSituation({ mode: 'sync' }) })).toHaveLength(1);
  });

  it('takes the limit that was given', () => {
    expect(because('crash', {}, { expected: { ...anything, maxGapSeconds: 5 } })[0]).toContain('5 s is the limit');
  });
});

describe('what is seen while a drill runs', () => {
  const seen = (nodes: Seen['nodes']): Seen => ({ nodes, boots: {}, acknowledged: 0, sinceAcknowledgedMs: 0 });
  const names = ['db1', 'db2'];

  it('is a healthy region only if every node says so', () => {
    const well = { view: aView(), boot: 'a' };
    expect(lacks(seen({ db1: well, db2: well }), names)).toEqual([]);
    expect(lacks(seen({ db1: well, db2: undefined }), names)).toEqual(['db2 does not answer']);
    expect(lacks(seen({ db1: well, db2: { view: undefined, boot: 'a' } }), names)).toEqual(['db2 does not answer']);
    const other = { boot: 'a', view: aView({ nodes: [standby('db1'), primary('db2')], vip: undefined }) };
    expect(lacks(seen({ db1: well, db2: other }), names)).toEqual(['the nodes disagree about the primary']);
  });

  it('is a healthy region in synchronous mode only once a commit waits for a standby: until then nobody may take over', () => {
    const joined = (status: string) =>
      aView({
        parameters: { rep_mode: 'sync' },
        nodes: [primary('db1'), standby('db2', { attributes: { 'pg-data-status': status } })],
      });
    const found = (status: string) => {
      const node = { view: joined(status), boot: 'a' };
      return lacks(seen({ db1: node, db2: node }), names);
    };
    expect(found('STREAMING|ASYNC')).toEqual(['no standby is synchronous yet']);
    expect(found('STREAMING|POTENTIAL')).toEqual(['no standby is synchronous yet']);
    expect([found('STREAMING|SYNC'), found('STREAMING|QUORUM')]).toEqual([[], []]);
  });

  it('is a second primary on anybody’s word', () => {
    const other = { boot: 'a', view: aView({ nodes: [standby('db1'), primary('db2')] }) };
    expect(someSayPrimary(seen({ db1: { view: aView(), boot: 'a' }, db2: other }), 'db2')).toBe(true);
    expect(someSayPrimary(seen({ db1: { view: aView(), boot: 'a' } }), 'db2')).toBe(false);
  });
});
