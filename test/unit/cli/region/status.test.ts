import { describe, expect, it } from '@jest/globals';
import { statusOf, statusText, type Asked } from '../../../../cli/region/status.ts';
import type { View } from '../../../../cli/region/view.ts';
import { aNodeView, aView, primary, standby } from './pretend-view.ts';

const slots = { count: 0, limit: '4GB', strays: [] };
const now = new Date(1_764_050_012_000);
const asked: Asked = { local: undefined, fencing: undefined, now };
const status = (changes: Partial<View>, more: Partial<Asked> = {}) => statusOf(aView(changes), { ...asked, ...more });

describe('cfha status', () => {
  it('is green when all is well, and says where to write', () => {
    expect(status({})).toMatchObject({ code: 0, write: 'yes, at 10.77.0.100 (db1)', todo: 'nothing' });
  });

  const notWell: readonly (readonly [string, Partial<View>, number, RegExp])[] = [
    ['a standby that does not stream', { nodes: [primary('db1'), aNodeView('db2', { attributes: { 'pg-data-status': 'DISCONNECT' } })] }, 3, /explain, on db2/],
    ['a standby that is gone', { nodes: [primary('db1'), aNodeView('db2', { online: false, role: undefined })] }, 3, /pcs cluster start db2/],
    ['a node in standby', { nodes: [primary('db1'), aNodeView('db2', { standby: true, role: undefined })] }, 3, /cfha unstandby db2/],
    ['a node where it failed', { nodes: [primary('db1'), aNodeView('db2', { role: undefined, failures: Infinity })] }, 3, /cfha cleanup/],
    ['a node behind its lock', { nodes: [primary('db1'), aNodeView('db2', { role: undefined, failures: Infinity, reason: 'it was primary [LOCKED]' })] }, 3, /former primary/],
    ['a node that is rejoined', { nodes: [primary('db1'), aNodeView('db2', { attributes: { 'pg-rejoin': 'rewind 3145728/9437184 since 1700000000' } })] }, 3, /wait/],
    ['fencing off', { stonith: false }, 3, /stonith-enabled=true/],
    ['no fence device', { devices: [] }, 3, /stonith create/],
    ['a silent fence device', { devices: [{ id: 'f1', failed: true }] }, 3, /cleanup f1/],
    ['a constraint', { bans: [{ id: 'cli-ban', node: 'db2' }] }, 3, /resource clear/],
    ['maintenance mode', { maintenance: true }, 3, /maintenance-mode=false/],
    ['no quorum', { quorate: false }, 3, /other node/],
    ['no primary', { nodes: [standby('db1'), standby('db2')] }, 4, /explain/],
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

  it('does not trust fencing that failed the last time', () => {
    expect(status({}, { fencing: { says: 'reboot of db2: failed', failed: true } }).code).toBe(3);
  });
});
