import { describe, expect, it, test } from '@jest/globals';
import { checks, decides, judgeAll } from '../../../verify/checks.ts';
import type { NodeFacts, ServerFacts } from '../../../verify/facts.ts';
import { staticText } from '../../../verify/static-text.ts';
import { aNode, aPlatform, aServer, facts, recorded } from './pretend-nodes.ts';

function broken(of = facts()): readonly string[] {
  return judgeAll(of).filter(({ verdict }) => verdict === 'broken').map(({ code }) => code);
} // prettier-ignore

/** Another database in the same cluster, which was given no directory of its own. */
const twin =
  '<primitive id="other" class="ocf" provider="heartbeat" type="pgsql"><instance_attributes id="o"><nvpair id="o1" name="pgdata" value="/other"/><nvpair id="o2" name="rep_mode" value="async"/><nvpair id="o3" name="tmpdir" value="/var/lib/postgresql/tmp"/></instance_attributes></primitive>';

/** A replacement in the recorded CIB that breaks the check. */
const inCib: Readonly<Record<string, readonly [from: string | RegExp, to: string]>> = {
  FENCING_ENABLED: ['name="stonith-enabled" value="true"', 'name="stonith-enabled" value="false"'],
  FENCING_EVERY_NODE: ['db1:dc1-db1-vm;db2:dc1-db2-vm', 'db1:dc1-db1-vm'],
  FENCING_DISTINCT: ['db2:dc1-db2-vm', 'db2:dc1-db1-vm'],
  FENCING_MONITORED: ['<op name="monitor" interval="60s"', '<op name="monitor" interval="0s"'],
  FENCING_SECRET: ['name="password_script" value="/etc/cfha/fencing-password"', 'name="password" value="secret"'],
  FENCING_RACE: ['name="priority-fencing-delay" value="5s"', 'name="priority-fencing-delay" value="0"'],
  FENCING_TIMEOUT: ['name="stonith-enabled" value="true"', 'name="stonith-timeout" value="10s"'],
  FENCING_ATTEMPTS: ['name="stonith-max-attempts" value="INFINITY"', 'name="stonith-max-attempts" value="10"'],
  FENCING_ACTION: ['name="stonith-enabled" value="true"', 'name="stonith-action" value="off"'],
  FENCING_DEVICE: [/(fencing_monitor_60000" operation="monitor".*?)rc-code="0"/, '$1rc-code="1"'],
  QUORUM_POLICY: ['name="stonith-enabled" value="true"', 'name="no-quorum-policy" value="ignore"'],
  QUORUM_NOW: ['have-quorum="1"', 'have-quorum="0"'],
  CLONE_PROMOTABLE: ['name="promotable" value="true"', 'name="promotable" value="false"'],
  CLONE_NOTIFY: ['name="notify" value="true"', 'name="notify" value="false"'],
  CLONE_ONE_PRIMARY: ['name="promoted-max" value="1"', 'name="promoted-max" value="2"'],
  CLONE_EVERYWHERE: ['name="clone-max" value="2"', 'name="clone-max" value="1"'],
  OPERATION_TIMEOUTS: ['interval="3s" timeout="60s"', 'interval="3s" timeout="1s"'],
  OPERATION_MONITORS: ['name="monitor" interval="3s"', 'name="monitor" interval="4s"'],
  OPERATION_STOP: ['name="stop" interval="0s" timeout="60s"', 'name="stop" interval="0s" timeout="60s" on-fail="block"'],
  PARAMETERS_VALID: ['name="pgport" value="5432"', 'name="pgport" value="many"'],
  PARAMETERS_REPLICATION: ['name="rep_mode" value="async"', 'name="rep_mode" value="none"'],
  PARAMETERS_NODES: ['name="node_list" value="db1 db2"', 'name="node_list" value="db1"'],
  PARAMETERS_SECRET: ['value="passfile=/var', 'value="password=secret passfile=/var'],
  RESTART_ON_PROMOTE: ['name="restart_on_promote" value="false"', 'name="restart_on_promote" value="yes"'],
  STICKINESS: ['name="resource-stickiness" value="100"', 'name="resource-stickiness" value="0"'],
  VIP_RESOURCE: ['name="ip" value="10.77.0.100"', 'name="ip" value="10.77.0.101"'],
  VIP_MONITORED: ['<op name="monitor" interval="10s"', '<op name="meta-data" interval="10s"'],
  VIP_COLOCATION: ['with-rsc-role="Promoted"', 'with-rsc-role="Unpromoted"'],
  VIP_AFTER_PROMOTE: ['first-action="promote"', 'first-action="start"'],
  VIP_AFTER_DEMOTE: ['first-action="demote"', 'first-action="stop"'],
  CONSTRAINTS_LEFT_OVER: ['<constraints>', '<constraints><rsc_location id="cli-ban-postgresql-clone-on-db2" rsc="postgresql-clone" node="db2" score="-INFINITY"/>'],
  CONSTRAINTS_PREFERENCE: ['<constraints>', '<constraints><rsc_location id="mine" rsc="postgresql-clone" node="db1" score="200"/>'],
  MAINTENANCE: ['name="stonith-enabled" value="true"', 'name="maintenance-mode" value="true"'],
  NODES_ONLINE: ['uname="db2" in_ccm="true"', 'uname="db2" in_ccm="false"'],
  PRIMARY: ['name="postgresql-status" value="PRI"', 'name="postgresql-status" value="HS:alone"'],
  STANDBYS_STREAM: ['STREAMING|ASYNC', 'DISCONNECT'],
  FAILURES: ['name="master-postgresql" value="100"', 'name="fail-count-postgresql#monitor_4000" value="1"'],
  VIP_PLACE: [/(pgvip_start_0" operation="start".*?)rc-code="0"[^]*?(<\/lrm_resource>)/, '$1rc-code="7"/>$2'],
  DIRECTORIES_OWN: ['</resources>', `${twin}</resources>`],
  WORDS_LEFT_OVER: ['name="master-postgresql" value="100"', 'name="postgresql-accept-loss" value="all"'],
}; // prettier-ignore

const two = (first: Partial<NodeFacts>, second: Partial<NodeFacts> = {}) => [aNode('db1', first), aNode('db2', second)];
const both = (server: Partial<ServerFacts>) =>
  two({ server: aServer(server) }, { server: aServer({ standby: true, streaming: true, ...server }) });
const setting = (name: string, value: string) => both({ settings: { ...aServer().settings, [name]: value } });
const no = (to: string) => [{ to, ok: false, says: 'connection refused' }];

/** Nodes that break the check. */
const onNodes: Readonly<Record<string, readonly NodeFacts[]>> = {
  FENCING_ANSWERS: two({ fencing: no('db2') }),
  QUORUM_TWO_NODES: two({ corosync: { 'runtime.votequorum.two_node': '0', 'runtime.votequorum.expected_votes': '2' } }),
  REMOVE_IPC: two({ ipc: { uid: 1001, systemUidMax: 999, removed: true } }),
  SERVER_ENVIRONMENT: two({ environmentFiles: ['/etc/postgresql/15/main/environment'] }),
  AGENT_ALIKE: two({ agent: 'b'.repeat(64) }),
  PACEMAKER_ALIKE: two({ versions: { pacemaker: '2.0.5' } }, { versions: { pacemaker: '2.1.5' } }),
  COROSYNC_ALIKE: two({ versions: { corosync: '3.0' } }, { versions: { corosync: '3.1' } }),
  POSTGRES_ALIKE: two({ versions: { postgres: '15.4' } }, { versions: { postgres: '15.5' } }),
  COROSYNC_CONF_ALIKE: two({ corosyncConf: { hash: 'd', text: '' } }),
  COROSYNC_RUNNING: two({ corosync: { 'runtime.config.totem.token': '1000' } }),
  COROSYNC_TOKEN: two({ corosync: { 'runtime.config.totem.token': '500' } }),
  COROSYNC_LINKS: two({ links: [{ to: '2', ok: false, says: 'disconnected' }] }),
  UNITS: two({ units: { 'postgresql.service': 'inactive enabled' } }),
  GLIBC_ALIKE: two({ platform: aPlatform({ libraries: { glibc: '2.31', ICU: '72' } }) }),
  ICU_ALIKE: two({ platform: aPlatform({ libraries: { glibc: '2.36', ICU: '67' } }) }),
  COLLATIONS: two({ platform: aPlatform({ collations: [{ database: 'vmdb', recorded: '2.28', actual: '2.36' }] }) }),
  TABLESPACES: two({}, { platform: aPlatform({ tablespaces: [{ directory: '/srv/ts', state: 'missing' }] }) }),
  OTHER_STARTERS: two({ platform: aPlatform({ starters: [{ what: 'pg-old.service', command: 'pg_ctl start', data: undefined }] }) }),
  NEEDRESTART: two({ platform: aPlatform({ needrestart: { mode: 'i', units: ['corosync.service'] } }) }),
  UNATTENDED_UPGRADES: two({ platform: aPlatform({ upgrades: { by: 'apt', except: ['postgresql', 'corosync$', '('] } }) }),
  CLOCKS: two({}, { clockMs: 60_000 }),
  CLOCKS_SYNCHRONISED: two({ synchronised: false }),
  NAMES: two({ names: { db1: ['127.0.1.1'], db2: ['10.77.0.12'] } }),
  VIP_ONCE: two({}, { addresses: [{ device: 'eth0', address: '10.77.0.100/24' }] }),
  VIP_DEVICE: two({ addresses: [{ device: 'eth0', address: '10.77.0.11/24' }, { device: 'lo', address: '10.77.0.100/32' }] }),
  LOCK: two({}, { lock: true }),
  WAL_LEVEL: setting('wal_level', 'minimal'),
  HOT_STANDBY: setting('hot_standby', 'off'),
  FSYNC: setting('fsync', 'off'),
  FULL_PAGE_WRITES: setting('full_page_writes', 'off'),
  WAL_SENDERS: setting('max_wal_senders', '2'),
  READ_ONLY: setting('default_transaction_read_only', 'on'),
  SYNCHRONOUS_COMMIT: setting('synchronous_commit', 'local'),
  APPLY_DELAY: setting('recovery_min_apply_delay', '60000'),
  REWINDABLE: both({ checksums: false, settings: { ...aServer().settings, wal_log_hints: 'off' } }),
  SLOTS_LIMITED: setting('max_slot_wal_keep_size', '-1'),
  SLOTS_ACTIVE: two({ server: aServer({ slots: [{ name: 'db2', active: false, walStatus: 'extended' }] }) }),
  SLOTS_OF_STANDBYS: two({}, { server: aServer({ standby: true, streaming: true, slots: [{ name: 'app', active: false, walStatus: 'reserved', synced: false }] }) }),
  WAL_KEPT: both({ slots: [], settings: { ...aServer().settings, wal_keep_size: '0', restore_command: '' } }),
  SETTINGS_ALIKE: two({ server: aServer({ settings: { ...aServer().settings, max_connections: '500' } }) }),
  SETTINGS_OUTRANKED: both({ outranking: ['primary_conninfo in /data/postgresql.auto.conf line 3'] }),
  SETTINGS_RUNNING: both({ pendingRestart: ['shared_buffers'] }),
  RECOVERY_TIME: setting('max_wal_size', '65536'),
  SAME_DATA: two({ server: aServer({ timeline: 2 }) }),
  SERVERS_ANSWER: two({}, { server: undefined }),
  PORTS_OPEN: two({ ports: no('db2') }),
  REPLICATION_LOGIN: two({}, { logins: no('db1') }),
  REPLAY: two({}, { server: aServer({ standby: true, streaming: true, replayPaused: true }) }),
  ARCHIVE_WORKS: two({ server: aServer({ archiver: { last: '', failed: 3, failing: true } }) }),
  ARCHIVE_READABLE: two({}, { restored: { to: '000000010000000000000003', ok: false, says: 'it is not there' } }),
  CERTIFICATES: two({ certificates: [{ file: 'server.crt', days: 3 }] }),
  DISKS: two({ disks: [{ what: 'WAL', freeBytes: 1e9, bytes: 100e9 }] }),
}; // prettier-ignore

const otherwise = {
  NODES_ANSWER: facts({ silent: { db2: 'the connection was closed' } }),
  COPY_POSSIBLE: facts(
    { nodes: two({ copyObstacle: '/data/pg_wal is a link' }) },
    recorded.replace('name="rejoin" value="rewind"', 'name="rejoin" value="rewind,clone"'),
  ),
  DRIFT: facts({ drift: ['postgres/settings: db1: cfha.conf differs'] }),
};

describe('the static checks', () => {
  it('hold on the region that bootstrap makes', () => {
    expect(judgeAll(facts()).filter(({ verdict }) => verdict !== 'held').map(({ code, verdict, evidence }) => [code, verdict, evidence])).toEqual([]); // prettier-ignore
  });

  test.each(Object.entries(inCib))('%s is found in a CIB alone', (code, [from, to]) => {
    const cib = recorded.replace(from, to);
    expect(cib).not.toBe(recorded);
    expect(broken(facts({}, cib))).toContain(code);
  });

  test.each(Object.entries(onNodes))('%s is found on the nodes', (code, nodes) => {
    expect(broken(facts({ nodes }))).toContain(code);
  });

  test.each(Object.entries(otherwise))('%s is found', (code, of) => expect(broken(of)).toEqual([code]));

  it('have two nodes wait for each other when they start, which two_node means unless it is taken back', () => {
    const corosync = { ...aNode('db1').corosync, 'quorum.wait_for_all': '0' };
    expect(broken(facts({ nodes: two({ corosync }) }))).toEqual(['QUORUM_TWO_NODES']);
  });

  it('are each broken by a test, and have a code of their own', () => {
    const provoked = [...Object.keys(inCib), ...Object.keys(onNodes), ...Object.keys(otherwise)];
    expect(provoked.toSorted()).toEqual(checks.map(({ code }) => code).toSorted());
  });

  it('are not judged without what they ask for', () => {
    const judged = judgeAll(facts({ nodes: [], drift: undefined }));
    for (const { asks, verdict } of judged) expect(verdict === 'unknown').toBe(asks === 'nodes' || asks === 'region');
  });

  it('judge a CIB without status by its configuration', () => {
    const alone = recorded.replace(/<status>[^]*<\/status>/, '');
    expect(broken(facts({ nodes: [] }, alone))).toEqual([]);
  });

  it('leave the exit code alone where they only advise', () => {
    const judged = judgeAll(facts({ nodes: onNodes['CLOCKS_SYNCHRONISED'] ?? [] }));
    expect(judged.filter(({ verdict }) => verdict === 'broken').map(({ code }) => code)).toEqual(['CLOCKS_SYNCHRONISED']); // prettier-ignore
    expect(judged.some(decides)).toBe(false);
  });

  it('say which setting pauses replay, and not to resume it', () => {
    const standby = aServer({ standby: true, streaming: true, replayPaused: true });
    const primary = aServer({ settings: { ...aServer().settings, max_connections: '300' } });
    const nodes = [aNode('db1', { server: primary }), aNode('db2', { server: standby })];
    const found = judgeAll(facts({ nodes })).find(({ code }) => code === 'REPLAY');
    expect(found?.evidence).toEqual(['db2: replay is paused, and max_connections is 100, the primary’s 300']);
    expect(found?.remedy).toContain('to resume ends the server');
  });

  it('are told with evidence, remedy and source where they are broken', () => {
    const text = staticText(judgeAll(facts({}, recorded.replace('with-rsc-role="Promoted"', ''))), false);
    expect(text).toContain('FAIL VIP_COLOCATION (critical)');
    expect(text).toContain('it is not: not with the promoted role');
    expect(text).toContain('to do: pcs constraint colocation add pgvip with Promoted');
    expect(text).toContain('source: reference architecture');
  });
});
