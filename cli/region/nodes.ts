// cfha standby, unstandby, cleanup: what is asked of Pacemaker, and how the result is known. Pure.
import { end, refuse, type Move, type Plan, type Progress, type Verb } from './verb.ts';
import { readExitReason } from './exit-reason.ts';
import { isPrimary, nameOf, nodeNamed, primaryOf, streams, valueOf, type NodeView, type View } from './view.ts';

const limitSeconds = 120;

const unknown = (view: View, name: string): Plan =>
  refuse(`"${name}" is no node of the cluster`, `the nodes are ${view.nodes.map((node) => node.name).join(', ')}`);

function successor(view: View, without: string): NodeView | undefined {
  return view.nodes.find((node) => node.name !== without && streams(view, node));
}

function runsThere(node: NodeView | undefined): boolean {
  return node?.role !== undefined;
}

/** A node gives its resources away: if it has the primary, the standby takes over. */
export function standby(name: string): Verb {
  return {
    plan: (view) => standbyPlan(view, nodeNamed(view, name), name),
    next: (view, progress) => standbyNext(view, progress, name),
  };
}

function standbyPlan(view: View, node: NodeView | undefined, name: string): Plan {
  if (node === undefined) return unknown(view, name);
  if (node.standby && !runsThere(node)) return { nothing: `${node.name} is in standby already` };
  const stops = `PostgreSQL stops on ${node.name}, and there is no standby until cfha unstandby ${node.name}`;
  if (primaryOf(view) !== node) return { plan: [stops], wait: 'not at all' };
  const next = successor(view, node.name);
  if (next === undefined)
    return refuse(`${node.name} has the primary, and no other node streams from it`, 'cfha status');
  return {
    plan: [`${next.name} becomes the primary, with all that ${node.name} wrote`, stops],
    wait: 'about two seconds, then they must connect again',
  };
}

function standbyNext(view: View, progress: Progress, name: string): Move {
  if (!progress.done.includes('standby')) return command('standby', nameOf(nodeNamed(view, name)), 'on');
  const primary = primaryOf(view);
  const node = nodeNamed(view, name);
  if (node?.standby === true && !runsThere(node) && isPrimary(view, primary))
    return end(0, `${name} is in standby; the primary is ${nameOf(primary)}`);
  return waitOr(progress, `PostgreSQL has left ${name}, and a primary is there`, `cfha status says what is missing`);
}

/** A node takes part again: its PostgreSQL starts as a standby. */
export function unstandby(name: string): Verb {
  return {
    plan: (view) => unstandbyPlan(view, nodeNamed(view, name), name),
    next: (view, progress) => unstandbyNext(view, progress, name),
  };
}

function unstandbyPlan(view: View, node: NodeView | undefined, name: string): Plan {
  if (node === undefined) return unknown(view, name);
  if (!node.standby && runsThere(node)) return { nothing: `${node.name} is not in standby` };
  return { plan: [`PostgreSQL starts on ${node.name}, as a standby if there is a primary`], wait: 'not at all' };
}

function unstandbyNext(view: View, progress: Progress, name: string): Move {
  const node = nodeNamed(view, name);
  if (!progress.done.includes('unstandby')) return command('unstandby', nameOf(node), 'off');
  if (streams(view, node)) return end(0, `${name} streams from ${nameOf(primaryOf(view))}`);
  if (isPrimary(view, node)) return end(0, `${name} is the primary`);
  const now = valueOf(view, node, 'status') === 'STOP' ? 'it is stopped' : 'it does not stream';
  return waitOr(progress, `${name} streams`, `${now}: cfha status says what it needs`);
}

function failedOn(view: View, only: string | undefined): readonly string[] {
  const chosen = view.nodes.filter(({ name }) => only === undefined || name.toLowerCase() === only.toLowerCase());
  return chosen.filter((node) => node.failures > 0).map(({ name }) => name);
}

/** Failures are forgotten, of one node or of all: Pacemaker tries again where it had given up. */
export function cleanup(name?: string): Verb {
  return {
    plan: (view) => cleanupPlan(view, name),
    next: (view, progress) => cleanupNext(view, progress, name),
  };
}

function cleanupPlan(view: View, name: string | undefined): Plan {
  if (name !== undefined && nodeNamed(view, name) === undefined) return unknown(view, name);
  const failed = failedOn(view, name).join(', ');
  return failed === ''
    ? { nothing: 'no failure is recorded' }
    : { plan: [`the failures on ${failed} are forgotten, and PostgreSQL is started there again`], wait: 'not at all' };
}

/** A start that fails again does so within seconds. */
const againMs = 5000;

function cleanupNext(view: View, progress: Progress, name: string | undefined): Move {
  const node = name === undefined ? [] : [`--node=${nameOf(nodeNamed(view, name))}`];
  const argv = ['crm_resource', '--cleanup', `--resource=${view.clone}`, ...node] as const;
  if (!progress.done.includes('cleanup')) return { move: 'run', mark: 'cleanup', says: 'forget failures', argv };
  const wanted = failedOn(progress.before, name);
  const failed = failedOn(view, name);
  if (failed.length > 0 && progress.sinceMs > againMs) return end(1, ...failed.map((one) => failedAgain(view, one)));
  if (failed.length === 0 && wanted.every((name) => runsThere(nodeNamed(view, name))))
    return end(0, `PostgreSQL runs on ${wanted.join(', ')} again`);
  return waitOr(progress, `PostgreSQL runs on ${wanted.join(', ')}`, 'cfha status says what is missing');
}

function failedAgain(view: View, name: string): string {
  const { reason } = nodeNamed(view, name) ?? {};
  if (reason === undefined) return `it failed again on ${name}; why: cfha explain, and pacemaker.log there`;
  const { code, words } = readExitReason(reason);
  return `it failed again on ${name}: ${words}${code === undefined ? '' : ` (what to do: ${code} in docs/operations.md)`}`;
}

function command(mark: 'standby' | 'unstandby', node: string, value: 'on' | 'off'): Move {
  const what = value === 'on' ? '--update=on' : '--delete';
  return {
    move: 'run',
    mark,
    says: `${mark} ${node}`,
    argv: ['crm_attribute', `--node=${node}`, '--name=standby', '--lifetime=forever', what],
  };
}

function waitOr({ sinceMs, stopping }: Progress, what: string, late: string): Move {
  if (stopping) return end(1, `not waited for: ${what}`);
  return sinceMs < limitSeconds * 1000
    ? { move: 'wait', for: what, seconds: limitSeconds }
    : end(1, `not within ${limitSeconds} s: ${what}`, late);
}
