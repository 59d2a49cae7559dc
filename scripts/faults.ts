// The faults that a region can meet, and what answers each: a drill of cfha verify, a static check, a test of ours, or why none does.
// docs/faults.md is printed from this; test/unit/verify/faults.test.ts holds it to what there is.
export type Answer =
  { readonly drill: string } | { readonly check: string } | { readonly test: string; readonly says: string };

export type Fault = {
  readonly n: number;
  readonly fault: string;
  readonly answers: readonly Answer[];
  /** Why nothing answers it, or not all of it. */
  readonly without?: string;
};

const drill = (name: string): Answer => ({ drill: name });
const check = (code: string): Answer => ({ check: code });
const test = (file: string, says: string): Answer => ({ test: `test/${file}`, says });
type Rest = readonly [answers: readonly Answer[], without?: string];
const fault = (n: number, words: string, ...[answers, without]: Rest): Fault => ({
  ...{ n, fault: words, answers },
  ...(without === undefined ? {} : { without }),
});

const simulated = (says: string): Answer => test('simulation/schedule.ts', says);
const global = 'cfha has no replication from regions to a global database';

const process: readonly Fault[] = [
  fault(1, 'the primary’s postmaster is killed (SIGKILL)', [
    drill('crash'),
    test('scenarios/region.ts', 'postmaster is killed'),
    test('endings/endings.ts', 'postmaster is killed'),
  ]),
  fault(2, 'the standby’s postmaster is killed', [
    simulated('postmaster killed'),
    test('differential/scenarios/replication.ts', 'a standby is lost and comes back'),
  ]),
  fault(3, 'the postmaster is frozen (SIGSTOP)', [drill('freeze'), test('endings/endings.ts', 'postmaster is frozen')]),
  fault(
    4,
    'WAL receiver or sender is killed',
    [test('endings/endings.ts', 'the standby does not get the end')],
    'killed for good they come back within a second, by PostgreSQL itself; frozen they are tested',
  ),
  fault(5, 'a backend that waits in COMMIT is killed', [simulated('backend killed')]),
  fault(6, 'pg_ctl stop behind the cluster’s back', [drill('stop')]),
  fault(7, 'the standby is promoted behind the cluster’s back', [
    simulated('promoted by hand'),
    test('rejoin/history.ts', 'promote'),
    test('reports/cases/02-promoted-by-hand.ts', 'pg_promote'),
  ]),
  fault(8, 'corosync is killed', [], 'to the other node it is the same as 15 and 25: the node is lost, and fenced'),
  fault(9, 'corosync is killed in a loop', [], 'as 8; migration-threshold and fencing end the loop'),
  fault(10, 'pacemakerd is killed', [], 'its own watcher restarts it; Pacemaker’s cts tests that (ComponentFail)'),
  fault(
    11,
    'pacemaker’s daemons are killed, one each',
    [],
    'Pacemaker’s cts tests that (ComponentFail); what the agent must bear is tested as 14',
  ),
  fault(12, 'sbd is killed', [], 'bootstrap sets up no sbd'),
  fault(13, 'the agent is killed in the middle', [
    drill('agent'),
    simulated('agent killed'),
    test('executable/interrupted.ts', 'kill'),
  ]),
  fault(14, 'the agent hangs to its timeout', [
    drill('freeze'),
    test('differential/scenarios/safety.ts', 'stop of a frozen server'),
  ]),
];

const node: readonly Fault[] = [
  fault(15, 'the primary loses its power', [
    drill('power'),
    test('scenarios/region.ts', 'the primary loses its power'),
  ]),
  fault(16, 'the standby loses its power', [
    drill('power'),
    test('scenarios/region.ts', 'the standby loses its power'),
  ]),
  fault(17, 'both at once, one is started, then the other', [
    drill('restart'),
    test('sync/drills.ts', 'both plugs pulled'),
  ]),
  fault(
    18,
    'kernel panic',
    [drill('panic')],
    'played where the nodes have a kernel of their own; the testbed’s have not',
  ),
  fault(
    19,
    'a node is frozen and thawed after its resources moved',
    [simulated('frozen')],
    'the testbed has one kernel',
  ),
  fault(20, 'orderly reboot', [drill('reboot'), test('endings/endings.ts', 'both servers are rebooted')]),
  fault(21, 'node standby and unstandby', [drill('standby'), test('endings/endings.ts', 'put into standby and back')]),
  fault(22, 'rolling restart, one by one', [drill('reboot'), test('endings/endings.ts', 'restarted one by one')]),
  fault(
    23,
    'start with a stale CIB',
    [test('sync/drills.ts', 'returns first'), simulated('full outage')],
    'which CIB wins is Pacemaker’s affair; what the agent makes of it is tested',
  ),
  fault(24, 'a node comes back with an empty or an older disk', [
    test('endings/data.ts', 'data directory is emptied'),
    test('endings/data.ts', 'another system'),
  ]),
];

const net: readonly Fault[] = [
  fault(25, 'the cluster’s link is cut, the fence device is reached', [
    drill('partition'),
    test('sync/drills.ts', 'network cut, the standby is fenced'),
    check('COROSYNC_LINKS'),
  ]),
  fault(26, 'only replication is cut', [simulated('replication cut'), check('PORTS_OPEN')]),
  fault(27, 'loss in one direction', [drill('partition')]),
  fault(
    28,
    '30 % loss, 200 ms delay, reordering',
    [],
    'kernels of the testbed may lack netem; TCP and knet hide it up to their limits, beyond them it is 25',
  ),
  fault(
    29,
    'a link that flaps every 5 s',
    [test('sync/drills.ts', 'healed before anyone is fenced')],
    'one flap is tested; a cluster that flaps all the time is fenced',
  ),
  fault(
    30,
    'the primary’s client network is down, the cluster’s is up',
    [check('VIP_DEVICE')],
    'bootstrap sets up one network for both; an ethmonitor resource is the administrator’s',
  ),
  fault(31, 'the fence device is unreachable', [
    drill('fence-unreachable'),
    test('sync/drills.ts', 'fencing device cannot be reached'),
    check('FENCING_ANSWERS'),
  ]),
  fault(32, 'fencing succeeds slowly', [
    drill('fence-unreachable'),
    simulated('fencing late'),
    check('FENCING_TIMEOUT'),
  ]),
  fault(33, 'fencing reports success, and the node lives', [drill('fence')]),
  fault(34, 'both nodes shoot at once', [drill('partition'), check('FENCING_RACE')]),
  fault(35, 'the virtual IP twice, or no gratuitous ARP', [drill('vip'), check('VIP_ONCE')]),
  fault(36, 'DNS is dead', [check('NAMES')], 'bootstrap writes names into /etc/hosts'),
  fault(37, 'an MTU black hole', [], 'needs a router between the nodes; knet finds its own MTU'),
];

const storage: readonly Fault[] = [
  fault(38, 'pg_wal is full on the primary', [drill('disk'), test('endings/endings.ts', 'is full'), check('DISKS')]),
  fault(
    39,
    'the archive is full or away',
    [
      drill('archive'),
      check('ARCHIVE_WORKS'),
      test('unit/agent/archive.test.ts', 'restarts a server without its archive'),
    ],
    'an NFS that hangs is not played; that a restore_command hangs is',
  ),
  fault(
    40,
    'the data disk is read-only, or gives errors',
    [],
    'the testbed’s disks are overlays of one file system: an error there would be the host’s',
  ),
  fault(41, 'fsync takes 5 s', [
    simulated('slow disk'),
    test('saturation/run.ts', 'the disk takes no writes for 20 s'),
  ]),
  fault(42, 'the standby’s disk is full', [
    test('endings/endings.ts', 'the disk of the ${which} is full'),
    check('DISKS'),
  ]),
  fault(
    43,
    'a corrupt page on the standby',
    [],
    'checksums find it when it is read (bootstrap sets them); the answer is cfha rejoin NODE --clone',
  ),
  fault(44, 'a truncated WAL segment', [test('rejoin/history.ts', 'power cut')]),
  fault(45, 'WAL that a standby needs is missing', [
    drill('archive'),
    test('endings/data.ts', 'away for longer than WAL is kept'),
    check('ARCHIVE_READABLE'),
    check('WAL_KEPT'),
  ]),
  fault(46, 'PGSQL.lock is lost, stale, or cannot be written', [
    drill('restart'),
    test('unit/agent/locked.test.ts', 'lock'),
    check('LOCK'),
  ]),
];

const load: readonly Fault[] = [
  fault(47, 'no processor is free, and monitors take long', [
    drill('load'),
    test('saturation/run.ts', 'keep both processors busy'),
  ]),
  fault(48, 'no connection is left', [test('saturation/run.ts', 'all connections are taken')]),
  fault(
    49,
    'a long DELETE is going on at the kill',
    [],
    'its rollback costs a standby nothing: it replays WAL, and never undoes',
  ),
  fault(50, 'a shutdown waits for a WAL sender or a checkpoint', [
    test('endings/endings.ts', 'the standby does not get the end'),
    simulated('slow checkpointer'),
  ]),
  fault(51, 'the replication login fails at the new primary', [check('REPLICATION_LOGIN')]),
  fault(52, 'a certificate has expired', [check('CERTIFICATES')]),
  fault(53, 'a clock is an hour ahead', [check('CLOCKS'), simulated('clock jumps')]),
  fault(54, 'a clock goes back', [check('CLOCKS'), simulated('clock jumps')]),
  fault(55, 'a name or an address has changed', [check('NAMES'), check('DRIFT')]),
  fault(56, 'a wrong or double application_name', [
    drill('replication'),
    test('differential/scenarios/replication.ts', 'whose name differs'),
    check('STANDBYS_STREAM'),
  ]),
  fault(
    57,
    'a client sets synchronous_commit=off',
    [check('SYNCHRONOUS_COMMIT')],
    'what one session sets for itself is its own word',
  ),
  fault(58, 'a slot nobody reads, while WAL grows', [
    check('SLOTS_ACTIVE'),
    check('SLOTS_LIMITED'),
    check('SLOTS_OF_STANDBYS'),
  ]),
  fault(59, 'a slot is lost', [
    test('unit/agent/slots.test.ts', 'that has been given up'),
    test('unit/agent/slots.test.ts', 'that was dropped by hand'),
    test('endings/data.ts', 'its slot may keep WAL'),
    check('SLOTS_ACTIVE'),
  ]),
  fault(
    60,
    'a switchover while a base backup runs',
    [],
    'PostgreSQL ends the backup with its server; cfha rejoin begins again',
  ),
  fault(61, 'a broken parameter is reloaded', [check('SETTINGS_RUNNING')]),
  fault(62, 'a second failure while a node is rewound or copied', [
    test('rejoin/run.ts', 'kill'),
    test('endings/data.ts', 'in the middle of a copy'),
    test('three/drills.ts', 'when the first is back'),
  ]),
];

const further: readonly Fault[] = [
  fault(63, 'the link between data centres is cut, both live', [
    test('global/cases.ts', 'only the line between the sites cut'),
    test('global/compare.ts', 'the line between the sites cut'),
  ]),
  fault(64, 'data centre 1 is dead', [test('global/cases.ts', 'plug pulled'), test('global/cases.ts', 'isolated')]),
  fault(65, 'data centre 1 returns after the promotion', [
    test('global/cases.ts', 'plug pulled, and back'),
    test('global/faults.ts', 'both sites down, the second returns before the first'),
  ]),
  fault(66, 'the job is killed one count before it acts', [test('unit/global/simulated-pair.ts', 'crash')]),
  fault(67, 'a firewall rule is lost by a reboot', [
    test('global/faults.ts', 'nft flush ruleset on the first site'),
    test('global/faults.ts', 'both sites down'),
  ]),
  fault(68, 'the archive’s transport is broken both ways', [
    test('global/faults.ts', 'the archive full for 10 s'),
    test('global/faults.ts', 'ssh refused'),
  ]),
  fault(69, 'clocks differ between data centres', [test('global/clocks.ts', 'clocks jump')]),
  ...([[70, 'a region fails over without a synchronised slot'], [71, 'a row conflicts, and apply stops'], [72, 'schemas have drifted'], [73, 'global is down for a day']] as const).map(([n, words]) => fault(n, words, [], global)),
]; // prettier-ignore

const beside: readonly Fault[] = [
  fault(74, 'a traffic manager asks in HTTP/1.1 without a Host header, or by a whole address', [test('health/haproxy.ts', 'ver HTTP/1.1'), test('reports/cases/18-health-requests.ts', 'without a Host header')]),
  fault(75, 'the nodes, or the data, have collations of another glibc or ICU', [check('GLIBC_ALIKE'), check('ICU_ALIKE'), check('COLLATIONS'), test('reports/cases/20-collations.ts', 'another version of its collation')]),
  fault(76, 'a tablespace is made in a directory that the standby lacks', [check('TABLESPACES'), test('reports/cases/21-tablespace.ts', 'the standby lacks')]),
  fault(77, 'another unit, a Debian cluster or cron starts PostgreSQL at boot', [check('OTHER_STARTERS'), test('verify/faults.ts', 'starts PostgreSQL at boot'), test('reports/cases/29-versioned-units.ts', 'units of any name')]),
  fault(78, 'needrestart or unattended upgrades restart the cluster’s services', [check('NEEDRESTART'), check('UNATTENDED_UPGRADES'), test('reports/cases/30-needrestart.ts', 'are found')]),
  fault(79, 'the standby goes away in maintenance mode, in sync mode', [check('MAINTENANCE'), test('reports/cases/34-maintenance-sync.ts', 'maintenance mode')]),
  fault(80, 'data of PostgreSQL 12, whose programs lack what the agent needs', [test('reports/cases/35-postgresql-12.ts', 'PostgreSQL 12 is refused'), test('differential/scenarios/replication.ts', 'data of PostgreSQL 12')]),
  fault(81, 'the configuration is outside the data, and a standby.signal is left: a killed primary is rewound', [test('reports/cases/37-configuration-outside.ts', 'rewound')]),
  fault(82, 'quotes, backslashes and blanks in the replication user’s name and password', [test('reports/cases/38-quoted-name.ts', 'scram-sha-256')]),
  fault(83, 'a standby has replayed more than the new primary had when it was promoted', [test('reports/cases/40-ahead-of-the-fork.ts', 'ahead of the fork')]),
  fault(84, 'the WAL that a rewind needs is gone', [test('reports/cases/41-rewind-without-wal.ts', 'ends in a copy')]),
  fault(85, 'the tmpdir of rep_mode=slave is missing', [test('reports/cases/46-slave-without-tmpdir.ts', 'tmpdir')]),
  fault(86, 'another product’s failover monitor polls the servers', [test('reports/cases/48-other-monitor.ts', 'failover monitor')], 'it is to be switched off: operations.md, Another monitor that fails over'),
]; // prettier-ignore

const ownPlace: readonly Fault[] = [
  fault(87, 'names of nodes make no names of slots, or one for two nodes', [test('reports/cases/07-slot-names.ts', 'are refused by validation')]),
  fault(88, 'a slot cannot be made when a node is promoted', [test('reports/cases/07-slot-names.ts', 'fails no promotion')]),
  fault(89, 'the slot of a standby that is away is dropped by hand', [test('reports/cases/08-slot-made-again.ts', 'is made again')]),
  fault(90, 'a program of archive_command is in /usr/local/bin only', [check('SERVER_ENVIRONMENT'), test('reports/cases/10-server-path.ts', 'PATH leads to')]),
  fault(91, 'two PostgreSQL resources have one tmpdir', [check('DIRECTORIES_OWN'), test('reports/cases/13-one-tmpdir.ts', 'a second resource')]),
  fault(92, 'configuration, certificates and keys lie in the data directory of a node that is rewound or copied', [test('reports/cases/14-own-files.ts', 'own after a'), test('reports/cases/14-own-files.ts', 'may not write a file')]),
  fault(93, 'a logical slot stays on a primary that becomes a standby', [check('SLOTS_OF_STANDBYS'), test('reports/cases/15-logical-slots.ts', 'keeps a logical slot')]),
  fault(94, 'a logical slot is to go on after a failover (PostgreSQL 17)', [test('reports/cases/19-synchronised-slots.ts', 'what synchronised slots need')]),
  fault(95, 'the data directory is a mount point, or pg_wal a link, where a copy is needed', [check('COPY_POSSIBLE'), test('reports/cases/23-place-of-a-copy.ts', 'linked pg_wal')]),
  fault(96, 'memory is short, and the kernel ends a process', [test('reports/cases/31-oom-score.ts', 'protected from the OOM killer')]),
  fault(97, 'the server’s user is no system user, and logs out', [check('REMOVE_IPC'), test('reports/cases/32-remove-ipc.ts', 'RemoveIPC')]),
  fault(98, 'a reboot has removed the directory of the statistics (before PostgreSQL 15)', [test('reports/cases/45-stats-directory.ts', 'stats_temp_directory')]),
]; // prettier-ignore

const recovery: readonly Fault[] = [
  fault(99, 'the history of a foreign timeline lies in the archive', [test('reports/cases/06-foreign-history.ts', 'foreign timeline in the archive'), test('unit/wal/histories.test.ts', 'does not get a timeline')]),
  fault(100, 'restore_command hangs when the primary is lost, or at a start', [test('reports/cases/11-silent-archive.ts', 'holds up neither'), test('reports/cases/11-archive-hangs.ts', 'plug is pulled')]),
  fault(101, 'a copy of the primary fails at the same page or file each time', [test('reports/cases/16-copy-that-fails.ts', 'not begun a third time'), test('unit/agent/failed-copy.test.ts', 'the third copy')]),
  fault(102, 'a frozen receiver or a slow archiver holds a shutdown up', [test('reports/cases/22-held-shutdown.ts', 'does not wait for'), test('reports/cases/22-shutdown-waits.ts', 'is frozen')]),
  fault(103, 'the archive’s file system makes no hard links', [test('reports/cases/36-no-hard-links.ts', 'hard link')], 'a real one was not mounted: the call to the file system is made to fail'),
]; // prettier-ignore

const primaries: readonly Fault[] = [
  fault(104, 'something else than the cluster starts the former primary’s server at boot', [check('OTHER_STARTERS'), simulated('power lost, started by a unit'), test('reports/cases/01-server-runs-at-probe.ts', 'a unit starts the former primary’s server')]),
  fault(105, 'a recovery target is left over, and promotes the standby', [check('SETTINGS_OUTRANKED'), test('reports/cases/03-recovery-target.ts', 'is left in postgresql.auto.conf'), test('reports/cases/03-target-outranked.ts', 'recovery_target_action promote')]),
  fault(106, 'all nodes have disqualified each other', [test('reports/cases/02-promoted-by-hand.ts', 'have disqualified each other'), test('unit/agent/completeness.test.ts', 'recorded as out')]),
  fault(107, 'a promotion fails after it has recorded the other nodes as out', [simulated('promotion fails'), test('reports/cases/11-archive-hangs.ts', 'leaves the region electable'), test('unit/agent/intent.test.ts', 'takes back')]),
  fault(108, 'a lost node’s position is still published', [test('reports/cases/17-lost-node.ts', 'does not outvote the survivors')]),
  fault(109, 'the cluster is stopped and started in maintenance mode, and the server runs on', [test('reports/cases/39-maintenance-restart.ts', 'is adopted without a gap')]),
]; // prettier-ignore

const outranking: readonly Fault[] = [
  fault(110, 'postgresql.auto.conf or a later line outranks the agent’s settings', [check('SETTINGS_OUTRANKED'), test('reports/cases/12-settings-outranked.ts', 'alter system on a standby'), test('differential/scenarios/settings.ts', 'D61')]),
  fault(111, 'a standby has smaller limits than its primary', [check('SETTINGS_ALIKE'), test('reports/cases/25-limits-below.ts', 'smaller limits'), test('reports/cases/25-smaller-settings.ts', 'the standby is promoted')]),
  fault(112, 'replay is paused, delayed, or held up by a query, when the standby has to take over', [check('REPLAY'), test('reports/cases/24-replay-held-up.ts', 'conflicts with replay')]),
  fault(113, 'a database is made from the template that sessions go to, while commits wait', [test('reports/cases/04-template-locked.ts', 'lets the commit go on'), test('reports/cases/04-create-database.ts', 'the primary goes on')]),
  fault(114, 'a role or a database has other defaults for transactions', [test('reports/cases/05-default-transaction.ts', 'every action goes on'), test('reports/cases/05-serializable.ts', 'the standby is promoted')]),
  fault(115, 'the server speaks another language', [test('reports/cases/09-language.ts', 'are understood')]),
]; // prettier-ignore

export const groups = { Process: process, Node: node, Network: net, Storage: storage, 'Load and configuration': load, 'Two data centres, and a global database': further, 'What is beside the server, and what broke other tools': beside, 'A place of its own, and slots': ownPlace, 'Recovery’s inputs': recovery, 'Who is the primary': primaries, 'What outranks or alters our settings and sessions': outranking }; // prettier-ignore
