// Drills in which nothing fails: what an administrator does on a working day, measured.
import { quoted } from '../../lib/host/shell.ts';
import type { Drill, Situation, Step } from './drill.ts';
import { asPostgres, primaryIn, sql, untilMoved, untilWrites } from './words.ts';
import { ownerVariable } from '../../lib/postgres/session-settings.ts';

/** By the command that administrators use, on the node that shall be the primary. */
export function switchoverTo(node: string): Step {
  return { do: 'run', on: node, says: `cfha switchover --to ${node}`, script: `cfha switchover --to ${node} --yes 2>&1`, expects: /nothing is lost/, seconds: 240, breaks: true }; // prettier-ignore
}

export function endOfSwitchover({ nodes }: Situation) {
  const script = `cibadmin --delete --xml-text='<rsc_location id="cfha-switchover"/>' >/dev/null 2>&1 || true`;
  return nodes.map((on) => ({ on, script }));
}

/** Over what a standby says about a WAL file: the name and the hash that the primary wrote into the table. */
function restored(situation: Situation): string {
  const { restoreCommand } = situation.archive;
  const command = restoreCommand.replaceAll('%f', '$wal').replaceAll('%p', '$place/restored').replaceAll('%r', '$wal');
  const row = sql(situation, "select wal || ' ' || hash from cfha_verify.archived");
  const inner = quoted(`wal=$1 place=$2; ${command}`);
  return `set -- $( ${row} ); wal=$1; hash=$2; place=$(mktemp -d); chown ${quoted(situation.place.pgdba)} "$place"
( ${asPostgres(situation, `sh -c ${inner} restore "$wal" "$place"`)} ) 2>&1
[ "$(sha256sum <"$place/restored" | cut -d ' ' -f 1)" = "$hash" ] && echo 'restored as it was'; rm -rf "$place"`;
}

const moves = { primary: 'moves', rebooted: () => [], loss: 'never', gapSeconds: 30 } as const;
const undisturbed = { primary: 'stays', rebooted: () => [], loss: 'never', gapSeconds: 5 } as const;

export const planned: readonly Drill[] = [
  {
    name: 'replication',
    says: 'what the primary writes is on the standby, and the standby refuses to write',
    breaks: 'nothing',
    clients: 'not at all',
    undone: 'the table is dropped',
    source: 'reference architecture, C.1',
    faults: [56],
    steps: (s) => [
      { do: 'run', on: s.primary, says: 'the primary takes a row', script: sql(s, 'drop table if exists cfha_verify.readwrite; create table cfha_verify.readwrite (ts timestamp); insert into cfha_verify.readwrite values (current_timestamp)') },
      ...s.standbys.flatMap((on): Step[] => [
        { do: 'poll', on, says: `${on} has the row`, script: sql(s, 'select count(*) from cfha_verify.readwrite'), expects: /^1$/m, seconds: 30 },
        { do: 'run', on, says: `${on} refuses a row`, script: `${sql(s, 'insert into cfha_verify.readwrite values (current_timestamp)')} || true`, expects: /read-only transaction/ },
      ]),
      { do: 'run', on: s.primary, says: 'the table is dropped', script: sql(s, 'drop table cfha_verify.readwrite') },
    ],
    undo: () => [],
    holds: undisturbed,
  },
  {
    name: 'archive',
    says: 'a WAL file travels into the archive, and every standby gets it back as it was',
    breaks: 'nothing: one WAL file is finished early',
    clients: 'not at all',
    undone: 'nothing is to be undone',
    source: 'reference architecture, C.1 and C.4',
    faults: [39, 45],
    refuse: ({ archive }) => (archive.configured ? (archive.restoreCommand === '' ? 'the standbys have no restore_command' : undefined) : 'no archive is configured: archive_mode is off, or archive_command empty'),
    steps: (s) => [
      {
        do: 'run', on: s.primary, says: 'a WAL file is finished and archived', seconds: 90, expects: /archived/,
        script: `wal=$( ${sql(s, 'select pg_walfile_name(pg_current_wal_lsn())')} ); ${sql(s, 'select pg_switch_wal()')} >/dev/null
hash=$(sha256sum <"${s.place.pgdata}/pg_wal/$wal" | cut -d ' ' -f 1)
( cd /; runuser -u ${quoted(s.place.pgdba)} -- env ${quoted(ownerVariable())} ${s.place.bindir}/psql -XAtq ${s.place.socket} -p ${s.place.port} -d ${quoted(s.database)} -v ON_ERROR_STOP=1 -c "drop table if exists cfha_verify.archived; create table cfha_verify.archived as select '$wal'::text as wal, '$hash'::text as hash" ) || exit 1
for n in $(seq 60); do [ "$( ${sql(s, 'select last_archived_wal from pg_stat_archiver')} )" \\< "$wal" ] || { echo "$wal is archived"; exit 0; }; sleep 1; done
echo "$wal is not archived after 60 s"`,
      },
      ...s.standbys.map((on): Step => ({ do: 'poll', on, says: `${on} gets it back`, script: restored(s), expects: /restored as it was/, seconds: 30 })),
      { do: 'run', on: s.primary, says: 'the table is dropped', script: sql(s, 'drop table cfha_verify.archived') },
    ],
    undo: () => [],
    holds: undisturbed,
  },
  {
    name: 'switchover',
    says: 'the standby becomes the primary, the primary its standby, and nothing is lost',
    breaks: 'nothing; the clients of the primary are disconnected',
    clients: 'about two seconds',
    undone: 'the primary goes back to its node at the end of all drills',
    source: 'docs/day-two.md',
    faults: [],
    steps: (s) => [switchoverTo(s.standby), untilMoved(s), untilWrites()],
    undo: endOfSwitchover,
    holds: moves,
  },
  {
    name: 'vip',
    says: 'the virtual IP comes back when it is lost, and moves so that neighbours notice (ARP)',
    breaks: 'the address is taken off its device, behind the cluster’s back; then a switchover',
    clients: 'up to a monitor’s interval (10 s), then about two seconds',
    undone: 'the cluster sets the address again',
    source: 'keepalived#166; reference architecture, 4.2',
    faults: [35],
    refuse: ({ cib }) => (cib.view.vip === undefined ? 'there is no virtual IP in the cluster' : undefined),
    steps: (s) => {
      const address = s.cib.view.vip?.address ?? '';
      return [
        { do: 'run', on: s.primary, says: `${address} is taken off ${s.primary}`, breaks: true, script: `set -- $(ip -4 -o address show | sed -n 's/^[0-9]*: *\\([^ ]*\\) *inet \\(${address.replaceAll('.', '\\.')}\\/[0-9]*\\) .*/\\2 \\1/p'); ip address delete "$1" dev "$2"` },
        { do: 'wait', says: 'clients notice', seconds: 10, until: ({ sinceAcknowledgedMs }) => sinceAcknowledgedMs > 1000 },
        untilWrites(60),
        switchoverTo(s.standby),
        untilMoved(s),
        untilWrites(),
        { do: 'poll', on: s.primary, says: `${s.primary} finds ${address} at ${s.standby}’s network card`, seconds: 30, script: `ping -c 1 -W 1 ${address} >/dev/null; ip neigh show ${address}`, expects: new RegExp(s.macs[s.standby] ?? 'unknown', 'i') },
      ];
    },
    undo: endOfSwitchover,
    holds: moves,
  },
  {
    name: 'standby',
    says: 'a node gives its resources away for maintenance, and takes part again',
    breaks: 'the primary’s node is put into Pacemaker’s standby',
    clients: 'about two seconds',
    undone: 'the node leaves standby',
    source: 'reference architecture, maintenance; fault 21',
    faults: [21],
    steps: (s) => [
      { do: 'run', on: s.standby, says: `${s.primary} goes into standby`, breaks: true, script: `crm_attribute --node=${s.primary} --name=standby --lifetime=forever --update=on` },
      untilMoved(s),
      untilWrites(),
      { do: 'undo', says: `${s.primary} leaves standby` },
      { do: 'wait', says: `${s.primary} is a standby`, seconds: 120, until: (seen) => primaryIn(seen) === s.standby },
    ],
    undo: (s) => s.nodes.map((on) => ({ on, script: `crm_attribute --node=${s.primary} --name=standby --lifetime=forever --delete` })),
    holds: moves,
  },
]; // prettier-ignore
