// Every parameter the resource accepts, declared once: names, kinds and defaults are those of ClusterLabs' pgsql.
// Metadata, validation, docs/parameters.md and the checked arguments of `pcs resource create` are all made from this.
import type { TypeName, ValueOf } from './types.ts';

export type Parameter = {
  readonly type: TypeName;
  /** As text, as Pacemaker would give it. `$pgdata` stands for the value of that parameter. */
  readonly default: string;
  readonly short: string;
  readonly long: string;
};

export const parameters = {
  pgctl: {
    type: 'string',
    default: '/usr/bin/pg_ctl',
    short: 'Path of pg_ctl',
    long: 'Absolute path of the pg_ctl program of the server version in use. The other server programs are looked for beside it.',
  },
  psql: {
    type: 'string',
    default: '/usr/bin/psql',
    short: 'Path of psql',
    long: 'Absolute path of psql. It must exist, as with pgsql, but it is not run: queries go over a connection of the agent.',
  },
  pgdata: {
    type: 'string',
    default: '/var/lib/pgsql/data',
    short: 'Data directory',
    long: 'The data directory of the instance.',
  },
  pgdba: {
    type: 'string',
    default: 'postgres',
    short: 'Owner of the instance',
    long: 'The operating system user that owns the data directory and runs the server, and the database superuser of the agent.',
  },
  pghost: {
    type: 'string',
    default: '',
    short: 'Listen address',
    long: 'Address the server is started with (-h) and that the agent connects to. Empty: the Unix socket.',
  },
  pgport: {
    type: 'integer',
    default: '5432',
    short: 'Port',
    long: 'The port of the server, also used in primary_conninfo. It is not passed to the server but as PGPORT.',
  },
  pglibs: {
    type: 'string',
    default: '/usr/lib',
    short: 'Library directory',
    long: 'Directory that is added to LD_LIBRARY_PATH of the server programs.',
  },
  config: {
    type: 'string',
    default: '$pgdata/postgresql.conf',
    short: 'Configuration file',
    long: 'Path of postgresql.conf. In replication modes include lines are appended to it.',
  },
  start_opt: {
    type: 'string',
    default: '',
    short: 'Options of the server',
    long: 'Additional options of the server process, passed inside pg_ctl -o.',
  },
  ctl_opt: {
    type: 'string',
    default: '',
    short: 'Options of pg_ctl',
    long: 'Additional options of pg_ctl at start.',
  },
  pgdb: {
    type: 'string',
    default: 'template1',
    short: 'Database of the agent',
    long: 'The database the agent connects to. A template, such as the default, is locked while a database is made from it: the agent then connects to postgres, and to the template only where the server lets it not into that.',
  },
  logfile: {
    type: 'string',
    default: '/dev/null',
    short: 'Server log file',
    long: 'File that receives what the server writes to its standard output and error.',
  },
  socketdir: {
    type: 'string',
    default: '',
    short: 'Unix socket directory',
    long: 'Directory of the Unix socket. Required if the configuration file sets unix_socket_directories.',
  },
  stop_escalate: {
    type: 'integer',
    default: '90',
    short: 'Seconds before immediate shutdown',
    long: 'Seconds that a fast shutdown may take (demote, and stop without replication) before an immediate one follows.',
  },
  stop_escalate_in_slave: {
    type: 'integer',
    default: '90',
    short: 'The same for stop in replication',
    long: 'Seconds that a fast shutdown may take at stop in a replication mode, and at restart_on_promote.',
  },
  monitor_user: {
    type: 'string',
    default: '',
    short: 'Database user of the monitor',
    long: 'Database user of the queries. Empty: the value of pgdba. In replication modes it needs the role pg_monitor.',
  },
  monitor_password: {
    type: 'string',
    default: '',
    short: 'Password of monitor_user',
    long: 'Password of monitor_user. It stands in the cluster configuration, readable by every administrator of the cluster.',
  },
  monitor_sql: {
    type: 'string',
    default: 'select now();',
    short: 'Query of the monitor',
    long: 'SQL that must succeed for the instance to be healthy. Not run on a standby.',
  },
  check_wal_receiver: {
    type: 'boolean',
    default: 'false',
    short: 'Publish the state of the WAL receiver',
    long: 'If true, every monitor publishes normal, normal (master) or ERROR in the node attribute RESOURCE-receiver-status.',
  },
  rep_mode: {
    type: 'string',
    default: 'none',
    short: 'Replication mode',
    long: 'none: one instance without replication. async, sync: a promotable clone with streaming replication. slave: a standby of a server outside the cluster.',
  },
  node_list: {
    type: 'string',
    default: '',
    short: 'Names of all nodes',
    long: 'The names of all nodes that run the instance, separated by blanks, this node included. Required in modes async and sync.',
  },
  restore_command: {
    type: 'string',
    default: '',
    short: 'restore_command',
    long: 'The restore_command of a standby.',
  },
  archive_cleanup_command: {
    type: 'string',
    default: '',
    short: 'archive_cleanup_command',
    long: 'The archive_cleanup_command of a standby.',
  },
  recovery_end_command: {
    type: 'string',
    default: '',
    short: 'recovery_end_command',
    long: 'The recovery_end_command of a standby.',
  },
  master_ip: {
    type: 'string',
    default: '',
    short: 'Address of the primary',
    long: 'The address (usually a virtual IP) under which a standby reaches the primary. Required in modes async, sync and slave.',
  },
  repuser: {
    type: 'string',
    default: 'postgres',
    short: 'Replication user',
    long: 'Database user of the replication connection.',
  },
  primary_conninfo_opt: {
    type: 'string',
    default: '',
    short: 'More of primary_conninfo',
    long: 'Appended to primary_conninfo. Prefer passfile=/path to password=…: the latter stands in the cluster configuration.',
  },
  restart_on_promote: {
    type: 'boolean',
    default: 'false',
    short: 'Promote by a restart',
    long: 'If true, a promotion restarts the server without its standby.signal. The timeline then stays the same, so a diverged former primary can no longer be told by its timeline.',
  },
  replication_slot_name: {
    type: 'string',
    default: '',
    short: 'Prefix of replication slots',
    long: 'If set, the primary keeps a physical replication slot PREFIX_NODE for every other node. Lower-case letters, digits and underscores.',
  },
  tmpdir: {
    type: 'string',
    default: '/var/lib/pgsql/tmp',
    short: 'Directory of the agent',
    long: 'Directory for the lock file, the notes of elections and the included configuration files.',
  },
  xlog_check_count: {
    type: 'integer',
    default: '3',
    short: 'Comparisons before an election',
    long: 'How many monitors in a row must see the same WAL positions of all nodes before one of them is chosen.',
  },
  crm_attr_timeout: {
    type: 'integer',
    default: '5',
    short: 'Seconds for one attribute',
    long: 'Seconds that writing one permanent node attribute may take.',
  },
  external_standby_node_list: {
    type: 'string',
    default: '',
    short: 'Standbys outside the cluster',
    long: 'Application names, separated by blanks, of standbys outside the cluster that take part in synchronous replication. Needs rep_mode=sync.',
  },
  // Not known to pgsql. Their defaults change nothing.
  demote_to: {
    type: 'string',
    default: 'stopped',
    short: 'What a demotion leaves',
    long: 'stopped: demote leaves the server stopped, as pgsql does. standby: after a clean shutdown its lock file is removed and it is started again as a standby. If it has data that the new primary lacks, PostgreSQL does not let it stream, and it is not promoted. Not with restart_on_promote, which keeps the timeline that tells such data.',
  },
  go_alone: {
    type: 'goAlone',
    default: 'proven',
    short: 'When a synchronous primary goes alone',
    long: 'In rep_mode=sync, when commits stop waiting for a standby that is gone. proven: when no later promotion can choose it, that is when its node has confirmed the record, or has been fenced or shut down. unproven: at the next monitor, as pgsql does, which loses commits in a partition; without fencing there is no other way. In both modes also when a standby may be promoted: proven: when no other node can be promoted any more, by the same proof (in rep_mode=async only where fencing is enabled). unproven: at once, as pgsql does.',
  },
  election: {
    type: 'election',
    default: 'rounds',
    short: 'When an election is decided',
    long: 'Without a primary. rounds: after xlog_check_count monitors with the same positions, as pgsql does. published: as soon as every node that is online and may be chosen has published its position.',
  },
  rejoin: {
    type: 'rejoin',
    default: 'manual',
    short: 'How a node becomes a standby again',
    long: 'What start does where the data of this node cannot follow the primary. manual: it refuses, and says why. Otherwise one or several ways, in the order of preference, as rewind,clone. rewind: for a server with WAL that the primary lacks: that WAL and a list of its transactions are kept in tmpdir/kept, then pg_rewind runs; it needs wal_log_hints or checksums and a repuser that may read files of the primary. clone: a new base backup, made beside the data directory and swapped in when it is whole; also where the data directory is empty, or the primary no longer has WAL that is missing here. Data of another system are never replaced. What takes longer than a few seconds goes on in the background.',
  },
  maximum_lag_on_failover: {
    type: 'integer',
    default: '0',
    short: 'Bytes that a failover may lose',
    long: 'In rep_mode=async, a standby that is further behind than this, by what the primary last recorded, is not promoted without a person’s word (cfha failover --accept-loss). 0: no limit, as with pgsql.',
  },
  synchronous_standbys: {
    type: 'integer',
    default: '0',
    short: 'How many standbys confirm a commit',
    long: 'In rep_mode=sync with three nodes or more. 0: one chosen standby, as with pgsql. n: any n of all that stream, ANY n (…); after the loss of the primary, so many standbys have to be present that one of them has every acknowledged commit. Not with external_standby_node_list.',
  },
  logical_slots: {
    type: 'logicalSlots',
    default: 'keep',
    short: 'Logical slots of a former primary',
    long: 'What a standby beside a primary does with inactive logical slots that are not synchronised from it. keep: they stay, as with pgsql, until less than a tenth of the file system of pg_wal is free; then they are dropped. drop: they are dropped at once. A dropped slot takes its subscriber’s position with it.',
  },
  passfile: {
    type: 'string',
    default: '',
    short: 'Password file',
    long: 'A PostgreSQL password file (mode 0600, owned by pgdba) with the passwords of repuser and of monitor_user, so that none has to stand in the cluster configuration. monitor_password takes precedence; without either, pgdba’s own ~/.pgpass counts for the monitor, as with psql.',
  },
} as const satisfies Record<string, Parameter>;

/** Those that pgsql does not know: a resource that goes back to it must not have them. */
export const notOfPgsql: readonly string[] = [
  'demote_to',
  'passfile',
  'go_alone',
  'rejoin',
  'election',
  'maximum_lag_on_failover',
  'synchronous_standbys',
  'logical_slots',
] satisfies readonly (keyof typeof parameters)[];

export type ParameterName = keyof typeof parameters;

/** What the agent works with after reading them: `{ pgdata: string; pgport: number; … }`. */
export type Parameters = { readonly [P in ParameterName]: ValueOf<(typeof parameters)[P]['type']> };
