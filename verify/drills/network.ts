// Drills on the network between the nodes, on the disk, and under load.
import { quoted } from '../../lib/host/shell.ts';
import type { Drill, Seen, Situation, Step } from './drill.ts';
import { crash } from './failures.ts';
import { endOfSwitchover, switchoverTo } from './planned.ts';
import {
  bootSeconds,
  deviceAddresses,
  dropCorosync,
  passCorosync,
  someSayPrimary,
  sql,
  untilMoved,
  untilOneRebooted,
  untilRebooted,
  untilWrites,
} from './words.ts';

function cut(s: Situation, directions: readonly ('in' | 'out')[]): Step {
  return { do: 'run', on: s.standby, says: `cluster traffic of ${s.standby} is dropped (${directions.join(' and ')})`, breaks: true, script: dropCorosync(directions) };
} // prettier-ignore

/** Nobody but the primary is promoted, and nobody is started anew, on anybody's word. */
function nothingMoves(s: Situation): (seen: Seen) => boolean {
  return (seen) =>
    s.standbys.every((name) => !someSayPrimary(seen, name)) &&
    s.nodes.every((name) => seen.nodes[name] === undefined || seen.nodes[name].boot === seen.boots[name]);
}

const unreachable = (address: string) => `ip route add unreachable ${address}/32`;
const reachable = (address: string) => `ip route delete unreachable ${address}/32 2>/dev/null || true`;

const filler = ({ place }: Situation) => `"$(readlink -f ${quoted(`${place.pgdata}/pg_wal`)})/cfha-verify.filler"`;

export const network: readonly Drill[] = [
  {
    name: 'partition',
    says: 'the nodes lose each other, in both directions and in one: one of them is fenced, and there is never a second primary',
    breaks: 'the standby’s cluster traffic (UDP 5405-5412) is dropped; PostgreSQL’s is not',
    clients: 'not at all: the primary’s side wins (priority-fencing-delay); in synchronous mode until the standby is fenced',
    undone: 'the rule is removed; the fenced node’s boot does so too',
    source: 'crmsh crash_test --split-brain-iptables, which does not fail when it times out; faults 25 and 27',
    faults: [25, 27, 34],
    losesNode: true,
    steps: (s) => [
      cut(s, ['in', 'out']), untilRebooted(s.standby), { do: 'healthy' },
      cut(s, ['in']), { do: 'wait', says: `${s.standby} is lost`, seconds: 60, until: ({ nodes }) => nodes[s.standby] === undefined },
      { do: 'wait', says: `${s.standby} is back`, seconds: bootSeconds, until: ({ nodes }) => nodes[s.standby] !== undefined },
      untilWrites(),
    ],
    undo: (s) => [{ on: s.standby, script: passCorosync }],
    holds: { primary: 'stays', rebooted: ({ standby }) => [standby], loss: 'never', gapSeconds: 60 },
  },
  {
    name: 'fence-unreachable',
    says: 'the nodes lose each other, and nobody can be fenced: then nobody is promoted, until the device answers again',
    breaks: 'the way to the fence device on all nodes, and the standby’s cluster traffic',
    clients: 'in synchronous mode until the device is back; in asynchronous mode not at all, or as for a failover if the standby’s turn to fence comes first',
    undone: 'the routes and the rule are removed',
    source: 'faults 31 and 32',
    faults: [31, 32],
    losesNode: true,
    refuse: (s) => (deviceAddresses(s).length === 0 ? 'no fence device has an IPv4 address that could be cut off' : undefined),
    steps: (s) => [
      ...s.nodes.map((on): Step => ({ do: 'run', on, says: `${on} cannot reach the fence device`, script: deviceAddresses(s).map(unreachable).join('; ') })),
      cut(s, ['in', 'out']),
      { do: 'stays', says: 'nobody is promoted, nobody is fenced', seconds: 30, while: nothingMoves(s) },
      ...s.nodes.map((on): Step => ({ do: 'run', on, says: `${on} reaches it again`, script: deviceAddresses(s).map(reachable).join('; ') })),
      untilOneRebooted(s),
      untilWrites(),
    ],
    undo: (s) => s.nodes.map((on) => ({ on, script: [...deviceAddresses(s).map(reachable), ...(on === s.standby ? [passCorosync] : [])].join('; ') })),
    // Each has tried again and again: whose turn comes first when the device answers is not decided by priority-fencing-delay.
    holds: { primary: 'either', rebooted: () => 'any', loss: 'async', gapSeconds: 240 },
    seconds: 240,
  },
  {
    name: 'disk',
    says: 'the primary’s WAL disk is full, and the standby takes over',
    breaks: 'a file fills the file system of pg_wal',
    clients: 'ten to sixty seconds',
    undone: 'the file is removed, and the failure forgotten (cleanup)',
    source: 'PAF#205; patroni#2997; fault 38',
    faults: [38],
    refuse: ({ walOnRoot, primary }) => (walOnRoot[primary] === false ? undefined : `the WAL of ${primary} is on the root file system, and to fill that would break more than PostgreSQL`),
    steps: (s) => [
      { do: 'run', on: s.primary, says: 'a file fills the WAL disk', breaks: true, seconds: 120, script: `cat /dev/zero >${filler(s)} 2>/dev/null; df ${filler(s)}` },
      { do: 'run', on: s.primary, says: 'WAL is written until there is no room', seconds: 120, mayFail: true, script: `for n in $(seq 60); do ${sql(s, 'select pg_switch_wal()')} >/dev/null || break; ${sql(s, 'checkpoint')} >/dev/null || break; done` },
      untilMoved(s, 180),
      untilWrites(),
    ],
    undo: (s) => [{ on: s.primary, script: `rm -f ${filler(s)}; sleep 1; crm_resource --cleanup --resource=${s.cib.view.clone} >/dev/null 2>&1 || true` }],
    holds: { primary: 'moves', rebooted: () => 'any', loss: 'async', gapSeconds: 120 },
    seconds: 240,
  },
  {
    name: 'load',
    says: 'a switchover and a crash, while eight more clients write as fast as they can',
    breaks: 'as switchover and crash',
    clients: 'as in those',
    undone: 'the load ends, its rows go with the schema',
    source: 'GitLab infrastructure#7790; PAF#107; fault 47',
    faults: [47],
    steps: (s) => [
      { do: 'load', turn: 'on' },
      switchoverTo(s.standby), untilMoved(s), untilWrites(), { do: 'healthy' },
      { ...crash({ ...s, primary: s.standby }), says: `the postmaster of ${s.standby} is killed (SIGKILL)` },
      { do: 'wait', says: `${s.primary} is the primary again`, seconds: 120, until: (seen) => someSayPrimary(seen, s.primary) && !someSayPrimary(seen, s.standby) },
      untilWrites(),
      { do: 'load', turn: 'off' },
    ],
    undo: endOfSwitchover,
    holds: { primary: 'either', rebooted: () => [], loss: 'async', gapSeconds: 90 },
    seconds: 240,
  },
]; // prettier-ignore
