// Everything the agent can say. The key is the code that tests and alerts match; the text is for people.
// docs/messages.md prints them; docs/operations.md says what to do.

export const reasons = {
  // Parameters and this machine
  PARAMETERS_WRONG: (r: { problems: string }) => `wrong parameters: ${r.problems}`,
  NO_SUCH_USER: (r: { user: string }) => `pgdba: there is no operating system user "${r.user}"`,
  NOT_ALLOWED: (r: { user: string }) => `the agent must run as root or ${r.user}`,
  PASSWORD_WITHOUT_USER: () => 'monitor_password is set, but monitor_user is not',
  PROGRAM_MISSING: (r: { parameter: string; file: string }) =>
    `${r.parameter}: ${r.file} does not exist or is no program`,
  CONFIG_MISSING: (r: { file: string }) => `config: ${r.file} does not exist`,
  SOCKETDIR_REQUIRED: (r: { file: string }) => `socketdir must be set, since ${r.file} sets unix_socket_directories`,
  DATA_NOT_WRITABLE: (r: { directory: string; user: string }) =>
    `pgdata: ${r.directory} is not a directory that ${r.user} can write to`,
  VERSION_UNSUPPORTED: (r: { found: string }) =>
    `PostgreSQL ${r.found} is not supported in replication modes: 13 or later is needed`,
  MASTER_IP_REQUIRED: () => 'master_ip must be set in modes async, sync and slave',
  NOT_PROMOTABLE_CLONE: (r: { mode: string }) => `rep_mode=${r.mode} needs a promotable clone`,
  PROMOTABLE_SLAVE: () => 'rep_mode=slave cannot be used in a promotable clone',
  REP_MODE_UNKNOWN: (r: { mode: string }) => `rep_mode="${r.mode}" is not none, async, sync or slave`,
  EXTERNAL_NEEDS_SYNC: () => 'external_standby_node_list needs rep_mode=sync',
  EXTERNAL_NO_QUORUM: () =>
    'external_standby_node_list does not go with synchronous_standbys: a commit that only a standby outside the cluster has confirmed would be lost with the primary',
  NODE_LIST_REQUIRED: () => 'node_list must name all nodes in modes async and sync',
  NODE_NOT_LISTED: (r: { node: string; list: string }) =>
    `node_list="${r.list}" does not name this node, which Pacemaker calls "${r.node}"`,
  NODES_UNKNOWN: (r: { unknown: string; list: string; cluster: string }) =>
    `node_list="${r.list}" names ${r.unknown}, but the nodes of the cluster are: ${r.cluster}`,
  PASSFILE_UNUSABLE: (r: { file: string; user: string }) =>
    `passfile: ${r.file} must be a file of ${r.user} that nobody else may read (mode 0600): PostgreSQL ignores it otherwise`,
  SLOT_NAME_WRONG: (r: { name: string }) =>
    `replication_slot_name="${r.name}" may hold lower-case letters, digits and _ only`,
  TMPDIR_TAKEN: (r: { tmpdir: string; owner: string }) =>
    `tmpdir=${r.tmpdir} is the directory of resource "${r.owner}": give this one its own. If that one was renamed or is gone: rm ${r.tmpdir}/cfpgsql.resource`,
  SLOT_NAMES_WRONG: (r: { name: string; node: string; why: string }) =>
    `replication_slot_name="${r.name}" makes no slot for ${r.node} of node_list: ${r.why}`,
  DIRECTORY_NOT_MADE: (r: { directory: string; cause: string }) => `${r.directory} cannot be made: ${r.cause}`,
  // What was found
  UNANSWERED: (r: { state: string; message: string }) => `the server is alive but ${r.state}: ${r.message}`,
  FULL: (r: { role: string }) =>
    `every connection is taken (53300): the server lives and is ${r.role} by its files, so it is left alone; raise max_connections or look for a leak`,
  RUNS_AS_PRIMARY: () =>
    'the server already runs as a primary: start does not touch it. Stop it, or let Pacemaker probe it',
  ROGUE_PRIMARY: (r: { why: string }) =>
    `the server runs as a primary, but the cluster has not promoted it: ${r.why}. Pacemaker stops it, and its next start makes it a standby again. Find what started or promoted it: cfha verify --static`,
  ISOLATED: () =>
    'this node may hold rows of a promotion that the cluster did not order: it is started as a standby that follows no primary, until there is one to compare it with. Next: cfha status',
  COMPARE_FIRST: () =>
    'this standby follows no primary, since it may hold rows of a promotion that the cluster did not order. There is a primary now: it is restarted, to be compared with it',
  TIMELINE_UNRECORDED: () =>
    'the timeline of this primary could not be recorded: until a monitor records it, no standby is recorded as current, and none takes over. If it comes again, look for crm_attribute in pacemaker.log',
  SYNC_NAMES_SET: (r: { names: string }) =>
    `synchronous_standby_names is "${r.names}" after the start: remove it from the configuration, the agent sets it`,
  SYNC_NAMES_PLACED: (r: { names: string; place: string }) =>
    `${r.place} sets synchronous_standby_names to "${r.names}", which outranks the agent's rep_mode.conf. Delete that line (where the server runs: alter system reset synchronous_standby_names), then cfha cleanup`,
  SETTINGS_UNREADABLE: (r: { message: string }) =>
    `the server's settings cannot be read, so that nothing is known of what outranks the agent's: ${r.message}`,
  OTHER_DATA_DIRECTORY: (r: { found: string; place: string; pgdata: string }) =>
    `${r.place} sets data_directory to "${r.found}", but pgdata is ${r.pgdata}: the server would work where the agent does not look. Make them the same`,
  CONNINFO_OUTRANKED: (r: { place: string }) =>
    `${r.place} sets primary_conninfo, which outranks recovery.conf, and a password in primary_conninfo_opt must not go on the command line: the start is refused. Delete that line, or use passfile, then cfha cleanup`,
  SETTINGS_OVERRULED: (r: { settings: string }) =>
    `the server is started with settings of the agent on its command line, since others would be in force: ${r.settings}. Remove those`,
  SESSIONS_ENDED: (r: { count: number }) =>
    `${r.count} sessions of this standby were ended, since replay waited for them and clients for the promotion`,
  REPLAY_PAUSED: () => 'replay is paused on this standby, so that it falls behind: select pg_wal_replay_resume()',
  LIMITS_BELOW: (r: { settings: string }) =>
    `replay is paused on this standby, since ${r.settings}. Do not resume it: that ends the server. The next start raises them: cfha standby NODE, then cfha unstandby NODE`,
  SETTING_OUTRANKS: (r: { settings: string }) =>
    `this standby does not stream as the agent wants it to: ${r.settings}. Remove that setting, or restart the server: cfha standby NODE, then cfha unstandby NODE`,
  LOCKED: (r: { file: string; because: string }) =>
    `${r.file} of a former primary: cannot tell whether its data are part of the primary's: ${r.because}`,
  UNLOCKED: (r: { evidence: string }) => `the lock of a former primary is removed, since ${r.evidence}`,
  DIVERGED: (r: { only: string; bytes: string; fork: string; end: string; primary: string }) =>
    `rewind or clone this node: ${r.only}; the primary is on ${r.primary}`,
  REWINDING: (r: { only: string; kept: string; primary: string }) =>
    `${r.only}: kept in kept/${r.kept}, then rewound to the primary on ${r.primary}`,
  REWIND_UNFINISHED: (r: { kept: string }) =>
    `clone this node, or set rejoin=rewind: a rewind (kept/${r.kept}) was begun here and not ended`,
  REJOIN_FAILED: (r: { step: string; message: string }) =>
    `${r.step} failed, and is begun anew by the next start: ${r.message}`,
  REJOINING: () => 'this node is made a standby again in the background: cfha status shows how far it is',
  CLONING: (r: { why: string }) => `a new copy of the primary is made, since ${r.why}`,
  COPY_FAILS: (r: { primary: string; node: string; count: number; words: string }) =>
    `copying ${r.primary} failed ${r.count} times at: ${r.words}. Repair that on ${r.primary}, a damaged page or a file that PostgreSQL can't read, then cfha rejoin ${r.node} --clone`,
  CLONE_REFUSED: (r: { why: string; because: string }) =>
    `no copy of the primary: ${r.because}. It was wanted, since ${r.why}`,
  DATA_MISSING: (r: { directory: string; what: string }) =>
    `${r.directory} is ${r.what}: make a base backup of the primary, or cfha rejoin --clone, or rejoin=rewind,clone`,
  WAL_GONE: (r: { message: string }) =>
    `this standby will not stream without an archive or a new copy (cfha rejoin --clone), since the primary says: ${r.message}`,
  CANNOT_FOLLOW: (r: { why: string }) =>
    `this standby is restarted, to be made one again (parameter rejoin), since it can't follow the primary any more: ${r.why}`,
  FOREIGN_DATA: (r: { local: string; primary: string }) =>
    `make a base backup of the primary: the data directory is of system ${r.local}, the primary of system ${r.primary}`,
  DEMOTE_TO_UNKNOWN: (r: { value: string }) => `demote_to="${r.value}" is not stopped or standby`,
  NOT_RUNNING: (r: { action: string }) => `cannot ${r.action}: the server does not run`,
  MONITOR_SQL_FAILED: (r: { message: string }) => `monitor_sql failed: ${r.message}`,
  SYNC_NAMES_UNREAD: (r: { file: string; config: string }) =>
    `the server does not take synchronous_standby_names from ${r.file}: does ${r.config} still include it, and does nothing after it set the name again?`,
  MONITOR_BLIND: (r: { user: string }) =>
    `${r.user} may not see the state of standbys: grant pg_monitor to ${r.user}. Scores and states of standbys stay as they are`,
  CLUSTER_UNREADABLE: (r: { message: string }) => `the state of the cluster cannot be read: ${r.message}`,
  LOGICAL_SLOTS_DROPPED: (r: { names: string; why: string }) =>
    `a standby drops logical slots that a former primary left: ${r.names} (${r.why}); their subscribers need new ones on the primary`,
  NO_LSN: () => 'the server tells no position in the WAL',
  // Elections
  OUT_OF_DATE: (r: { dataStatus: string }) =>
    `not promotable: when last seen by a primary, the data were ${r.dataStatus}`,
  COUNTING: (r: { round: number; of: number }) => `no primary: round ${r.round} of ${r.of} with the same positions`,
  POSITIONS_CHANGED: () => 'no primary: the positions have changed, counting again',
  ELECTED: (r: { position: string }) => `no primary: nobody is ahead of ${r.position}, ready for promotion`,
  OUTVOTED: (r: { position: string; best: string }) => `no primary: another node has ${r.best}, this one ${r.position}`,
  HANDOVER_INCOMPLETE: (r: { node: string; end: string; position: string }) =>
    `not promoted: ${r.node} shut down cleanly at ${r.end}, this node has ${r.position === '' ? 'nothing' : r.position}. ${r.node} can go on without loss`,
  PROMOTING: (r: { position: string; loss: string }) => `being promoted at ${r.position}: ${r.loss}`,
  ARCHIVE_SILENT: (r: { seconds: number }) =>
    `restore_command has been at one file for ${r.seconds} s: the server is started again without it, and uses it again from its next start on`,
  SETTLING: () => 'a standby is catching up: it counts as synchronous when it has everything',
  UNPROVEN: (r: { peer: string; why: string }) => `not promoted, since ${r.peer} might be too: ${r.why}`,
  FOREIGN_SYSTEM: (r: { mine: string; node: string; theirs: string; resource: string }) =>
    `not promotable: the data are of system ${r.mine}, but ${r.node} was promoted with ${r.theirs}. If the database was made anew, delete the attribute ${r.resource}-timeline of ${r.node}`,
  BEHIND_TIMELINE: (r: { mine: string; node: string; theirs: string }) =>
    `not promotable: timeline ${r.mine}, but ${r.node} was promoted to ${r.theirs}: this node has to follow it first`,
  ROGUE_TIMELINE: (r: { mine: string; highest: string }) =>
    `not promotable: timeline ${r.mine} was begun outside the cluster's control, the last recorded promotion is to ${r.highest}. Compare with the other nodes: cfha failover --to NODE`,
  COMPLETE: (r: { position: string; nodes: string }) =>
    `no primary, and by its record this node may not be promoted; but ${r.nodes} are compared, and all their WAL is here, byte for byte: ready for promotion at ${r.position}`,
  INCOMPLETE: (r: { losses: string }) =>
    `no primary, and by their records no node may be promoted by itself. A promotion of this node would lose: ${r.losses}. Decide with cfha failover`,
  TAKEN_BACK: (r: { peers: string }) =>
    `the promotion of this node did not happen: what it had recorded of ${r.peers} is taken back`,
  TOO_FAR_BEHIND: (r: { bytes: number; limit: number }) =>
    `not promotable: ${r.bytes} bytes behind the lost primary, more than maximum_lag_on_failover=${r.limit}. A person may accept the loss: cfha failover --accept-loss`,
  VOTERS_MISSING: (r: { nodes: string }) =>
    `no election yet: one of ${r.nodes} may have acknowledged commits that nobody present has`,
  NEWER_THAN_PROMOTED: (r: { mine: string; other: string; node: string }) =>
    `this node's data (${r.mine}) are newer than those of ${r.node} (${r.other}), which is being promoted: this node is kept off`,
  // What went wrong
  STEP_FAILED: (r: { step: string; message: string }) => `${r.step} failed: ${r.message}`,
  SERVER_DIED: (r: { message: string; log: string }) =>
    `the server did not start: ${r.message}; its log ends: ${r.log}`,
  TABLESPACE_MISSING: (r: { directory: string; user: string }) =>
    `the server did not start: the directory ${r.directory} of a tablespace is not on this node, so what the primary did cannot be replayed. Here: install -d -o ${r.user} -m 700 ${r.directory}; then cfha cleanup`,
  FOREIGN_HISTORY: (r: { what: string }) =>
    `the server did not start: restore_command gave it the history of a timeline that its data are no part of (${r.what}). It was renamed to .history.foreign here. Move it out of the archive, too: another server of this system has archived it. Then: cfha cleanup`,
  HISTORY_ASIDE: (r: { what: string }) =>
    `renamed to .history.foreign, since the server would not start with the history of a timeline that its data are no part of: ${r.what}`,
  DEADLINE: (r: { step: string; seconds: number }) => `no time left after ${r.seconds} s, at: ${r.step}`,
  NO_PROGRESS: (r: { steps: string }) => `the same steps again with the same result: ${r.steps}`,
  STOP_ESCALATED: (r: { how: string; seconds: number }) =>
    `the fast shutdown did not end within ${r.seconds} s: ${r.how}`,
  STOP_RELEASED: (r: { who: string }) =>
    `the fast shutdown waited for what is no standby of the cluster, and went on without it: ${r.who}`,
  ATTRIBUTE_NOT_WRITTEN: (r: { attribute: string; message: string }) =>
    `${r.attribute} could not be written: ${r.message}`,
  UNKNOWN_ACTION: (r: { action: string }) => `unknown action "${r.action}"`,
  USAGE: () => 'usage: cfpgsql {start|stop|status|monitor|promote|demote|notify|meta-data|validate-all|methods}',
  BUG: (r: { message: string }) => `internal error: ${r.message}`,
};

type Details = { [C in keyof typeof reasons]: Parameters<(typeof reasons)[C]> extends [infer D] ? D : object };

/** A code with its details. */
export type Reason = { [C in keyof Details]: { readonly code: C } & Readonly<Details[C]> }[keyof Details];

/** The code, then the sentence: Pacemaker keeps the first 127 bytes of an exit reason (lib/services, EXIT_REASON_MAX_LEN). */
export function tell(reason: Reason): string {
  return `[${reason.code}] ${say(reason)}`;
}

/** The sentence for people. */
export function say(reason: Reason): string {
  return (reasons[reason.code] as (details: Reason) => string)(reason).replaceAll(/\p{Cc}/gu, ' ');
}
