// Why this node is what it is, and what the agent would do next: the table, read for one snapshot. Pure.
import { replicates, type Call } from './call.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { tell } from './reasons.ts';
import { otherMembers } from './rules/alone.ts';
import { assuming, valueOf } from './rules/attributes.ts';
import { answerOf, classify, failureOf, type Snapshot, type State } from './snapshot.ts';
import { describe, type Step } from './steps.ts';
import type { TableAction } from './table.ts';

export type Explanation = {
  readonly resource: string;
  readonly node: string;
  readonly state: State;
  /** Sentences about what was found. */
  readonly found: readonly string[];
  /** For each action: what its cell of the table says now. */
  readonly cells: Readonly<Record<TableAction, string>>;
  readonly promotable: { readonly yes: boolean; readonly because: readonly string[] };
};

const actions: readonly TableAction[] = ['monitor', 'start', 'stop', 'promote', 'demote'];

export function explain(snapshot: Snapshot, call: Call): Explanation {
  const cells = Object.fromEntries(actions.map((action) => [action, cell(action, snapshot, call)])) as Record<
    TableAction,
    string
  >;
  const against = objections(snapshot, call);
  return {
    resource: call.resource,
    node: call.node,
    state: classify(snapshot),
    found: findings(snapshot, call),
    cells,
    promotable: { yes: against.length === 0, because: against.length === 0 ? ['nothing speaks against it'] : against },
  };
}

/** What comes of it if nothing changes while it waits. */
function atTheEnd(action: TableAction, snapshot: Snapshot, call: Call): Decision {
  return decide(action, { ...snapshot, remainingMs: 0 }, call);
}

function cell(action: TableAction, snapshot: Snapshot, call: Call): string {
  const now = decide(action, snapshot, call);
  const waits = now.then === 'look again' && now.steps.every((step) => step.do === 'wait');
  return waits ? `wait, and if nothing changes: ${inText(atTheEnd(action, snapshot, call))}` : inText(now);
}

function inText({ steps, then, because }: Decision): string {
  const end = then === 'look again' ? then : `exit ${then}`;
  const why = because === undefined ? '' : `: ${tell(because)}`;
  return [...steps.map(describe), end].join(', ') + why;
}

/** A sentence, and whether it is true. */
type Sentence = readonly [boolean, string];

function trueOnes(sentences: readonly Sentence[]): readonly string[] {
  return sentences.filter(([is]) => is).map(([, sentence]) => sentence);
}

function sendersOf(snapshot: Snapshot) {
  return answerOf(snapshot)?.senders ?? [];
}

function findings(snapshot: Snapshot, call: Call): readonly string[] {
  const { postmaster, cluster } = snapshot;
  const silent = postmaster !== undefined && answerOf(snapshot) === undefined;
  return trueOnes([
    [postmaster === undefined, 'no postmaster works in the data directory'],
    [postmaster !== undefined, `postmaster ${String(postmaster?.pid)} (${postmaster?.status ?? 'no status yet'})`],
    [silent, `it does not answer: ${failureOf(snapshot)}`],
    ...sendersOf(snapshot).map((row): Sentence => [
      true,
      `${row.applicationName} streams from here: ${row.state ?? '?'}, ${row.syncState ?? '?'}`,
    ]),
    [snapshot.lock, `${call.parameters.tmpdir}/PGSQL.lock exists`],
    [cluster === undefined, `the cluster cannot be read: ${snapshot.clusterFailure ?? 'not asked'}`],
    [cluster !== undefined, `Pacemaker's promoted instance: ${primaryOf(snapshot) ?? 'none'}`],
  ]);
}

function primaryOf(snapshot: Snapshot): string | undefined {
  return Object.entries(snapshot.cluster?.nodes ?? {}).find(([, node]) => node.role === 'Promoted')?.[0];
}

/** Everything that speaks against a promotion of this node, the first being enough. */
function objections(snapshot: Snapshot, call: Call): readonly string[] {
  if (!replicates(call)) return [`rep_mode=${call.parameters.rep_mode} has no promoted role`];
  const score = valueOf(snapshot, call, { node: call.node, key: 'score' });
  const primary = primaryOf(snapshot);
  const state = classify(snapshot);
  const against = state === 'primary' ? undefined : refusal(snapshot, call);
  return trueOnes([
    [state !== 'standby' && state !== 'primary', `the server is ${state}`],
    [against !== undefined, `the agent would refuse: ${against ?? ''}`],
    [score === '-INFINITY', 'its promotion score is -INFINITY'],
    [score === undefined, 'it has no promotion score: no primary has seen it, and no election was held'],
    [primary !== undefined && primary !== call.node, `${primary ?? ''} is promoted; only one can be`],
    [snapshot.lock && state === 'stopped', 'its lock file keeps it from starting'],
  ]);
}

/** More looks than a promotion takes until it begins. */
const mostLooks = 5;

/** Why the promote cell would refuse, if Pacemaker asked now and what it records were written; undefined: it would promote. */
function refusal(before: Snapshot, call: Call): string | undefined {
  let snapshot = before;
  for (let look = 0; look < mostLooks; look++) {
    const decision = atTheEnd('promote', { ...snapshot, peerRecords: likeOurs(snapshot, before, call) }, call);
    if (decision.then !== 'look again') return endText(decision);
    if (decision.steps.some(({ do: what }) => what === 'promote server' || what === 'start server')) return undefined;
    const next = decision.steps.reduce((seen, step) => afterStep(seen, step, call), snapshot);
    if (next === snapshot) return decision.otherwise && tell(decision.otherwise.because);
    snapshot = next;
  }
  return undefined;
}

function endText({ then, because }: Decision): string | undefined {
  return then === 'success' ? undefined : because === undefined ? `exit ${then}` : tell(because);
}

/** What will be found. */
function afterStep(snapshot: Snapshot, step: Step, call: Call): Snapshot {
  if (step.do === 'set attribute') return assuming(snapshot, call, step);
  return step.do === 'remove file' && step.file.startsWith('xlog_note') ? { ...snapshot, notes: [] } : snapshot;
}

/** The other members' copies, where they were not asked for: as this one is, with what has been written since. */
function likeOurs(now: Snapshot, before: Snapshot, call: Call): NonNullable<Snapshot['peerRecords']> {
  const recorded = (snapshot: Snapshot, node: string) => valueOf(snapshot, call, { node, key: 'dataStatus' });
  const nodes = Object.keys(now.cluster?.nodes ?? {});
  const of = (member: string) =>
    nodes.map((node) => {
      const known = recorded(now, node) === recorded(before, node) ? before.peerRecords?.[member]?.[node] : undefined;
      return [node, known ?? recorded(now, node) ?? ''] as const;
    });
  return Object.fromEntries(otherMembers(now, call).map((member) => [member, Object.fromEntries(of(member))]));
}
