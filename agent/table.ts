// The behaviour of the agent on one screen: what it found x what Pacemaker asked. docs/behaviour.md prints it.
// The table has no memory: an action passes through rows (demote: primary, then stopped), so each cell is right
// wherever it is reached from. What must outlive a call is in Pacemaker's node attributes.
import { exit, waitElse, type Decision, type Rule } from './decision.ts';
import { failureOf, type State } from './snapshot.ts';
import { awaitStart } from './rules/archive.ts';
import { monitorOr, startOr, stopOr } from './rules/background.ts';
import { watchFull, watchPrimary, watchSingle, watchStandby, watchStopped } from './rules/monitor.ts';
import { promoted, promoteStandby, promoteStopped } from './rules/promote.ts';
import { startedSingle, startedStandby, startSingle, startStandby } from './rules/start.ts';
import { demoted, demoteServer, demoteStandby, stopped, stoppedSingle, stopServer } from './rules/stop.ts';

/** The actions that depend on the state of the server. */
export type TableAction = 'monitor' | 'start' | 'stop' | 'promote' | 'demote';
type Table = Record<State, Record<TableAction, Decision | Rule>>;

const awaitServer = waitElse((s) => ({
  code: 'UNANSWERED',
  state: s.postmaster?.status ?? 'not ready',
  message: failureOf(s),
}));
const hung: Rule = waitElse((s) => ({ code: 'UNANSWERED', state: 'hung', message: failureOf(s) }));
const unreadable: Rule = (s) => exit('generic', { code: 'UNANSWERED', state: 'refuses', message: failureOf(s) });
const runsAsPrimary = exit('generic', { code: 'RUNS_AS_PRIMARY' });
const success = exit('success');
const none = exit('unimplemented');

/** rep_mode async and sync. */
// prettier-ignore
export const replicated = {
  //            monitor                             start                          stop                      promote                  demote
  stopped:    { monitor: monitorOr(watchStopped),   start: startOr(startStandby),   stop: stopOr(stopped),    promote: promoteStopped, demote: demoted },
  starting:   { monitor: monitorOr(awaitServer),   start: startOr(awaitStart),    stop: stopOr(stopServer), promote: awaitServer,    demote: demoteServer },
  stopping:   { monitor: monitorOr(awaitServer),   start: startOr(awaitServer),   stop: stopOr(stopServer), promote: awaitServer,    demote: demoteServer },
  standby:    { monitor: watchStandby,             start: startedStandby,         stop: stopOr(stopServer), promote: promoteStandby, demote: demoteStandby },
  primary:    { monitor: watchPrimary,             start: runsAsPrimary,          stop: stopOr(stopServer), promote: promoted,       demote: demoteServer },
  full:       { monitor: watchFull,                start: awaitServer,            stop: stopOr(stopServer), promote: awaitServer,    demote: demoteServer },
  hung:       { monitor: monitorOr(hung),          start: startOr(hung),          stop: stopOr(stopServer), promote: hung,           demote: demoteServer },
  unreadable: { monitor: monitorOr(unreadable),    start: startOr(unreadable),    stop: stopOr(stopServer), promote: unreadable,     demote: demoteServer },
} satisfies Table;

/** rep_mode none and slave. */
// prettier-ignore
export const single = {
  //            monitor                             start                   stop               promote        demote
  stopped:    { monitor: watchStopped,              start: startSingle,     stop: stoppedSingle, promote: none, demote: none },
  starting:   { monitor: awaitServer,               start: awaitStart,      stop: stopServer,  promote: none, demote: none },
  stopping:   { monitor: awaitServer,               start: awaitServer,     stop: stopServer,  promote: none, demote: none },
  standby:    { monitor: watchSingle,               start: startedSingle,   stop: stopServer,  promote: none, demote: none },
  primary:    { monitor: watchSingle,               start: startedSingle,   stop: stopServer,  promote: none, demote: none },
  full:       { monitor: watchFull,                 start: success,         stop: stopServer,  promote: none, demote: none },
  hung:       { monitor: hung,                      start: hung,            stop: stopServer,  promote: none, demote: none },
  unreadable: { monitor: unreadable,                start: unreadable,      stop: stopServer,  promote: none, demote: none },
} satisfies Table;
