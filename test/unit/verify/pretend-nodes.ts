// What the two nodes of the recorded region would say: all is well.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts, NodeFacts, ServerFacts } from '../../../verify/facts.ts';
import type { Platform } from '../../../verify/platform.ts';
import { readCib } from '../../../verify/read-cib.ts';

export const recorded = readFileSync(join(import.meta.dirname, '../../recordings/cibadmin/2.1.5/region.xml'), 'utf8');

const conf = 'totem {\n  transport: knet\n  token: 3000\n}\nquorum {\n  two_node: 1\n}\n';
const settings = {
  ...{
    wal_level: 'replica',
    hot_standby: 'on',
    fsync: 'on',
    full_page_writes: 'on',
    max_wal_senders: '10',
    port: '5432',
  },
  ...{
    default_transaction_read_only: 'off',
    synchronous_commit: 'on',
    recovery_min_apply_delay: '0',
    wal_log_hints: 'on',
  },
  ...{ max_slot_wal_keep_size: '4096', wal_keep_size: '1024', max_wal_size: '1024', max_connections: '100' },
  ...{ archive_mode: 'on', archive_command: 'cp %p /archive/%f', restore_command: 'cp /archive/%f %p' },
};

export function aServer(changes: Partial<ServerFacts> = {}): ServerFacts {
  return {
    ...{ standby: false, settings, pendingRestart: [], fileErrors: [], replayPaused: false, behindBytes: undefined },
    ...{ streaming: false, databaseBytes: 30_000_000, systemId: '7', timeline: 1, checksums: true },
    tablespaces: [],
    outranking: [],
    slots: [{ name: 'db2', active: true, walStatus: 'reserved' }],
    archiver: { last: '000000010000000000000003', failed: 0, failing: false },
    ...changes,
  };
}

export function aPlatform(changes: Partial<Platform> = {}): Platform {
  return {
    libraries: { glibc: '2.36', ICU: '72' },
    ...{ collations: [], tablespaces: [{ directory: '/srv/ts', state: 'ours' }], starters: [], needrestart: undefined, upgrades: undefined },
    ...changes,
  };
} // prettier-ignore

export function aNode(node: string, changes: Partial<NodeFacts> = {}): NodeFacts {
  const [other, own] = node === 'db1' ? ['db2', '10.77.0.11'] : ['db1', '10.77.0.12'];
  const yes = (to: string) => ({ to, ok: true, says: 'yes' });
  return {
    ...{ node, agent: 'a'.repeat(64), versions: { pacemaker: '2.1.5', corosync: '3.1.7', postgres: '15.5', cfha: '0.1' } },
    ...{ corosyncConf: { hash: 'c'.repeat(64), text: conf }, links: [yes('2')].map((one) => ({ ...one, says: 'connected' })) },
    corosync: {
      ...{ 'runtime.config.totem.token': '3000', 'totem.transport': 'knet' },
      ...{ 'runtime.votequorum.two_node': '1', 'runtime.votequorum.expected_votes': '2' },
    },
    units: { 'pacemaker.service': 'active enabled', 'postgresql.service': 'inactive disabled' },
    ...{ clockMs: 0, clockErrorMs: 5, synchronised: true, lock: node === 'db1', restored: undefined, container: undefined },
    server: node === 'db1' ? aServer() : aServer({ standby: true, streaming: true, behindBytes: 0, slots: [] }),
    ...{ ports: [yes(other)], logins: [yes(other)], fencing: [yes('db1'), yes('db2')] },
    addresses: [
      { device: 'eth0', address: `${own}/24` },
      ...(node === 'db1' ? [{ device: 'eth0', address: '10.77.0.100/24' }] : []),
    ],
    names: { db1: ['10.77.0.11'], db2: ['10.77.0.12'] },
    ...{ macs: { eth0: node === 'db1' ? '02:77:00:00:00:0b' : '02:77:00:00:00:0c' }, walOnRoot: true },
    ...{ copyObstacle: undefined, ipc: { uid: 107, systemUidMax: 999, removed: true }, environmentFiles: [] },
    certificates: [{ file: '/var/lib/pcsd/pcsd.crt', days: 3000 }],
    platform: aPlatform(),
    disks: [{ what: 'data', freeBytes: 60e9, bytes: 100e9 }],
    ...changes,
  };
} // prettier-ignore

export function facts(changes: Partial<Facts> = {}, cib = recorded): Facts {
  const restored = { to: '000000010000000000000003', ok: true, says: 'yes' };
  const nodes = [aNode('db1'), aNode('db2', { restored })];
  return { cib: readCib(cib, 'postgresql'), nodes, silent: {}, drift: [], ...changes };
}
