import { describe, expect, it } from '@jest/globals';
import { readExitReason } from '../../../../cli/region/exit-reason.ts';
import { statusOf, statusText, type Asked } from '../../../../cli/region/status.ts';
import type { View } from '../../../../cli/region/view.ts';
import { aNodeView, aView, primary, standby } from './pretend-view.ts';

const slots = { count: 0, limit: '4GB', strays: [] };
const now = new Date(1_764_050_012_000);
const asked: Asked = { local: undefined, fencing: undefined, now };
const stopped = (name: string, changes: Parameters<typeof aNodeView>[1] = {}) =>
  aNodeView(name, { role: undefined, ...changes });
const failed: typeof stopped = (name, changes) =>
  stopped(name, { failures: Infinity, reason: '[STEP_FAILED] the disk is full', ...changes });
const out = (name: string) => aNodeView(name, { attributes: { 'pg-data-status': 'DISCONNECT' } });
const status = (changes: Partial<View>, more: Partial<Asked> = {}) => statusOf(aView(changes), { ...asked, ...more });

const hindered = (code: string) =>
  standby('db2', { attributes: { 'pg-data-status': 'STREAMING|ASYNC', 'pg-obstacle': `${code}: it is so` } });

describe('cfha status', () => {
  it('is green when all is well, and says where to write', () => {
    expect(status({})).toMatchObject({ code: 0, write: 'yes, at 10.77.0.100 (db1)', todo: 'nothing' });
  });

  const notWell: readonly (readonly [string, Partial<View>, number, RegExp])[] = [
    ['a standby that does not stream', { nodes: [primary('db1'), aNodeView('db2', { attributes: { 'pg-data-status': 'DISCONNECT' } })] }, 3, /explain, on db2/],
    ['a standby whose replay is paused', { nodes: [primary('db1'), hindered('REPLAY_PAUSED')] }, 3, /pg_wal_replay_resume/],
    ['a standby with smaller limits', { nodes: [primary('db1'), hindered('LIMITS_BELOW')] }, 3, /cfha standby db2.*Do not resume/],
    ['a standby with another setting', { nodes: [primary('db1'), hindered('SETTING_OUTRANKS')] }, 3, /remove it there/],
    ['a standby with what a newer agent records', { nodes: [primary('db1'), hindered('NEW')] }, 3, /explain, on db2/],
    ['a standby that is gone', { nodes: [primary('db1'), aNodeView('db2', { online: false, role: undefined })] }, 3, /pcs cluster start db2/],
    ['a node in standby', { nodes: [primary('db1'), aNodeView('db2', { standby: true, role: undefined })] }, 3, /cfha unstandby db2/],
    ['a node where it failed', { nodes: [primary('db1'), failed('db2')] }, 3, /repair on db2: the disk is full.*cfha cleanup db2/],
    ['a node where it failed, and nothing is known', { nodes: [primary('db1'), failed('db2', { reason: undefined })] }, 3, /explain on db2.*cfha cleanup db2/],
    ['a node whose promotion was refused', { nodes: [primary('db1'), failed('db2', { reason: 'not promotable: x [OUT_OF_DATE]' })] }, 3, /^cfha cleanup db2: it starts as a standby of db1/],
    ['a node that is being started', { nodes: [primary('db1'), stopped('db2', { underWay: 'start', failures: 1 })] }, 3, /wait/],
    ['a resource that is disabled', { meta: { 'target-role': 'stopped' }, nodes: [stopped('db1'), stopped('db2')] }, 4, /^pcs resource enable pg-clone$/],
    ['a resource that is not managed', { meta: { 'is-managed': 'No' }, nodes: [primary('db1'), stopped('db2')] }, 3, /^pcs resource manage pg-clone$/],
    ['a banned node', { bans: [{ id: 'cli-ban-x', node: 'db2', bans: true }], nodes: [primary('db1'), stopped('db2')] }, 3, /^pcs resource clear pg-clone db2$/],
    ['a node that a verb keeps away', { bans: [{ id: 'cfha-rejoin', node: 'db2', bans: true }], nodes: [primary('db1'), stopped('db2')] }, 3, /^wait: cfha removes it/],
    ['a stopped node', { nodes: [primary('db1'), stopped('db2')] }, 3, /^cfha explain on db2/],
    ['a node behind its lock', { nodes: [primary('db1'), aNodeView('db2', { role: undefined, failures: Infinity, reason: '[LOCKED] it was primary' })] }, 3, /former primary/],
    ['a node behind its lock, of an agent before', { nodes: [primary('db1'), failed('db2', { reason: 'it was primary [LOCKED]' })] }, 3, /former primary/],
    ['a node behind its lock, whose code is cut off', { nodes: [primary('db1'), failed('db2', { reason: 'it was', attributes: { 'pg-evidence': 'unknown x' } })] }, 3, /cfha unlock db2/],
    ['a node that is rejoined', { nodes: [primary('db1'), aNodeView('db2', { attributes: { 'pg-rejoin': 'rewind 3145728/9437184 since 1700000000' } })] }, 3, /wait/],
    ['fencing off', { stonith: false }, 3, /stonith-enabled=true/],
    ['no fence device', { devices: [] }, 3, /stonith create/],
    ['a silent fence device', { devices: [{ id: 'f1', failed: true }] }, 3, /cleanup f1/],
    ['a constraint', { bans: [{ id: 'cli-ban', node: 'db2', bans: true }] }, 3, /resource clear/],
    ['maintenance mode', { maintenance: true }, 3, /maintenance-mode=false/],
    ['no quorum', { quorate: false }, 3, /other node/],
    ['no primary, and an election', { parameters: { rep_mode: 'async' }, nodes: [standby('db1'), standby('db2')] }, 4, /wait: an election.*db1, db2/],
    ['no primary, and all are out', { nodes: [out('db1'), out('db2')] }, 4, /failover --to db1 or cfha failover --to db2/],
    ['no primary, and nothing runs', { nodes: [failed('db1'), failed('db2')] }, 4, /repair on db1: the disk is full.*then cfha cleanup db1/],
    ['no primary yet', { nodes: [standby('db1', { underWay: 'promote' }), standby('db2')] }, 4, /wait: promote on db1/],
    ['two primaries', { nodes: [primary('db1'), primary('db2')] }, 3, /explain/],
    ['a primary that fails', { nodes: [primary('db1', { failing: true, reason: '[UNANSWERED] hung' }), standby('db2')] }, 4, /./],
    ['the virtual IP elsewhere', { vip: { id: 'vip', address: '10.77.0.100', on: 'db2' } }, 4, /./],
  ]; // prettier-ignore
  it.each(notWell)('is not green with %s', (...[, changes, code, todo]) => {
    const found = status(changes);
    expect(found).toMatchObject({ code, todo: expect.stringMatching(todo) });
    expect(statusText(found)).toContain(found.todo);
  });

  it('says for whom commits wait, how long and why', () => {
    const attributes = { 'pg-status': 'PRI', 'pg-waits-for': 'db2 since 1764050000: db2 is lost and not fenced yet' };
    expect(status({ nodes: [primary('db1', { attributes }), standby('db2')] })).toMatchObject({
      code: 4,
      write: expect.stringContaining('commits wait for db2, for 12 s: db2 is lost and not fenced yet'),
    });
    const odd = { 'pg-status': 'PRI', 'pg-waits-for': 'whatever' };
    expect(status({ nodes: [primary('db1', { attributes: odd })] }).write).toContain('whatever');
  });

  it('knows that commits wait from the server that is here, whatever the cluster says', () => {
    const sync = standby('db2', { attributes: { 'pg-data-status': 'STREAMING|SYNC' } });
    const local = (count: number, seconds: number) => ({ role: 'primary', standbys: [], slots, waiting: { count, seconds } }) as const;
    expect(status({ nodes: [primary('db1'), sync] }, { local: local(3, 104.2) })).toMatchObject({
      code: 4,
      write: 'reads only, at 10.77.0.100 (db1): 3 commits wait for a synchronous standby (SyncRep), the longest for 104 s',
    });
    expect(status({ nodes: [primary('db1'), sync] }, { local: local(1, 0.2) }).write).toMatch(/^yes/);
  }); // prettier-ignore

  it('supposes it elsewhere, while a synchronous standby is gone and that is not recorded', () => {
    const gone = (name: string) => standby(name, { online: false, role: undefined, attributes: { 'pg-data-status': 'STREAMING|QUORUM' } });
    const here = standby('db3', { attributes: { 'pg-data-status': 'STREAMING|QUORUM' } });
    const parameters = { rep_mode: 'sync' };
    expect(status({ parameters, nodes: [primary('db1'), gone('db2')] })).toMatchObject({ code: 4, write: expect.stringMatching(/^reads only.*db2/) });
    const local = { role: 'primary', standbys: [], slots, waiting: { count: 0, seconds: 0 } } as const;
    expect(status({ parameters, nodes: [primary('db1'), gone('db2')] }, { local }).write).toMatch(/^yes/);
    expect(status({ parameters: { ...parameters, synchronous_standbys: '1' }, nodes: [primary('db1'), gone('db2'), here] }).write).toMatch(/^yes/);
    expect(status({ parameters: { rep_mode: 'async' }, nodes: [primary('db1'), gone('db2')] }).write).toMatch(/^yes/);
  }); // prettier-ignore

  it('says that the primary has failed, and what Pacemaker waits for', () => {
    const failing = primary('db1', { failing: true, underWay: 'demote', reason: 'the server is alive but hung: timeout expired [UNANSWERED]' });
    expect(status({ nodes: [failing, standby('db2')] })).toMatchObject({ code: 4, write: 'no: the primary on db1 has failed: the server is alive but hung: timeout expired; Pacemaker waits for its demote' });
  }); // prettier-ignore

  it('says when Pacemaker tries again what it had given up', () => {
    const meta = { 'migration-threshold': '1', 'failure-timeout': 'PT1M' };
    const says = (failedAt: number, more: Readonly<Record<string, string>> = meta) => status({ meta: more, nodes: [primary('db1'), failed('db2', { failedAt, failures: 1 })] }).failover[0];
    expect(says(1_764_050_000)).toContain('in about 48 s (failure-timeout)');
    expect(says(1_764_040_000)).toContain('at its next check');
    expect(says(1_764_050_000, { 'migration-threshold': '1' })).toContain('given it up there until cfha cleanup');
    expect(says(1_764_050_000, { 'migration-threshold': '3' })).not.toContain('Pacemaker');
  }); // prettier-ignore

  it('never names a standby that there is none', () => {
    for (const nodes of [[out('db1'), out('db2')], [stopped('db1'), stopped('db2')], []]) {
      const { failover, code } = status({ nodes });
      expect([code, failover[0]]).toEqual([4, 'no: there is no primary']);
    }
  });

  it('says what would be lost: nothing in sync mode, else what was measured', () => {
    const sync = standby('db2', { attributes: { 'pg-data-status': 'STREAMING|SYNC' } });
    expect(status({ nodes: [primary('db1'), sync] }).loss).toMatch(/^nothing/);
    const standbys = [{ node: 'db2', state: 'streaming', bytes: 2_097_152, seconds: 0.5 }];
    expect(status({}, { local: { role: 'primary', standbys, slots } }).loss).toContain('2048 kB that db2');
    expect(status({}, { local: { role: 'standby', behindBytes: 0, silentSeconds: 1, slots } }).loss).toContain('0 bytes');
    expect(status({}, { local: { role: 'standby', behindBytes: undefined, silentSeconds: undefined, slots } }).loss).toContain('not measured');
  }); // prettier-ignore

  it.each([
    ['slots without a limit', { count: 1, limit: '-1' }, {}, 3],
    ['slots to come without a limit', { count: 0, limit: '-1' }, { replication_slot_name: 'cf' }, 3],
    ['slots with a limit', { count: 1, limit: '4GB' }, { replication_slot_name: 'cf' }, 0],
    ['no slots and no limit', { count: 0, limit: '-1' }, {}, 0],
    ['a server that knows no limit (PostgreSQL 12)', { count: 1, limit: undefined }, {}, 0],
  ] as const)('checks what the server that runs says of its slots: %s', (...[, its, parameters, code]) => {
    const found = status({ parameters }, { local: { role: 'primary', standbys: [], slots: { ...its, strays: [] } } });
    expect(found.code).toBe(code);
    if (code !== 0) expect(found.todo).toContain('max_slot_wal_keep_size');
  });

  it('names logical slots that a former primary has left on this standby, and why a standby does not stream', () => {
    const its = { count: 1, limit: '4GB', strays: ['app'] };
    const found = status({}, { local: { role: 'standby', behindBytes: 0, silentSeconds: 1, slots: its } });
    expect(found).toMatchObject({ code: 3, failover: [expect.stringContaining('app')] });
    const silent = standby('db2', { attributes: { 'pg-data-status': 'DISCONNECT', 'pg-slot': 'missing' } });
    expect(status({ nodes: [primary('db1'), silent] }).failover[0]).toContain('replication slot');
  });

  it('says before it is wanted that no copy can be made here', () => {
    const found = status({}, { copyObstacle: '/data is a file system of its own' });
    expect(found).toMatchObject({ code: 3, failover: [expect.stringContaining('file system of its own')] });
  });

  it('does not trust fencing that failed the last time', () => {
    expect(status({}, { fencing: { says: 'reboot of db2: failed', failed: true } }).code).toBe(3);
  });
});

describe('what an agent told', () => {
  it.each([
    ['[LOCKED] words', 'LOCKED', 'words'],
    ['words of before [LOCKED]', 'LOCKED', 'words of before'],
    ['words that were cut [HANDOVER_IN', 'HANDOVER_INCOMPLETE', 'words that were cut'],
    ['words that were cut [REJOIN', undefined, 'words that were cut'],
    ['[NEWER_CODE] words', undefined, 'words'],
    ['no code', undefined, 'no code'],
    ['an [array', undefined, 'an [array'],
    [`[LOCKED] ${'x'.repeat(118)}`, 'LOCKED', `${'x'.repeat(118)}…`],
  ])('%s', (text, code, words) => expect(readExitReason(text)).toEqual({ code, words }));
});
