// cfha rejoin and unlock: a node becomes a standby again, by a person's word. The word is a node attribute, which the agent
// reads at its start; the agent does the work, and how far it is stands in another one. Pure.
import type { Argv } from '../../lib/host/exec.ts';
import type { Way } from '../../meta/types.ts';
import { lossText } from './evidence.ts';
import { rejoinsOf, rejoinText } from './rejoins.ts';
import { end, first, refuse, type Move, type Plan, type Progress, type Verb } from './verb.ts';
import { nameOf, nodeNamed, primaryOf, streams, valueOf, type NodeView, type View } from './view.ts';

const constraint = 'cfha-rejoin';
/** Without any news. A node that is being copied has news all the time. */
const limitSeconds = 180;
/** A start that fails again does so within seconds. */
const againMs = 5000;

export type Wanted = {
  readonly name: string;
  /** Undefined: rewind if that is possible, otherwise clone. */
  readonly way: Way | undefined;
  /** When the constraint ends by itself. */
  readonly until: Date;
};

export function rejoin(wanted: Wanted): Verb {
  const word = wanted.way ?? 'rewind,clone';
  return {
    plan: (view) => planned(view, wanted),
    next: (view, progress) => next(view, progress, { ...wanted, word }),
  };
}

function planned(view: View, { name, way }: Wanted): Plan {
  const node = nodeNamed(view, name);
  if (way === undefined && streams(view, node) && !isUnderWay(view, node))
    return { nothing: `${name} streams from ${nameOf(primaryOf(view))}` };
  return first(...objections(view, node, name)) ?? stated(view, node, way);
}

/** Of rejoin and unlock alike. */
export function objections(view: View, node: NodeView | undefined, name: string): (Plan | undefined)[] {
  const when = (holds: boolean, because: string, todo: string) => (holds ? refuse(because, todo) : undefined);
  const primary = primaryOf(view);
  const [what, ours, theirs] = valueOf(view, node, 'evidence')?.split(' ') ?? [];
  return [
    when(node === undefined, `"${name}" is no node of the cluster`, `the nodes are ${view.nodes.map((one) => one.name).join(', ')}`),
    when(primary === undefined, 'there is no primary', 'cfha status; without one, cfha failover --to NODE'),
    when(node === primary, `${name} is the primary`, `to make it a standby: cfha switchover`),
    when(view.maintenance, 'the cluster is in maintenance mode', 'pcs property set maintenance-mode=false'),
    when(!view.quorate, 'this partition of the cluster has no quorum', 'bring the other node back'),
    when(node?.online !== true, `${name} is not online`, `pcs cluster start ${name}`),
    when(node?.standby === true, `${name} is in standby`, `cfha unstandby ${name}`),
    when(
      what === 'foreign',
      `the data on ${name} are of another system (${ours ?? '?'}; the primary is of ${theirs ?? '?'}), and are never replaced`,
      `find out whose they are, move them away (the directory stays, empty), and run it again`,
    ),
  ]; // prettier-ignore
}

function stated(view: View, node: NodeView | undefined, way: Way | undefined): Plan {
  const [name, primary] = [nameOf(node), nameOf(primaryOf(view))];
  const ways: Record<Way | 'either', string> = {
    rewind: `${name} is rewound to ${primary}: what has changed since they parted is copied`,
    clone: `a base backup of ${primary} is made beside the data of ${name}, and takes their place when it is whole`,
    either: `${name} is rewound to ${primary} if that is possible, otherwise copied from it`,
  };
  const runs = node?.role !== undefined && !isUnderWay(view, node);
  return {
    plan: [
      ...(runs ? [`PostgreSQL stops on ${name}`] : []),
      ...lossText(view, node),
      ways[way ?? 'either'],
      `${name} streams from ${primary}`,
    ],
    wait: 'not at all',
  };
}

function isUnderWay(view: View, node: NodeView | undefined): boolean {
  return valueOf(view, node, 'rejoin') !== undefined;
}

type Work = { readonly name: string; readonly word: string; readonly until: Date };

function next(view: View, progress: Progress, work: Work): Move {
  const before = nodeNamed(progress.before, work.name);
  // Somebody else's word, or the configuration, has begun it: it is watched.
  if (isUnderWay(progress.before, before)) return joined(view, progress, work.name);
  if (!progress.done.includes('word')) return giveWord(view, work);
  const runs = before?.role !== undefined;
  return (runs ? restarting : retrying)(view, progress, work) ?? joined(view, progress, work.name);
}

export function giveWord(view: View, { name, word }: Pick<Work, 'name' | 'word'>): Move {
  const says = `the word to ${nameOf(nodeNamed(view, name))}: ${word}`;
  return { move: 'run', mark: 'word', says, argv: wordArgv(view, name, word) };
}

function wordArgv(view: View, name: string, value: string | undefined): Argv {
  const what = value === undefined ? '--delete' : `--update=${value}`;
  const attribute = `--name=${view.resource}-rejoin-word`;
  return ['crm_attribute', `--node=${nameOf(nodeNamed(view, name))}`, attribute, '--lifetime=reboot', what];
}

/** A server that runs is stopped and started, on this node alone. */
function restarting(view: View, progress: Progress, { name, until }: Work): Move | undefined {
  const { done } = progress;
  const node = nodeNamed(view, name);
  if (done.includes('return')) return undefined;
  if (done.includes('cancel'))
    return forgetting(view, progress, { name, last: end(1, `cancelled: PostgreSQL did not stop on ${name}`) });
  if (!done.includes('leave')) return leave(view, nameOf(node), until);
  if (node?.role === undefined)
    return { move: 'run', mark: 'return', says: `PostgreSQL may start on ${name}`, argv: returnArgv };
  return progress.stopping || isQuiet(progress)
    ? { move: 'run', mark: 'cancel', says: 'the constraint is removed', argv: returnArgv }
    : { move: 'wait', for: `PostgreSQL has stopped on ${name}`, seconds: limitSeconds };
}

/** One that was given up is tried again. */
export function retrying(view: View, { done }: Progress, { name }: Pick<Work, 'name'>): Move | undefined {
  if (done.includes('cleanup')) return undefined;
  const argv = ['crm_resource', '--cleanup', `--resource=${view.clone}`, `--node=${nameOf(nodeNamed(view, name))}`] as const;
  return { move: 'run', mark: 'cleanup', says: `forget the failures on ${name}, so that it is tried again`, argv };
} // prettier-ignore

/** Waits until it streams; then the word ends, if there was one. */
export function joined(view: View, progress: Progress, name: string): Move {
  const node = nodeNamed(view, name);
  if (streams(view, node) && !isUnderWay(view, node))
    return forgetting(view, progress, { name, last: end(0, `${name} streams from ${nameOf(primaryOf(view))}`) });
  const failed = failure(node, progress);
  if (failed !== undefined) return forgetting(view, progress, { name, last: failed });
  if (progress.stopping) return end(1, `not waited for: ${name} goes on by itself, cfha status shows how far it is`);
  return isQuiet(progress)
    ? forgetting(view, progress, { name, last: end(1, `${name} does not stream`, 'cfha status says what it needs') })
    : { move: 'wait', for: waitText(view, name, progress), seconds: limitSeconds };
}

function failure(node: NodeView | undefined, { done, sinceMs }: Progress): Move | undefined {
  if (node === undefined || node.failures === 0 || done.length === 0 || sinceMs < againMs) return undefined;
  return end(
    1,
    `it failed on ${node.name}: ${node.reason ?? 'crm_mon -1f says why'}`,
    'the messages: docs/operations.md',
  );
}

function isQuiet({ quietMs }: Progress): boolean {
  return quietMs >= limitSeconds * 1000;
}

function waitText(view: View, name: string, { nowMs }: Progress): string {
  // The attribute changes every few seconds; between, nothing is known that is new.
  const now = new Date(nowMs - (nowMs % 5000));
  const found = rejoinsOf(view, now).find(({ node }) => node.toLowerCase() === name.toLowerCase());
  return found === undefined ? `${name} streams` : `${name} streams: ${rejoinText(found)}`;
}

/** What a person said was for this time alone. */
function forgetting(view: View, { done }: Progress, { name, last }: { name: string; last: Move }): Move {
  return done.includes('word') && !done.includes('forget')
    ? { move: 'run', mark: 'forget', says: 'the word ends', argv: wordArgv(view, name, undefined) }
    : last;
}

function leave({ clone }: View, node: string, until: Date): Move {
  const last = `${until.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const rule = `<rule id="${constraint}-rule" score="-INFINITY" boolean-op="and"><expression id="${constraint}-node" attribute="#uname" operation="eq" value="${node}"/><date_expression id="${constraint}-until" operation="lt" end="${last}"/></rule>`;
  const xml = `<rsc_location id="${constraint}" rsc="${clone}">${rule}</rsc_location>`;
  const argv = ['cibadmin', '--modify', '--allow-create', '--scope=constraints', `--xml-text=${xml}`] as const;
  return { move: 'run', mark: 'leave', says: `PostgreSQL shall leave ${node} for a moment`, argv };
}

const returnArgv: Argv = ['cibadmin', '--delete', `--xml-text=<rsc_location id="${constraint}"/>`];
