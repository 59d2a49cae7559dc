// Drills in which PostgreSQL, or its agent, fails on a machine that lives.
import { quoted } from '../../lib/host/shell.ts';
import type { Drill, Situation, Step } from './drill.ts';
import { asPostgres, processes, someSayPrimary, untilMoved, untilWrites } from './words.ts';

/** The postmaster dies at once, with no farewell. */
export function crash(s: Situation): Step {
  return { do: 'run', on: s.primary, says: `the postmaster of ${s.primary} is killed (SIGKILL)`, breaks: true, script: `${processes(s)}; kill -KILL "$postmaster"` }; // prettier-ignore
}

const killAgent = `end=$(($(date +%s) + 20))
while [ "$(date +%s)" -lt $end ]; do pkill -KILL -f '^/usr/lib/ocf/resource.d/[a-z]*/(cf)?pgsql ' && echo killed && exit 0; done
echo 'no agent ran within 20 s'`;

export const failures: readonly Drill[] = [
  {
    name: 'stop',
    says: 'PostgreSQL is stopped behind the cluster’s back, and the cluster repairs that',
    breaks: 'pg_ctl stop on the primary',
    clients: 'ten to twenty seconds',
    undone: 'the cluster does',
    source: 'SAPHanaSR-tester (kill instance); fault 6',
    faults: [6],
    steps: (s) => [
      { do: 'run', on: s.primary, says: `pg_ctl stop on ${s.primary}`, breaks: true, seconds: 90, script: asPostgres(s, `${s.place.bindir}/pg_ctl -D ${quoted(s.place.pgdata)} -w -t 60 -m fast stop`) },
      { do: 'wait', says: 'clients notice', seconds: 30, until: ({ sinceAcknowledgedMs }) => sinceAcknowledgedMs > 1000 },
      untilWrites(),
    ],
    undo: () => [],
    holds: { primary: 'either', rebooted: () => [], loss: 'never', gapSeconds: 60 },
  },
  {
    name: 'crash',
    says: 'the primary’s server dies, and the standby takes over',
    breaks: 'kill -9 of the primary’s postmaster',
    clients: 'five to fifteen seconds',
    undone: 'the cluster starts it again as a standby, after failure-timeout (60 s)',
    source: 'SAPHanaSR-tester; fault 1; measured upstream: 16.1 s',
    faults: [1],
    steps: (s) => [crash(s), untilMoved(s), untilWrites()],
    undo: () => [],
    holds: { primary: 'moves', rebooted: () => [], loss: 'async', gapSeconds: 60 },
  },
  {
    name: 'freeze',
    says: 'the primary’s server hangs, neither dead nor alive, and the standby takes over',
    breaks: 'SIGSTOP to all processes of the primary’s server',
    clients: 'up to three minutes: a server that is only slow must not be taken for dead',
    undone: 'SIGCONT; what the cluster has killed meanwhile is not there any more',
    source: 'fault 3; Jepsen’s nemesis that pauses',
    faults: [3, 14],
    losesNode: true,
    steps: (s) => [
      { do: 'run', on: s.primary, says: `the server of ${s.primary} is frozen (SIGSTOP)`, breaks: true, script: `${processes(s)}; kill -STOP $all` },
      { do: 'wait', says: `another node than ${s.primary} is the primary`, seconds: 300, until: (seen) => s.standbys.some((name) => someSayPrimary(seen, name)) },
      untilWrites(),
    ],
    undo: (s) => [{ on: s.primary, script: `pkill -CONT -u ${quoted(s.place.pgdba)} postgres || true` }],
    holds: { primary: 'moves', rebooted: () => 'any', loss: 'async', gapSeconds: 300 },
    seconds: 300,
  },
  {
    name: 'agent',
    says: 'the resource agent is killed in the middle of its work, and clients lose nothing',
    breaks: 'SIGKILL to the agent on the primary’s node while it monitors',
    clients: 'not at all, or as in a failover',
    undone: 'nothing is to be undone',
    source: 'fault 13; pcmk cts ComponentFail',
    faults: [13],
    steps: (s) => [
      { do: 'run', on: s.primary, says: `the agent on ${s.primary} is killed`, breaks: true, seconds: 30, script: killAgent, expects: /^killed$/m },
      { do: 'stays', says: 'nobody is fenced for that', seconds: 8, while: (seen) => s.nodes.every((name) => seen.nodes[name] === undefined || seen.nodes[name].boot === seen.boots[name]) },
      untilWrites(),
    ],
    undo: () => [],
    holds: { primary: 'either', rebooted: () => [], loss: 'never', gapSeconds: 60 },
  },
]; // prettier-ignore
