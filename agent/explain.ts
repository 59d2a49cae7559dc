// Why this node is what it is, and what the agent would do next: the table, read for one snapshot. Pure.
import { replicates, type Call } from './call.ts';
import { decide } from './decide.ts';
import { tell } from './reasons.ts';
import { valueOf } from './rules/attributes.ts';
import { isEligible } from './rules/records.ts';
import { answerOf, classify, failureOf, type Snapshot, type State } from './snapshot.ts';
import { describe } from './steps.ts';
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

function cell(action: TableAction, snapshot: Snapshot, call: Call): string {
  const { steps, then, because } = decide(action, snapshot, call);
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
  const dataStatus = valueOf(snapshot, call, { node: call.node, key: 'dataStatus' });
  const score = valueOf(snapshot, call, { node: call.node, key: 'score' });
  const primary = primaryOf(snapshot);
  const state = classify(snapshot);
  return trueOnes([
    [state !== 'standby' && state !== 'primary', `the server is ${state}`],
    [!isEligible(dataStatus, call), `when last seen by a primary, its data were ${dataStatus ?? ''}`],
    [score === '-INFINITY', 'its promotion score is -INFINITY'],
    [score === undefined, 'it has no promotion score: no primary has seen it, and no election was held'],
    [primary !== undefined && primary !== call.node, `${primary ?? ''} is promoted; only one can be`],
    [snapshot.lock && state === 'stopped', 'its lock file keeps it from starting'],
  ]);
}
