// A node of a region made of data: enough of PostgreSQL's and Pacemaker's behaviour to play whole actions against.
import { readCall, readParameters, type Call, type Environment } from '../../../agent/call.ts';
import type { Decision } from '../../../agent/decision.ts';
import type { Reason } from '../../../agent/reasons.ts';
import { rogueLock } from '../../../agent/rules/history.ts';
import type { Evidence } from '../../../agent/rules/lock.ts';
import { readRepModeConf, repModeConf } from '../../../agent/rules/sync.ts';
import type { World } from '../../../agent/run.ts';
import type { Session, Snapshot, State } from '../../../agent/snapshot.ts';
import { describe as inWords, type Step } from '../../../agent/steps.ts';
import type { ClusterNode } from '../../../lib/pacemaker/cib.ts';
import type { InstanceAnswer } from '../../../lib/postgres/queries.ts';
import type { Failure } from '../../../lib/postgres/failure.ts';
import { attributes, type AttributeKey } from '../../../meta/attributes.ts';

/** A call of node db1 for the resource `pg`, replicating unless told otherwise. */
export function aCall(parameters: Record<string, string> = {}, env: Environment = {}): Call {
  const given = {
    rep_mode: 'async',
    node_list: 'db1 db2',
    master_ip: '10.77.0.100',
    pgdata: '/data',
    tmpdir: '/tmp/pg',
    ...parameters,
  };
  const resource = Object.fromEntries(Object.entries(given).map(([name, value]) => [`OCF_RESKEY_${name}`, value]));
  const meta = {
    OCF_RESKEY_CRM_meta_interval: '3000',
    OCF_RESKEY_CRM_meta_timeout: '60000',
    OCF_RESKEY_CRM_meta_promotable: 'true',
  };
  const all = { OCF_RESOURCE_INSTANCE: 'pg', ...meta, ...resource, ...env };
  return { ...readCall(all, readParameters(all).parameters, 60_000), node: 'db1' };
}

export const sameHistory = {
  verdict: 'same history',
  timeline: 2,
  end: '0/3000000',
  primary: 'timeline 2 at 0/3000100',
  bytes: true,
} as const satisfies Evidence;

export const diverged: Extract<Evidence, { verdict: 'diverged' }> = {
  verdict: 'diverged',
  timeline: 1,
  fork: '0/3000000',
  end: '0/3000400',
  bytes: '1024',
  systemId: '7000000000000000001',
  primary: 'timeline 2 at 0/3000100',
  primaryTimeline: 2,
  rewindable: true,
};
export const foreign: Evidence = { verdict: 'foreign system', local: '1', primary: '2' };

/** The value of `timeline` and `history` of these servers. */
export const history = '00000001-7000000000000000001';

export function anAnswer(changes: Partial<InstanceAnswer> = {}): InstanceAnswer {
  const at = 0x3000000n;
  const standby = { inRecovery: true, received: at, replayed: at, written: undefined, walReceiver: true };
  const same = { timeline: 1, systemIdentifier: '7000000000000000001', checkpointerIdle: true };
  return {
    synchronousStandbyNames: '',
    senders: [],
    physicalSlots: [],
    lostSlots: [],
    strayLogicalSlots: [],
    ...same,
    ...standby,
    ...changes,
  };
}

export const streaming = { applicationName: 'db2', state: 'STREAMING', syncState: 'ASYNC', flushed: 0x3000000n };

export function aPrimary(changes: Partial<InstanceAnswer> = {}): InstanceAnswer {
  const at = { received: undefined, replayed: undefined, written: 0x3000000n, walReceiver: false };
  return anAnswer({ inRecovery: false, ...at, senders: [streaming], ...changes });
}

type Values = Partial<Record<AttributeKey, string>>;

/** A node of the cluster with these attributes of `pg`. */
export function aNode(name: string, values: Values = {}, changes: Partial<ClusterNode> = {}): ClusterNode {
  const of = (lifetime: 'reboot' | 'forever') =>
    Object.fromEntries(
      Object.entries(values)
        .filter(([key]) => attributes[key as AttributeKey].lifetime === lifetime)
        .map(([key, value]) => [attributes[key as AttributeKey].name('pg'), value]),
    );
  return {
    name,
    online: true,
    inMembership: true,
    expected: 'member',
    role: undefined,
    attributes: { reboot: of('reboot'), forever: of('forever') },
    ...changes,
  };
}

export function aSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  const nodes = { db1: aNode('db1'), db2: aNode('db2') };
  const files = { standbySignal: false, lock: false, notes: [], syncNames: undefined };
  return {
    postmaster: undefined,
    session: undefined,
    ...files,
    cluster: { nodes, quorate: true, fencing: true },
    nowMs: 1_700_000_000_000,
    remainingMs: 57_000,
    ...changes,
  };
}

const postmaster = { pid: 4711, status: 'ready' } as const;
const failing = (kind: Failure['kind']): Session => ({ failure: { kind, message: `it is ${kind}` } });

/** One snapshot for each state the agent can find. */
export const aSnapshotOfEachState: Readonly<Record<State, Snapshot>> = {
  stopped: aSnapshot(),
  starting: aSnapshot({
    postmaster: { pid: 4711, status: 'starting' },
    session: failing('starting'),
    standbySignal: true,
  }),
  stopping: aSnapshot({ postmaster: { pid: 4711, status: 'stopping' }, session: failing('starting') }),
  standby: aSnapshot({ postmaster, session: { answer: anAnswer() }, standbySignal: true }),
  primary: aSnapshot({ postmaster, session: { answer: aPrimary() } }),
  full: aSnapshot({ postmaster, session: failing('full') }),
  hung: aSnapshot({ postmaster, session: failing('hung') }),
  unreadable: aSnapshot({ postmaster, session: failing('refused') }),
};

/** Plays steps on a snapshot. `story` is what was done, in words. */
export class PretendRegion implements World {
  now: Snapshot;
  readonly story: string[] = [];
  readonly reasons: Reason[] = [];
  /** Dies before the n-th step. */
  killAfter = Infinity;
  constructor(now: Snapshot) {
    this.now = now;
  }
  /** The members whose copy of the CIB can be asked for. */
  answering: readonly string[] = ['db2', 'db3'];
  look = (): Promise<Snapshot> => Promise.resolve({ ...this.now, peerRecords: recordsOf(this.now, this.answering) });
  act = (step: Step): Promise<undefined> => {
    if (--this.killAfter < 0) return Promise.reject(new Error('killed'));
    if (step.do !== 'wait') this.story.push(inWords(step));
    this.now = after(step, this.now);
    return Promise.resolve(undefined);
  };
  tell = (decision: Decision): void => {
    if (decision.because !== undefined) this.reasons.push(decision.because);
  };
}

/** All copies are alike. */
function recordsOf({ cluster }: Snapshot, members: readonly string[]): NonNullable<Snapshot['peerRecords']> {
  const name = attributes.dataStatus.name('pg');
  const values = Object.entries(cluster?.nodes ?? {}).map(([node, known]) => [
    node,
    known.attributes.forever[name] ?? '',
  ]);
  return Object.fromEntries(members.map((member) => [member, Object.fromEntries(values) as Record<string, string>]));
}

function after(step: Step, s: Snapshot): Snapshot {
  switch (step.do) {
    case 'set attribute':
      return withAttribute(step, s);
    case 'write file':
    case 'remove file':
      return step.file === 'rejoin' ? withMark(step, s) : withFile(step, s);
    case 'start server':
      return {
        ...s,
        postmaster,
        session: { answer: s.standbySignal ? anAnswer() : aPrimary() },
        restoringMs: undefined,
      };
    case 'promote server':
      return { ...s, standbySignal: false, session: { answer: aPrimary({ senders: [], timeline: timelineOf(s) }) } };
    case 'stop server':
      return { ...s, postmaster: undefined, session: undefined, cleanShutdown: true, shutdownAt: 0x3000000n };
    case 'reload server':
      return answering(s, (answer) => ({
        ...answer,
        synchronousStandbyNames: inForce(s),
        senders: answer.senders.map((row) => sync(row, s)),
      }));
    case 'create slot':
      return answering(s, (answer) => ({ ...answer, physicalSlots: [...answer.physicalSlots, step.name] }));
    case 'renew slot':
      return answering(s, (answer) => ({
        ...answer,
        lostSlots: answer.lostSlots.filter((slot) => slot !== step.name),
        physicalSlots: [...answer.physicalSlots.filter((slot) => slot !== step.name), step.name],
      }));
    case 'drop slot':
      return answering(s, (answer) => ({
        ...answer,
        physicalSlots: answer.physicalSlots.filter((slot) => slot !== step.name),
        strayLogicalSlots: answer.strayLogicalSlots.filter((slot) => slot !== step.name),
      }));
    case 'wait':
      return settled({ ...s, remainingMs: s.remainingMs - step.ms });
    case 'keep diverged WAL':
      return { ...s, kept: { whole: true, rewound: false, noRewind: undefined } };
    case 'rewind':
      return { ...s, evidence: sameHistory, kept: { whole: true, rewound: true, noRewind: undefined } };
    case 'copy primary':
      return { ...s, copy: { whole: true, old: s.copy?.old ?? false } };
    case 'put copy in place':
      return { ...s, copy: { whole: false, old: true }, missing: undefined, evidence: sameHistory };
    case 'remove old data':
      return { ...s, copy: { whole: false, old: false } };
    case 'begin rejoin':
      return { ...s, job: { state: 'runs' } };
    case 'end rejoin':
      return { ...s, job: undefined };
    case 'end word':
      return { ...s, ...(s.failedCopy === undefined ? {} : { failedCopy: { ...s.failedCopy, word: false } }) };
    case 'recover server':
      return { ...s, evidence: recovered(s.evidence), kept: undefined };
    case 'resume replay':
      return answering(s, (answer) => ({ ...answer, pausedWith: undefined }));
    case 'checkpoint':
    case 'include in configuration':
    case 'take out of configuration':
    case 'make directories':
    case 'ban this node':
      return s;
  }
}

/** Recovery ends with a checkpoint, which is WAL as well: what was kept before is not all. */
function recovered(evidence: Evidence | undefined): Evidence | undefined {
  return evidence?.verdict === 'diverged' ? { ...evidence, crashed: false, end: '0/3000500', bytes: '1280' } : evidence;
}

function timelineOf({ session }: Snapshot): number {
  return session !== undefined && 'answer' in session ? session.answer.timeline : 1;
}

/** What the server reads from rep_mode.conf, between the quotes. */
function inForce(s: Snapshot): string {
  return /'(.*)'/.exec(repModeConf(s.syncNames ?? [], isQuorum(s) ? 1 : 0))?.[1] ?? '';
}

function isQuorum({ session }: Snapshot): boolean {
  return session !== undefined && 'answer' in session && session.answer.synchronousStandbyNames.startsWith('ANY');
}

function answering(s: Snapshot, change: (answer: InstanceAnswer) => InstanceAnswer): Snapshot {
  return s.session !== undefined && 'answer' in s.session ? { ...s, session: { answer: change(s.session.answer) } } : s;
}

function sync<Row extends { applicationName: string; syncState: string | undefined }>(row: Row, s: Snapshot): Row {
  return {
    ...row,
    syncState: s.syncNames?.includes(row.applicationName) === true ? (isQuorum(s) ? 'QUORUM' : 'SYNC') : 'ASYNC',
  };
}

function withAttribute(step: Extract<Step, { do: 'set attribute' }>, s: Snapshot): Snapshot {
  const node = s.cluster?.nodes[step.node];
  if (s.cluster === undefined || node === undefined) return s;
  const { name, lifetime } = attributes[step.key];
  const { [name('pg')]: _, ...others } = node.attributes[lifetime];
  const values = step.value === undefined ? others : { ...others, [name('pg')]: step.value };
  const changed = { ...node, attributes: { ...node.attributes, [lifetime]: values } };
  return { ...s, cluster: { ...s.cluster, nodes: { ...s.cluster.nodes, [step.node]: changed } } };
}

function withMark(step: Extract<Step, { do: 'write file' | 'remove file' }>, s: Snapshot): Snapshot {
  return { ...s, rewinding: step.do === 'write file' ? step.content.trim() : undefined };
}

function withFile(step: Extract<Step, { do: 'write file' | 'remove file' }>, s: Snapshot): Snapshot {
  const there = step.do === 'write file';
  if (step.file === 'standby.signal') return { ...s, standbySignal: there };
  if (step.file === 'PGSQL.lock')
    return { ...s, lock: there, rogueLock: step.do === 'write file' && step.content === rogueLock };
  if (step.file === 'rep_mode.conf')
    return { ...s, syncNames: step.do === 'write file' ? readRepModeConf(step.content) : undefined };
  if (!step.file.startsWith('xlog_note.')) return s;
  const n = Number(step.file.slice('xlog_note.'.length));
  return { ...s, notes: step.do === 'write file' ? [...s.notes.slice(0, n), step.content] : s.notes.slice(0, n) };
}

/** What time does: a start and a shutdown come to their end; a hung server stays so. */
function settled(s: Snapshot): Snapshot {
  if (s.postmaster?.status === 'starting')
    return { ...s, postmaster, session: { answer: s.standbySignal ? anAnswer() : aPrimary() } };
  return s.postmaster?.status === 'stopping' ? { ...s, postmaster: undefined, session: undefined } : s;
}
