// What outranks the agent's settings, and what a start, a monitor and a promotion make of it.
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../agent/run.ts';
import type { Settings } from '../../../lib/postgres/config-files.ts';
import { limitDefaults, type Limits } from '../../../lib/postgres/limits.ts';
import type { Configured, Snapshot } from '../../../agent/snapshot.ts';
import { withInclude } from '../../../agent/rules/include-line.ts';
import { overruled, refusal } from '../../../agent/rules/settings.ts';
import { wantsSettings } from '../../../agent/rules/settings-look.ts';
import { aCall, aNode, anAnswer, aSnapshot, aSnapshotOfEachState, PretendRegion } from './pretend-region.ts';

const auto = '/data/postgresql.auto.conf';
const primary: Limits = { ...limitDefaults, max_connections: 300 };

/** Each in a line of its own of postgresql.auto.conf. */
function configured(values: Readonly<Record<string, string>>, limits: Limits = limitDefaults): Configured {
  const settings: Settings = Object.fromEntries(
    Object.entries(values).map(([name, value], n) => [name, { value, file: auto, line: n + 1 }]),
  );
  return { settings, limits };
}

const stopped = (values: Readonly<Record<string, string>>, limits?: Limits): Snapshot =>
  aSnapshot({ configured: configured(values, limits) });

function overWith(values: Readonly<Record<string, string>>, parameters: Record<string, string> = {}) {
  const { over = [] } = overruled({ snapshot: stopped(values), call: aCall(parameters) });
  return Object.fromEntries(over.map(({ name, value }) => [name, value]));
}

describe('a start gives on the command line', () => {
  it.each([
    [{ recovery_target_time: '2020-01-01' }, { recovery_target_time: '' }],
    [{ recovery_target: 'immediate', recovery_target_xid: '7' }, { recovery_target: '', recovery_target_xid: '' }],
    [{ promote_trigger_file: '/tmp/promote' }, { promote_trigger_file: '' }],
    [{ recovery_target_timeline: '3' }, { recovery_target_timeline: 'latest' }],
    [{ restore_command: 'false' }, { restore_command: '' }],
    [{ recovery_min_apply_delay: '1h' }, { recovery_min_apply_delay: '0' }],
    [{ hot_standby: 'off' }, { hot_standby: 'on' }],
  ])('what outranks %j', (...[values, wanted]) => expect(overWith(values as unknown as Record<string, string>)).toEqual(wanted));

  it.each([
    [{ recovery_target_time: '' }],
    [{ recovery_target_timeline: 'latest' }],
    [{ recovery_min_apply_delay: '0s' }],
    [{ hot_standby: 'TRUE' }],
    // A slot that an administrator has made would not be read by anybody else.
    [{ primary_slot_name: 'mine' }],
    [{ recovery_target_action: 'promote' }],
  ])('nothing where %j is set', (values) =>
    expect(overruled({ snapshot: stopped(values as unknown as Record<string, string>), call: aCall() })).toEqual({}));

  it('its own conninfo and slot', () => {
    const found = overWith({ primary_conninfo: 'host=old', primary_slot_name: 'x' }, { replication_slot_name: 'ha' });
    expect(found['primary_slot_name']).toBe('ha_db1');
    expect(found['primary_conninfo']).toMatch(/^host=10\.77\.0\.100 .*application_name=db1/);
  });

  it('the limits of the primary, where they are larger, and says instead of what', () => {
    expect(overruled({ snapshot: stopped({}, primary), call: aCall() }).over).toEqual([
      { name: 'max_connections', value: '300', instead: '100 (the default)' },
    ]);
    expect(overruled({ snapshot: stopped({ max_connections: '200' }, primary), call: aCall() }).over).toEqual([
      { name: 'max_connections', value: '300', instead: `200 (${auto} line 1)` },
    ]);
    expect(overruled({ snapshot: stopped({ max_connections: '400' }, primary), call: aCall() })).toEqual({});
  });
}); // prettier-ignore

describe('a start is refused', () => {
  const refused = (values: Readonly<Record<string, string>>, parameters: Record<string, string> = {}) =>
    refusal({ snapshot: stopped(values), call: aCall(parameters) });

  it.each([
    ['async', '*', { exit: 'configured', because: { code: 'SYNC_NAMES_PLACED', names: '*', place: `${auto} line 1` } }],
    ['sync', '', { exit: 'configured', because: { code: 'SYNC_NAMES_PLACED', names: '', place: `${auto} line 1` } }],
    ['async', ' ', undefined],
    ['slave', '*', undefined],
  ])('in rep_mode=%s for synchronous_standby_names "%s"', (...[mode, names, wanted]) => {
    expect(refused({ synchronous_standby_names: names }, { rep_mode: mode })).toEqual(wanted);
  });

  it('where the names are not those of rep_mode.conf alone', () => {
    const settings = { synchronous_standby_names: { value: '', file: '/tmp/pg/rep_mode.conf', line: 1 } };
    const snapshot = aSnapshot({ configured: { settings, limits: undefined } });
    expect(refusal({ snapshot, call: aCall({ rep_mode: 'sync' }) })).toBeUndefined();
  });

  it.each([["password='x y'"], ["sslpassword=x"], ["options='"]])('rather than to show %s in the list of processes', (more) => // prettier-ignore
    expect(refused({ primary_conninfo: 'host=old' }, { primary_conninfo_opt: more })?.because.code).toBe('CONNINFO_OUTRANKED'));

  it('where the server would work elsewhere, or what it would use is unknown', () => {
    expect(refused({ data_directory: '/other' })?.because.code).toBe('OTHER_DATA_DIRECTORY');
    const unreadable = aSnapshot({ configured: { unreadable: '/c is no regular file' } });
    expect(refusal({ snapshot: unreadable, call: aCall() })?.because.code).toBe('SETTINGS_UNREADABLE');
  });

  it('before the server runs', async () => {
    const region = new PretendRegion(stopped({ synchronous_standby_names: '*' }));
    const { exit, because } = await run('start', aCall(), region);
    expect([exit, because?.code]).toEqual(['configured', 'SYNC_NAMES_PLACED']);
    expect(region.story.join(' ')).not.toContain('start server');
  });
}); // prettier-ignore

/** db1, beside the primary db2. */
function standby(values: Parameters<typeof aNode>[1], changes: Partial<Snapshot> = {}, alone = false): Snapshot {
  const nodes = { db1: aNode('db1', values), db2: aNode('db2', {}, alone ? {} : { role: 'Promoted' }) };
  return {
    ...aSnapshotOfEachState.standby,
    cluster: { nodes, quorate: true, fencing: true },
    configured: configured({}, primary),
    ...changes,
  };
}

const paused = { session: { answer: anAnswer({ pausedWith: limitDefaults }) } };
const pausedByHand = { session: { answer: anAnswer({ pausedWith: primary }) } };
const streaming = { dataStatus: 'STREAMING|ASYNC', status: 'HS:async' } as const;
const missed = { dataStatus: 'DISCONNECT', status: 'HS:alone' } as const;

async function play(action: 'monitor' | 'promote', snapshot: Snapshot, parameters: Record<string, string> = {}) {
  const region = new PretendRegion(snapshot);
  const { exit, because } = await run(action, aCall(parameters), region);
  return { exit, code: because?.code, story: region.story.join(', ') };
}

describe('the monitor of a standby', () => {
  it('records that replay is paused', async () => {
    const { exit, code, story } = await play('monitor', standby(streaming, pausedByHand), { rejoin: 'rewind' });
    expect([exit, code]).toEqual(['success', 'REPLAY_PAUSED']);
    expect(story).toContain('set obstacle of db1 to REPLAY_PAUSED');
  });

  it.each([
    ['rewind', paused, streaming],
    ['rewind', { configured: configured({ primary_conninfo: 'host=old' }) }, missed],
  ] as const)('restarts it where only that helps, rejoin=%s, %j', async (...[rejoin, changes, values]) => {
    const { exit, story } = await play('monitor', standby(values, changes), { rejoin });
    expect(exit).toBe('success');
    expect(story).toMatch(/stop server .*, start server with its own (max_connections|primary_conninfo)/);
  });

  it.each([
    ['manual', paused, streaming],
    ['rewind', { configured: { ...configured({ primary_conninfo: 'host=old' }), given: ['primary_conninfo'] } }, missed],
    ['rewind', { configured: configured({ primary_conninfo: 'host=old' }) }, streaming],
    ['rewind', { ...paused, remainingMs: 5000 }, streaming],
  ] as const)('leaves it running with rejoin=%s, %j', async (...[rejoin, changes, values]) => {
    const { exit, story } = await play('monitor', standby(values, changes), { rejoin });
    expect(exit).toBe('success');
    expect(story).not.toContain('start server');
  }); // prettier-ignore

  it('restarts it once', async () => {
    const first = await play('monitor', standby(streaming, paused), { rejoin: 'manual' });
    const obstacle = /set obstacle of db1 to (LIMITS_BELOW: .*)$/.exec(first.story)?.[1] ?? '';
    const again = await play('monitor', standby({ ...streaming, obstacle }, paused), { rejoin: 'rewind' });
    expect([again.exit, again.code, again.story]).toEqual(['success', 'LIMITS_BELOW', '']);
  });

  it('forgets what is no more', async () => {
    const { story } = await play('monitor', standby({ ...streaming, obstacle: 'REPLAY_PAUSED: …' }));
    expect(story).toContain('delete obstacle of db1');
  });
});

describe('the promotion of a standby whose replay is paused', () => {
  const candidate = { ...streaming, score: '1000' } as const;
  it('restarts it first with the limits of the primary', async () => {
    const { exit, story } = await play('promote', standby(candidate, paused, true));
    expect(exit).toBe('success');
    expect(story).toMatch(/^stop server .*, start server with its own max_connections, .*promote server/);
  });

  it('resumes replay', async () => {
    const { exit, story } = await play('promote', standby(candidate, pausedByHand, true));
    expect(exit).toBe('success');
    expect(story).toContain('resume replay, promote server');
  });
});

describe('the settings are looked at', () => {
  const odd = aSnapshotOfEachState;
  it.each([
    ['start', odd.stopped, {}, true],
    ['start', odd.stopped, { rep_mode: 'slave' }, true],
    ['start', odd.stopped, { rep_mode: 'none' }, false],
    ['start', odd.standby, {}, false],
    ['demote', odd.stopped, { demote_to: 'standby' }, true],
    ['demote', odd.stopped, {}, false],
    ['promote', odd.standby, {}, false],
    ['promote', odd.standby, { restart_on_promote: 'true' }, true],
    ['promote', standby({}, paused), {}, true],
    ['monitor', standby(streaming), {}, false],
    ['monitor', standby(missed), {}, true],
    ['monitor', standby(streaming, paused), {}, true],
    ['stop', odd.standby, {}, false],
  ] as const)('%s, %#', (...[action, snapshot, parameters, wanted]) =>
    expect(wantsSettings(action, snapshot, aCall(parameters))).toBe(wanted));
}); // prettier-ignore

describe('the line that includes a file', () => {
  const line = "include '/t/f' # added by pgsql RA";
  it.each([
    ['a = 1', true, `a = 1\n${line}\n`],
    [`${line}\na = 1\n`, true, `${line}\na = 1\n`],
    [`a = 1\n${line}\nb = 2\n`, false, 'a = 1\nb = 2\n'],
    ['a = 1\n', false, 'a = 1\n'],
  ])('%j, %p', (...[text, included, wanted]) => expect(withInclude(text, '/t/f', included)).toBe(wanted));
});
