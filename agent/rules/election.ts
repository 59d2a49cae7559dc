// Who is promoted when there is no primary: each standby publishes its position; when the same positions were seen often
// enough, the one that nobody is ahead of gets the score 1000. Rounds and notes are those of pgsql, so that both can vote.
import { lsnDigits, laterLsn } from '../../lib/postgres/lsn.ts';
import type { InstanceAnswer } from '../../lib/postgres/queries.ts';
import { members, type Call } from '../call.ts';
import { exit, finish, type Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn, valueOf } from './attributes.ts';

/** The later of what was received and what was replayed, as 16 digits; of a primary what it has written. */
export function positionOf(answer: InstanceAnswer): string | undefined {
  const lsn = answer.written ?? laterLsn(answer.received, answer.replayed);
  return lsn === undefined ? undefined : lsnDigits(lsn);
}

/** What a primary last recorded about this node, where that makes its data good enough. */
export function isCurrent(dataStatus: string | undefined, call: Call): boolean {
  const good = [undefined, '', 'LATEST', 'STREAMING|SYNC', 'STREAMING|QUORUM'];
  return [...good, ...(call.parameters.rep_mode === 'async' ? ['STREAMING|ASYNC'] : [])].includes(dataStatus);
}

/** One round of the election, on a standby that sees no primary. */
export function election(answer: InstanceAnswer, snapshot: Snapshot, call: Call): Decision {
  const dataStatus = valueOf(snapshot, call, { node: call.node, key: 'dataStatus' });
  if (!isCurrent(dataStatus, call)) return exit('success', { code: 'OUT_OF_DATE', dataStatus: dataStatus ?? '' });
  const position = positionOf(answer);
  if (position === undefined) return exit('generic', { code: 'NO_LSN' });
  const publish = setOwn(snapshot, call, { key: 'xlogLoc', value: position });
  const { steps, because } = round(position, snapshot, call);
  return finish('success', [...publish, ...steps], because);
}

function round(position: string, snapshot: Snapshot, call: Call): Pick<Decision, 'steps' | 'because'> {
  const lines = positions(position, snapshot, call).map(([node, value]) => `${node} ${value}`);
  const note = lines.map((line) => `${line}\n`).join('');
  const last = snapshot.notes.length - 1;
  if (snapshot.notes[Math.max(last, 0)] !== note) {
    const steps: readonly Step[] = [...removeNotes(snapshot), { do: 'write file', file: 'xlog_note.0', content: note }];
    return { steps, because: { code: 'POSITIONS_CHANGED' } };
  }
  const next = last + 1;
  const of = call.parameters.xlog_check_count;
  if (next < of) {
    return {
      steps: [{ do: 'write file', file: `xlog_note.${next}`, content: note }],
      because: { code: 'COUNTING', round: next, of },
    };
  }
  return verdict(position, note, { snapshot, call });
}

type Context = { readonly snapshot: Snapshot; readonly call: Call };

function verdict(position: string, note: string, { snapshot, call }: Context): Pick<Decision, 'steps' | 'because'> {
  const best = positions(position, snapshot, call)
    .map(([, value]) => value)
    .sort()
    .at(-1);
  if (best === undefined || best === position) {
    const steps = [...setOwn(snapshot, call, { key: 'score', value: '1000' }), ...removeNotes(snapshot)];
    return { steps, because: { code: 'ELECTED', position } };
  }
  const steps: readonly Step[] = [
    ...setOwn(snapshot, call, { key: 'dataStatus', value: 'DISCONNECT', must: true }),
    ...removeNotes(snapshot),
    { do: 'write file', file: 'xlog_note.0', content: note },
  ];
  return { steps, because: { code: 'OUTVOTED', position, best } };
}

/** Node and position, in the order of node_list, of every node that has published one. */
function positions(own: string, snapshot: Snapshot, call: Call): readonly (readonly [string, string])[] {
  return members(call).flatMap((node) => {
    const value = node === call.node ? own : valueOf(snapshot, call, { node, key: 'xlogLoc' });
    return value === undefined ? [] : [[node, value] as const];
  });
}

export function removeNotes(snapshot: Snapshot): readonly Step[] {
  return snapshot.notes.map((_, n): Step => ({ do: 'remove file', file: `xlog_note.${n}` }));
}
