// cfha switchover: the standby becomes the primary, the primary its standby, and nothing is lost. Pacemaker does it: for a
// while a constraint says that the old primary may not be promoted. It ends by itself, should nobody remove it.
import type { Argv } from '../../lib/host/exec.ts';
import { obstacleOn } from './obstacle.ts';
import { end, first, refuse, type Move, type Plan, type Progress, type Verb } from './verb.ts';
import { isPrimary, nameOf, nodeNamed, primaryOf, streams, valueOf, type NodeView, type View } from './view.ts';

const constraint = 'cfha-switchover';
const limits = { promotion: 120, cancelled: 90, standby: 60 } as const;

/** `until`: when the constraint ends by itself. `holdups`: what the shutdown of the primary would wait for; empty with --force. */
export function switchover(to: string | undefined, until: Date, holdups: readonly string[] = []): Verb {
  return {
    plan: (view) => heldUp(planned(view, to), holdups),
    next: (view, progress) => next(view, progress, { to, until }),
  };
}

function heldUp(plan: Plan, holdups: readonly string[]): Plan {
  return 'plan' in plan && holdups.length > 0
    ? refuse(
        `the shutdown of the primary would be held up: ${holdups.join('; ')}`,
        'end or repair what it waits for, or cfha switchover --force',
      )
    : plan;
}

function targetOf(view: View, to: string | undefined): NodeView | undefined {
  const others = view.nodes.filter((node) => node !== primaryOf(view));
  return to === undefined ? (others.length === 1 ? others[0] : undefined) : nodeNamed(view, to);
}

function planned(view: View, to: string | undefined): Plan {
  const primary = primaryOf(view);
  const target = targetOf(view, to);
  if (primary !== undefined && primary === target) return { nothing: `${primary.name} is the primary already` };
  return first(...objections(view, primary, target)) ?? stated(view, nameOf(primary), nameOf(target));
}

function stated(view: View, old: string, target: string): Plan {
  const stays = staysStandby(view);
  return {
    plan: [
      `${old} writes a checkpoint, while clients go on`,
      `${old} ends: its clients are disconnected; its last WAL goes to ${target}`,
      stays ? `${old} starts as a standby` : `${old} stays stopped: demote_to is not standby`,
      `${target} is promoted once it has all that ${old} wrote; otherwise ${old} goes on as the primary`,
      `${view.vip?.address ?? 'the virtual IP'} moves to ${target}`,
    ],
    wait: 'about two seconds, then they must connect again',
  };
}

function objections(view: View, primary: NodeView | undefined, target: NodeView | undefined): (Plan | undefined)[] {
  const when = (holds: boolean, because: string, todo: string) => (holds ? refuse(because, todo) : undefined);
  const name = nameOf(target);
  const others = view.bans.filter(({ id }) => id !== constraint);
  const obstacle = target && obstacleOn(view, target);
  return [
    when(primary === undefined, 'there is no primary', 'cfha status; without one, cfha failover --to NODE'),
    when(target === undefined, 'which node shall be the primary?', `--to one of ${namesOf(view).join(', ')}`),
    when(view.maintenance, 'the cluster is in maintenance mode', 'pcs property set maintenance-mode=false'),
    when(!view.quorate, 'this partition of the cluster has no quorum', 'bring the other node back'),
    when(target?.online === false, `${name} is not online`, `start it: pcs cluster start ${name}`),
    when(target?.standby === true, `${name} is in standby`, `cfha unstandby ${name}`),
    when(failuresOf(target) > 0, `PostgreSQL failed on ${name} before`, `look at its log, then cfha cleanup`),
    obstacle && refuse(obstacle.says.replace(/^no: /, ''), obstacle.todo),
    when(!streams(view, target), `${name} does not stream from the primary`, 'cfha status says what it needs'),
    when(others.length > 0, `constraints of others: ${others.map(({ id }) => id).join(', ')}`, `pcs resource clear ${view.clone}, or remove them`),
  ]; // prettier-ignore
}

function namesOf(view: View): readonly string[] {
  return view.nodes.filter((node) => node !== primaryOf(view)).map(({ name }) => name);
}

type Wanted = { readonly to: string | undefined; readonly until: Date };

function next(view: View, progress: Progress, { to, until }: Wanted): Move {
  const { before, done, stopping } = progress;
  const pair = { old: nameOf(primaryOf(before)), target: nameOf(targetOf(before, to)) };
  if (done.includes('end')) return removed(view, progress, pair);
  if (done.includes('begin')) return promoting(view, progress, pair.target);
  return stopping
    ? end(1, 'interrupted before anything was done')
    : run('begin', `${pair.old} shall not be the primary for now`, createArgv(before.clone, pair.old, until));
}

type Pair = { readonly old: string; readonly target: string };

function promoting(view: View, progress: Progress, target: string): Move {
  return primaryOf(view)?.name === target || isCancelled(view, progress, target)
    ? run('end', 'the constraint is removed', deleteArgv)
    : { move: 'wait', for: `${target} is promoted`, seconds: limits.promotion };
}

function removed(view: View, progress: Progress, pair: Pair): Move {
  const { old, target } = pair;
  if (primaryOf(view)?.name !== target) return afterCancel(view, progress, pair);
  const isDone = streams(view, nodeNamed(view, old)) || !staysStandby(view);
  if (isDone && isPrimary(view, nodeNamed(view, target))) return finished(view, pair);
  return progress.sinceMs < limits.standby * 1000
    ? { move: 'wait', for: `${old} streams as a standby`, seconds: limits.standby }
    : end(1, `${target} is the primary, but ${old} does not stream`, 'cfha status says what it needs');
}

function staysStandby(view: View): boolean {
  return view.parameters['demote_to'] === 'standby';
}

function failuresOf(node: NodeView | undefined): number {
  return node?.failures ?? 0;
}

/** The promotion failed, or does not come, or somebody pressed Ctrl-C. */
function isCancelled(view: View, { before, stopping, sinceMs }: Progress, target: string): boolean {
  const node = nodeNamed(view, target);
  const failed = failuresOf(node) > failuresOf(nodeNamed(before, target));
  return failed || node?.online !== true || stopping || sinceMs >= limits.promotion * 1000;
}

function afterCancel(view: View, { sinceMs }: Progress, { old, target }: Pair): Move {
  const primary = primaryOf(view)?.name;
  if (primary === old)
    return end(1, `cancelled: ${old} is the primary as before`, `why: the log of the agent on ${target}`);
  if (sinceMs < limits.cancelled * 1000)
    return { move: 'wait', for: `${old} or ${target} is promoted`, seconds: limits.cancelled };
  return end(1, 'there is no primary', 'cfha status says what to do');
}

function finished(view: View, { old, target }: Pair): Move {
  const ended = valueOf(view, nodeNamed(view, old), 'handover');
  const position = valueOf(view, nodeNamed(view, target), 'baseline');
  const proven = ended !== undefined && position !== undefined && position > ended;
  const proof = proven
    ? `nothing is lost: the WAL of ${old} ended with the record at ${ended}, ${target} had ${position} when it was promoted`
    : `no proof that nothing is lost: ${old} recorded no end of its WAL`;
  const record = { from: old, to: target, ended, position, proven };
  return { move: 'end', code: 0, says: [`${target} is the primary`, proof], record };
}

function run(mark: string, says: string, argv: Argv): Move {
  return { move: 'run', mark, says, argv };
}

/** `crm_resource --ban --lifetime` of Pacemaker 2.1.5 loses the role: it stops the instance. */
function createArgv(clone: string, node: string, until: Date): Argv {
  const last = `${until.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const rule = `<rule id="${constraint}-rule" role="Promoted" score="-INFINITY" boolean-op="and"><expression id="${constraint}-node" attribute="#uname" operation="eq" value="${node}"/><date_expression id="${constraint}-until" operation="lt" end="${last}"/></rule>`;
  const xml = `<rsc_location id="${constraint}" rsc="${clone}">${rule}</rsc_location>`;
  return ['cibadmin', '--modify', '--allow-create', '--scope=constraints', `--xml-text=${xml}`];
}

const deleteArgv: Argv = ['cibadmin', '--delete', `--xml-text=<rsc_location id="${constraint}"/>`];
