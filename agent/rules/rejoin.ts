// Whether and how this node has to be made a standby again before its server may start. docs/decisions/0008 and 0010.
import type { Way } from '../../meta/types.ts';
import { neededFor } from '../../lib/postgres/room.ts';
import type { Call } from '../call.ts';
import { exit, finish, proceed, waitElse, type Context, type Decision } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn, valueOf } from './attributes.ts';
import { isRogueData } from './history.ts';
import { inWords, keptName, onlyHere, recordOf, type Evidence } from './lock.ts';

type Diverged = Extract<Evidence, { verdict: 'diverged' }>;

/** What a person has said about this node, or what the resource is configured for. */
type Allowed = { readonly ways: readonly Way[]; readonly word: boolean; readonly accept: string | undefined };

export function allowed({ snapshot, call }: Context): Allowed {
  const word = valueOf(snapshot, call, { node: call.node, key: 'rejoinWord' });
  const [, list = '', accept] = /^([a-z,]+)(?: accept (\d+))?$/.exec(word ?? '') ?? [];
  const ways = list.split(',').filter((one): one is Way => one === 'rewind' || one === 'clone');
  return ways.length > 0
    ? { ways, word: true, accept }
    : { ways: call.parameters.rejoin, word: false, accept: undefined };
}

export function promotedElsewhere({ cluster }: Snapshot): boolean {
  return Object.values(cluster?.nodes ?? {}).some((node) => node.role === 'Promoted');
}

/** It takes a second or two, and decides only here. Without a lock it is of use only beside a primary. */
export function wantsEvidence(action: string, snapshot: Snapshot, call: Call): boolean {
  if (action !== 'start' || snapshot.postmaster !== undefined || isHalf(snapshot)) return false;
  return (
    snapshot.lock ||
    isRogueData({ snapshot, call }) ||
    (allowed({ snapshot, call }).ways.length > 0 && promotedElsewhere(snapshot))
  );
}

/** What lies there is not one server's data. */
function isHalf({ rewinding, missing, copy }: Snapshot): boolean {
  return rewinding !== undefined || missing !== undefined || copy?.whole === true;
}

/** True where a copy may have to be made: then the primary is asked how large it is. */
export function wantsSource(snapshot: Snapshot, call: Call): boolean {
  const { ways, word } = allowed({ snapshot, call });
  if (!ways.includes('clone') || snapshot.copy?.whole === true) return false;
  return word || isHalf(snapshot) || snapshot.evidence?.verdict === 'diverged' || lacksWal(snapshot, call);
}

function lacksWal(snapshot: Snapshot, call: Call): boolean {
  return lackedWal(snapshot, call) !== undefined;
}

/** In the primary's words: WAL that this standby needs is gone from there, and there is no archive to ask. */
export function lackedWal({ evidence }: Snapshot, call: Call): string | undefined {
  if (evidence?.verdict !== 'same history' || call.parameters.restore_command.trim() !== '') return undefined;
  return evidence.walGone;
}

/** What comes before the start of the server, or instead of it; undefined: nothing, so far as the data are concerned. */
export function beforeStart(snapshot: Snapshot, call: Call): Decision | undefined {
  if (snapshot.copy?.whole === true) return proceed(...inPlace);
  if (snapshot.missing !== undefined) return fill(snapshot.missing, { snapshot, call });
  return snapshot.rewinding === undefined
    ? byEvidence(snapshot.evidence, { snapshot, call })
    : resume(snapshot.rewinding, { snapshot, call });
}

function byEvidence(evidence: Evidence | undefined, context: Context): Decision | undefined {
  switch (evidence?.verdict) {
    case 'foreign system':
      return refuse(evidence, { code: 'FOREIGN_DATA', local: evidence.local, primary: evidence.primary }, context);
    case 'diverged':
      return reunite(evidence, context);
    case 'same history':
      return catchUp(context);
    case 'unknown':
      return evidence.sameSystem === true && isForced(context) ? clone([], evidence.because, context) : undefined;
    default:
      return undefined;
  }
}

/** A person wants a copy and nothing else. */
function isForced(context: Context): boolean {
  const { ways, word } = allowed(context);
  return word && ways.every((way) => way === 'clone');
}

function refuse(evidence: Evidence, because: Reason, { snapshot, call }: Context): Decision {
  const record = setOwn(snapshot, call, { key: 'evidence', value: recordOf(evidence) });
  return finish(evidence.verdict === 'foreign system' ? 'installed' : 'generic', record, because);
}

function fill(missing: 'empty' | 'incomplete', { snapshot, call }: Context): Decision | undefined {
  return allowed({ snapshot, call }).ways.includes('clone')
    ? clone([], `${call.parameters.pgdata} is ${missing}`, { snapshot, call })
    : exit('installed', { code: 'DATA_MISSING', directory: call.parameters.pgdata, what: missing });
}

function catchUp({ snapshot, call }: Context): Decision | undefined {
  if (isForced({ snapshot, call })) return clone([], 'a person wants it', { snapshot, call });
  const gone = lackedWal(snapshot, call);
  if (gone === undefined || !allowed({ snapshot, call }).ways.includes('clone')) return undefined;
  return clone([], gone, { snapshot, call });
}

/** What is here only is kept first, whatever comes then. */
function reunite(evidence: Diverged, { snapshot, call }: Context): Decision {
  const { ways, accept } = allowed({ snapshot, call });
  const next = accept === undefined || accept === evidence.bytes ? wayNow(evidence, ways, snapshot) : undefined;
  if (next === 'rewind') return rewind(evidence, { snapshot, call });
  if (next === undefined) {
    const { bytes, fork, end, primary } = evidence;
    return refuse(
      evidence,
      { code: 'DIVERGED', only: onlyHere(evidence), bytes, fork, end, primary },
      { snapshot, call },
    );
  }
  const keep: readonly Step[] = snapshot.kept?.whole === true ? [] : [keepStep(evidence, 'clone')];
  return clone(keep, inWords(evidence), { snapshot, call });
}

/** A way that has been found to lead nowhere is tried again only if it is the only one. */
export function wayNow({ rewindable }: Diverged, ways: readonly Way[], { kept }: Snapshot): Way | undefined {
  const useless = kept?.noRewind !== undefined && ways.includes('clone');
  return ways.find((way) => way === 'clone' || (rewindable && !useless));
}

function keepStep(evidence: Diverged, before: Way): Step {
  const { timeline, fork, end } = evidence;
  return { do: 'keep diverged WAL', kept: keptName(evidence), before, timeline, fork, end };
}

/** From the mark on, the data are neither the old nor the new. */
function rewind(evidence: Diverged, { snapshot, call }: Context): Decision {
  const { kept } = snapshot;
  const name = keptName(evidence);
  const because: Reason = { code: 'REWINDING', only: onlyHere(evidence), primary: evidence.primary, kept: name };
  const isKept = kept?.whole === true && kept.noRewind === undefined && evidence.crashed !== true;
  const steps: readonly Step[] = isKept
    ? [{ do: 'write file', file: 'rejoin', content: `${name}\n` }]
    : beforeMark(evidence, { snapshot, call });
  return { ...proceed(...steps), because, otherwise: rewindFailed(kept?.noRewind) };
}

/** Recovery moves the end of what has to be kept, and adds nothing of anybody's: the loss that was accepted is still the same. */
function beforeMark(evidence: Diverged, { snapshot, call }: Context): readonly Step[] {
  if (evidence.crashed !== true) return [keepStep(evidence, 'rewind')];
  const { ways, accept } = allowed({ snapshot, call });
  const word = accept === undefined ? [] : setOwn(snapshot, call, { key: 'rejoinWord', value: ways.join(',') });
  return [...word, { do: 'recover server' }];
}

function rewindFailed(message = 'nothing has changed'): NonNullable<Decision['otherwise']> {
  return { exit: 'generic', because: { code: 'REJOIN_FAILED', step: 'rewind', message } };
}

/** stopped x start after a rewind that did not end: nothing else may start what is half one and half the other. */
function resume(kept: string, { snapshot, call }: Context): Decision {
  const { ways } = allowed({ snapshot, call });
  const { rewound, noRewind } = snapshot.kept ?? {};
  if (rewound === true) return proceed({ do: 'remove file', file: 'rejoin' });
  if (ways.includes('rewind') && (noRewind === undefined || !ways.includes('clone')))
    return { ...proceed({ do: 'rewind', kept }), otherwise: rewindFailed(noRewind) };
  if (ways.includes('clone'))
    return clone([], `a rewind was begun and did not end: ${noRewind ?? 'it is not allowed any more'}`, { snapshot, call }); // prettier-ignore
  return exit('generic', { code: 'REWIND_UNFINISHED', kept });
}

/** The mark goes before the swap: with it, the new data would be rewound with what was kept of the old. */
const inPlace: readonly Step[] = [
  { do: 'remove file', file: 'rejoin' },
  { do: 'put copy in place' },
  { do: 'remove file', file: 'PGSQL.lock' },
];

/** A bad page or a file that can't be read fails the same way each time, and each time all is copied up to there. */
const sameFailures = 2;

/** The same copy of the same primary is begun a third time only by a person's word, once for each word. */
function failsAgain({ snapshot, call }: Context): Decision | undefined {
  const { failedCopy: failed } = snapshot;
  if (failed === undefined || failed.count < sameFailures || failed.primary !== promotedNode(snapshot))
    return undefined;
  if (allowed({ snapshot, call }).word && !failed.word) return undefined;
  const { primary, words, count } = failed;
  const word = setOwn(snapshot, call, { key: 'rejoinWord', value: undefined });
  const steps: readonly Step[] = [...word, ...(failed.word ? [{ do: 'end word' } as const] : [])];
  return finish('generic', steps, { code: 'COPY_FAILS', primary, node: call.node, count, words });
}

function promotedNode({ cluster }: Snapshot): string | undefined {
  return Object.entries(cluster?.nodes ?? {}).find(([, node]) => node.role === 'Promoted')?.[0];
}

function clone(keep: readonly Step[], why: string, { snapshot, call }: Context): Decision {
  const again = failsAgain({ snapshot, call });
  if (again !== undefined) return again;
  const source = sourceOf(snapshot);
  const because: Reason = { code: 'CLONE_REFUSED', why, because: obstacle(source) ?? '' };
  if ('unknown' in source)
    return promotedElsewhere(snapshot) ? waitElse(() => because)(snapshot, call) : exit('generic', because);
  if (obstacle(source) !== undefined) return exit('generic', because);
  return {
    // The word was for this copy: it would be wanted again by the next look.
    ...proceed(
      ...keep,
      copyStep(source.bytes, { snapshot, call }),
      ...inPlace,
      ...setOwn(snapshot, call, { key: 'rejoinWord', value: undefined }),
    ),
    because: { code: 'CLONING', why },
  };
}

function copyStep(bytes: number, { snapshot, call }: Context): Step {
  const from = promotedNode(snapshot);
  const about = {
    ...(from === undefined ? {} : { from }),
    ...(allowed({ snapshot, call }).word ? ({ word: true } as const) : {}),
  };
  return { do: 'copy primary', bytes, ...about };
}

function sourceOf({ source }: Snapshot): NonNullable<Snapshot['source']> {
  return source ?? { unknown: 'the primary was not asked' };
}

export function copyObstacle(snapshot: Snapshot): string | undefined {
  return obstacle(sourceOf(snapshot));
}

/** Why no copy can be made; undefined: one can. */
function obstacle(source: NonNullable<Snapshot['source']>): string | undefined {
  if ('unknown' in source) return source.unknown;
  if (source.tablespaces.length > 0)
    return `the primary has tablespaces (${source.tablespaces.join(', ')}), and where they shall be here is a person's decision`;
  if (source.obstacle !== undefined) return source.obstacle;
  return source.freeBytes >= neededFor(source.bytes)
    ? undefined
    : `${neededFor(source.bytes)} bytes are needed beside the old data, ${source.freeBytes} are free`;
}
