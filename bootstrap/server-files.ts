// The text of PostgreSQL's files that are ours: settings, access rules, and the SQL that makes roles and database.
import { archiveSettings } from './archive.ts';
import { virtualsOf } from './addresses.ts';
import type { Layout } from './layout.ts';
import { logrotatePath } from './paths.ts';
import type { Spec } from './spec.ts';

/** First line of our settings: the mark by which a data directory is told to be a region's. */
export const mark = (spec: Spec): string => `# cfha region ${spec.region}`;

/** cfha.conf, which postgresql.conf includes. */
export function settingsText(spec: Spec): string {
  return `${mark(spec)}
# Written by cfha bootstrap: change the region file, not this one. Settings of your own go into postgresql.conf, below the
# line that includes this file.
listen_addresses = '*'
port = ${String(spec.postgres.port)}
password_encryption = 'scram-sha-256'

# Replication. wal_keep_size: how far a standby may fall behind, or how long be away, without a new copy.
# max_slot_wal_keep_size: how much a replication slot may keep (replication_slot_name) before it is given up: a full disk stops all.
# wal_log_hints: with it (or checksums) a former primary can be rewound instead of copied.
wal_level = ${synchronisesSlots(spec) ? 'logical' : 'replica'}
hot_standby = on
max_wal_senders = 10
max_replication_slots = 10
wal_keep_size = '1GB'
max_slot_wal_keep_size = '4GB'
wal_log_hints = on

# After a switchover a standby's connection leads to a server that has given the virtual IP away. It notices when it next
# reports how far it is, by default only after 10 s, and then tries again after 5 s.
wal_receiver_status_interval = '1s'
wal_retrieve_retry_interval = '1s'
# A standby that does not answer any more is one that commits wait for, in synchronous mode.
wal_sender_timeout = '15s'

${logicalSettings(spec)}${logSettings[spec.postgres.log.rotate]}${archiveSettings(spec)}`;
}

/** https://www.postgresql.org/docs/current/logicaldecoding-explanation.html#LOGICALDECODING-REPLICATION-SLOTS-SYNCHRONIZATION */
export function synchronisesSlots(spec: Spec): boolean {
  return spec.postgres.replication.logical_slots === 'synchronised';
}

function logicalSettings(spec: Spec): string {
  if (!synchronisesSlots(spec)) return '';
  return `# Logical slots made with failover = true are kept on standbys too. hot_standby_feedback: what they decode with is not vacuumed.
sync_replication_slots = on
hot_standby_feedback = on

`;
}

const logSettings = {
  postgresql: `# Log files: one a weekday, kept for a week.
logging_collector = on
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
`,
  logrotate: `# One log file, which logrotate renames (${logrotatePath}); then the server is told to begin a new one.
logging_collector = on
log_filename = 'postgresql.log'
log_truncate_on_rotation = off
log_rotation_age = 0
log_rotation_size = 0
`,
} as const;

/** What logrotate does every day. Not copytruncate: what is written between copy and truncation would be lost. */
export function logTexts({ postgres: { log } }: Spec, { data, bindir }: Layout) {
  if (log.rotate !== 'logrotate') return [];
  const content = `# Written by cfha bootstrap: change the region file, not this one.
${data}/log/postgresql.log {
  daily
  rotate ${log.keep}
  missingok
  notifempty
  compress
  delaycompress
  su postgres postgres
  create 0600 postgres postgres
  postrotate
    ! [ -e ${data}/postmaster.pid ] || runuser -u postgres -- ${bindir}/pg_ctl logrotate -s -D ${data} || true
  endscript
}
`;
  return [{ path: logrotatePath, mode: '0644', owner: 'root', says: 'how the server’s log is rotated', content }];
}

const secondOf = ({ second_address: second }: Spec['nodes'][number]): string[] =>
  second === undefined ? [] : [second];

/** pg_hba.conf: who may connect, in narrow lines; all others may not. */
export function accessText(spec: Spec): string {
  const { replication, database, clients } = spec.postgres;
  // A server that asks at an address of its own comes from that address.
  const peers = [
    ...spec.nodes.flatMap((node) => [node.address, ...secondOf(node)]),
    ...virtualsOf(spec).map(({ address }) => address),
  ];
  return `${mark(spec)}
# Written by cfha bootstrap: change the region file, not this one.
# TYPE  DATABASE  USER  ADDRESS  METHOD
local all postgres peer
local replication postgres peer
${peers.map((peer) => `host replication,postgres ${replication.user} ${peer}/32 scram-sha-256`).join('\n')}
${clients.map((network) => `host ${database.name} ${database.owner} ${network} scram-sha-256`).join('\n')}
`;
}

/** What pg_rewind calls on the primary. https://www.postgresql.org/docs/current/app-pgrewind.html#id-1.9.5.9.7 */
const rewindFunctions = [
  'pg_ls_dir(text, boolean, boolean)',
  'pg_stat_file(text, boolean)',
  'pg_read_binary_file(text)',
  'pg_read_binary_file(text, bigint, bigint, boolean)',
].map((name) => `pg_catalog.${name}`);

/** SQL that makes roles and database what the file says, whatever is there. It holds verifiers: never log it. */
export function rolesSql(spec: Spec, verifiers: { readonly replication: string; readonly owner: string }): string {
  const { replication, database } = spec.postgres;
  const role = (name: string, rights: string, secret: string) => `
DO $do$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN CREATE ROLE "${name}"; END IF;
END $do$;
ALTER ROLE "${name}" ${rights} PASSWORD '${secret}';`;
  return `SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
BEGIN;${role(replication.user, 'LOGIN REPLICATION', verifiers.replication)}${role(database.owner, 'LOGIN', verifiers.owner)}
${rewindFunctions
  .map(
    (name) => `GRANT EXECUTE ON FUNCTION ${name} TO "${replication.user}";
`,
  )
  .join('')}DO $do$ BEGIN -- a rewind begins with a checkpoint of the primary; the role is there since version 15
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pg_checkpoint') THEN GRANT pg_checkpoint TO "${replication.user}"; END IF;
END $do$;
COMMIT;
SELECT 'CREATE DATABASE "${database.name}" OWNER "${database.owner}" ENCODING ''UTF8'' TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database.name}') \\gexec
ALTER DATABASE "${database.name}" OWNER TO "${database.owner}";
`;
}
