// PostgreSQL's settings: fit for a failover, and the same on all nodes. The running value is judged, and the files apart.
import type { NodeFacts, ServerFacts } from '../facts.ts';
import { alike, held, unknown, unless, without, type Check, type Judgement } from '../judgement.ts';
import { readSeconds } from '../../lib/pacemaker/values.ts';

const manual = 'PostgreSQL manual, 27.2 Log-Shipping Standby Servers, and pg_rewind';

type Served = NodeFacts & { readonly server: ServerFacts };

export function servedOf(nodes: readonly NodeFacts[]): readonly Served[] {
  return nodes.filter((node): node is Served => node.server !== undefined);
}

function eachServer(nodes: readonly NodeFacts[], objection: (server: ServerFacts, node: Served) => string | undefined, evidence: string): Judgement {
  const served = servedOf(nodes);
  if (served.length === 0) return unknown('no server answers');
  const bad = served.flatMap((node) => {
    const says = objection(node.server, node);
    return says === undefined ? [] : [`${node.node}: ${says}`];
  });
  return unless(bad, evidence);
} // prettier-ignore

function setting(server: ServerFacts, name: string): string {
  return server.settings[name] ?? '';
}

/** Settings whose value decides whether this node can take over from the other. */
const mustBeAlike = [
  'max_connections', 'max_prepared_transactions', 'max_locks_per_transaction', 'max_wal_senders', 'max_worker_processes', 'wal_level', 'hot_standby', 'wal_log_hints',
  'port', 'shared_buffers', 'max_replication_slots', 'wal_keep_size', 'max_slot_wal_keep_size', 'archive_mode', 'archive_command', 'synchronous_commit', 'fsync', 'full_page_writes', 'ssl',
] as const; // prettier-ignore

/** What the checks ask the server for. */
export const askedSettings: readonly string[] = [
  ...mustBeAlike,
  ...['restore_command', 'max_wal_size', 'wal_segment_size', 'wal_sender_timeout', 'restart_after_crash', 'recovery_min_apply_delay', 'default_transaction_read_only'],
  ...['synchronous_standby_names', 'primary_slot_name', 'ssl_cert_file', 'data_checksums', 'listen_addresses', 'wal_receiver_timeout', 'archive_timeout'],
]; // prettier-ignore

/** The agent's own: recovery.conf and rep_mode.conf set them, or have to leave them empty. */
export const agentsSettings: readonly string[] = [
  ...['recovery_target', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time', 'recovery_target_xid', 'promote_trigger_file'],
  ...['primary_conninfo', 'primary_slot_name', 'restore_command', 'recovery_min_apply_delay', 'synchronous_standby_names'],
]; // prettier-ignore

type Fits = (value: string, nodes: number) => boolean;

function settingCheck(code: string, [name, fits]: readonly [string, Fits], rest: Pick<Check, 'says' | 'severity' | 'remedy'>): Check {
  return {
    ...{ code, asks: 'nodes', source: manual, ...rest },
    judge: ({ nodes, cib }) =>
      eachServer(nodes, (server) => (fits(setting(server, name), cib.view.nodes.length) ? undefined : `${name} is ${setting(server, name)}`), `${name} fits`),
  };
} // prettier-ignore

/** WAL that a server replays in a second, at the least: an old disk with small pages does a third of what we measured. */
const replayBytesPerSecond = 32 * 1024 * 1024;

function recoverySeconds(server: ServerFacts): number {
  // up to a checkpoint's distance, and what is written while the next one is made
  return (1.5 * Number(setting(server, 'max_wal_size')) * 1024 * 1024) / replayBytesPerSecond;
}

export const settingChecks: readonly Check[] = [
  settingCheck('WAL_LEVEL', ['wal_level', (value) => value === 'replica' || value === 'logical'], { severity: 'critical', says: 'WAL holds what a standby needs', remedy: "wal_level = replica" }),
  settingCheck('HOT_STANDBY', ['hot_standby', (value) => value === 'on'], { severity: 'critical', says: 'a standby answers the agent’s questions', remedy: 'hot_standby = on' }),
  settingCheck('FSYNC', ['fsync', (value) => value === 'on'], { severity: 'critical', says: 'a commit is on the disk before it is acknowledged', remedy: 'fsync = on' }),
  settingCheck('FULL_PAGE_WRITES', ['full_page_writes', (value) => value === 'on'], { severity: 'critical', says: 'a page torn by a power cut is restored', remedy: 'full_page_writes = on' }),
  settingCheck('WAL_SENDERS', ['max_wal_senders', (value, nodes) => Number(value) >= nodes + 1], { severity: 'critical', says: 'there are enough WAL senders: each other node, and a copy that is made meanwhile', remedy: 'max_wal_senders = 10' }),
  settingCheck('READ_ONLY', ['default_transaction_read_only', (value) => value !== 'on'], { severity: 'critical', says: 'transactions may write', remedy: 'default_transaction_read_only = off' }),
  settingCheck('SYNCHRONOUS_COMMIT', ['synchronous_commit', (value) => value !== 'off' && value !== 'local'], { severity: 'critical', says: 'commits wait for the disk, and for the standby in synchronous mode', remedy: 'synchronous_commit = on' }),
  settingCheck('APPLY_DELAY', ['recovery_min_apply_delay', (value) => value === '0' || value === ''], { severity: 'critical', says: 'standbys replay without delay', remedy: 'recovery_min_apply_delay = 0' }),
  {
    code: 'REWINDABLE',
    severity: 'warning',
    asks: 'nodes',
    says: 'a former primary can be rewound: checksums, or wal_log_hints',
    source: manual,
    judge: ({ nodes }) => eachServer(nodes, (server) => (server.checksums || setting(server, 'wal_log_hints') === 'on' ? undefined : 'neither checksums nor wal_log_hints'), 'it can'),
    remedy: 'wal_log_hints = on, then restart',
  },
  {
    code: 'SLOTS_LIMITED',
    severity: 'warning',
    asks: 'nodes',
    says: 'a slot that nobody reads cannot fill the disk',
    source: 'patroni#280 #425 #3641',
    judge: ({ nodes }) => {
      if (servedOf(nodes).every(({ server }) => server.slots.length === 0)) return without('there are no slots');
      return eachServer(nodes, (server) => (setting(server, 'max_slot_wal_keep_size') === '-1' && server.slots.length > 0 ? 'max_slot_wal_keep_size is -1' : undefined), 'limited');
    },
    remedy: "max_slot_wal_keep_size = '4GB'",
  },
  {
    code: 'SLOTS_ACTIVE',
    severity: 'warning',
    asks: 'nodes',
    says: 'every slot of the primary is read, and none is lost',
    source: 'faults 58 and 59',
    judge: ({ nodes }) =>
      eachServer(
        nodes.filter(({ server }) => server?.standby === false),
        (server) => {
          const bad = server.slots.filter(({ active, walStatus }) => !active || walStatus === 'lost');
          return bad.length === 0 ? undefined : bad.map(({ name, walStatus }) => `slot ${name} is not read (${walStatus})`).join(', ');
        },
        'so it is',
      ),
    remedy: 'a slot of a node (replication_slot_name_NODE) stays: bring that node back; pg_drop_replication_slot only for one that neither a node nor anything else will read again',
  },
  {
    code: 'SLOTS_OF_STANDBYS',
    severity: 'warning',
    asks: 'nodes',
    says: 'a standby keeps no WAL for a slot that nobody reads and nothing synchronises',
    source: 'docs/decisions/0018-logical-slots.md',
    judge: ({ nodes }) => {
      const standbys = nodes.filter(({ server }) => server?.standby === true);
      if (standbys.length === 0) return unknown('no standby answers');
      return eachServer(standbys, ({ slots }) => {
        const bad = slots.filter(({ active, synced }) => !active && synced !== true);
        return bad.length === 0 ? undefined : `slots that a former primary may have left: ${bad.map(({ name }) => name).join(', ')}`;
      }, 'none does');
    },
    remedy: 'pg_drop_replication_slot on that node, if nobody will read it again; logical_slots=drop does it at each demotion',
  },
  {
    code: 'WAL_KEPT',
    severity: 'advice',
    asks: 'nodes',
    says: 'a standby that was away for a while finds its WAL: a slot, an archive, or 512 MB at least',
    source: 'C.1 of the reference architecture: requested WAL segment has already been removed',
    judge: ({ nodes }) =>
      eachServer(nodes, (server) => (server.slots.length > 0 || setting(server, 'restore_command') !== '' || Number(setting(server, 'wal_keep_size')) >= 512 ? undefined : `wal_keep_size is ${setting(server, 'wal_keep_size')} MB, and there is nothing else`), 'it does'),
    remedy: "wal_keep_size = '1GB', replication_slot_name, or an archive",
  },
  {
    code: 'SETTINGS_ALIKE',
    severity: 'critical',
    asks: 'nodes',
    says: 'the settings that decide whether a node can take over are the same on all',
    source: 'PostgreSQL manual, 27.4.3 Administrator’s Overview',
    judge: ({ nodes }) => {
      const served = servedOf(nodes);
      if (served.length < 2) return unknown('fewer than two servers answer');
      const different = mustBeAlike.flatMap((name) => {
        const judged = alike(name, served.map(({ node, server }) => [node, setting(server, name)]));
        return judged.verdict === 'broken' ? [`${name}: ${judged.evidence.join(', ')}`] : [];
      });
      return unless(different, `${String(mustBeAlike.length)} settings`);
    },
    remedy: 'the same postgresql.conf on all nodes; then reload or restart',
  },
  {
    code: 'SETTINGS_OUTRANKED',
    severity: 'warning',
    asks: 'nodes',
    says: 'no file sets what the agent sets, after the agent’s own',
    source: 'docs/decisions/0016',
    judge: ({ nodes }) => eachServer(nodes, ({ outranking }) => (outranking.length === 0 ? undefined : outranking.join(', ')), 'none does'),
    remedy: 'remove it from that file and line; from postgresql.auto.conf: alter system reset NAME',
  },
  {
    code: 'SETTINGS_RUNNING',
    severity: 'warning',
    asks: 'nodes',
    says: 'every server runs with what its files say',
    source: 'Trento: file value and running value checked apart',
    judge: ({ nodes }) =>
      eachServer(nodes, ({ pendingRestart, fileErrors }) => {
        const bad = [...(pendingRestart.length > 0 ? [`${pendingRestart.join(', ')} wait for a restart`] : []), ...fileErrors];
        return bad.length === 0 ? undefined : bad.join('; ');
      }, 'it does'),
    remedy: 'cfha standby NODE and cfha unstandby NODE, one node after the other',
  },
  {
    code: 'RECOVERY_TIME',
    severity: 'warning',
    asks: 'nodes',
    says: 'crash recovery fits into the time of a start',
    source: 'PostgreSQL manual, max_wal_size; 32 MB a second are assumed',
    judge: ({ nodes, cib }) => {
      const start = readSeconds(cib.postgres.operations.find(({ name }) => name === 'start')?.['timeout'] ?? '20s') ?? 0;
      return eachServer(nodes, (server) => {
        const needed = recoverySeconds(server);
        return needed <= start ? undefined : `up to ${needed.toFixed(0)} s for max_wal_size ${setting(server, 'max_wal_size')} MB, and start has ${String(start)} s`;
      }, `start has ${String(start)} s`);
    },
    remedy: 'pcs resource update RESOURCE op start timeout=…, or a smaller max_wal_size',
  },
  {
    code: 'SAME_DATA',
    severity: 'critical',
    asks: 'nodes',
    says: 'all servers have the same database system and timeline',
    source: 'a rule of every region of one primary',
    judge: ({ nodes }) => {
      const served = servedOf(nodes);
      return served.length < 2 ? unknown('fewer than two servers answer') : alike('system, timeline', served.map(({ node, server }) => [node, `${server.systemId}, ${String(server.timeline)}`]));
    },
    remedy: 'cfha rejoin NODE --clone',
  },
  {
    code: 'SERVERS_ANSWER',
    severity: 'critical',
    asks: 'nodes',
    says: 'the server of every node answers',
    source: 'cfha status',
    judge: ({ nodes }) => {
      const silent = nodes.filter(({ server }) => server === undefined).map(({ node }) => `${node}: no answer`);
      return silent.length > 0 ? unless(silent) : held(...servedOf(nodes).map(({ node, server }) => `${node}: ${server.standby ? 'standby' : 'primary'}, ${(server.databaseBytes / 1e6).toFixed(0)} MB`));
    },
    remedy: 'cfha status; the server’s log',
  },
]; // prettier-ignore
