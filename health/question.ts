// What a traffic manager asks, and the answer. Pure.
import type { State } from './state.ts';

export type Lag = { readonly unit: 'bytes' | 'seconds'; readonly atMost: number };

export type Question =
  { readonly asks: 'primary' | 'health' } | { readonly asks: 'standby'; readonly lag: Lag | undefined };

/** Everything that was found out about the server, at about the same time. */
export type Finding = {
  /** Undefined if it did not answer; `failure` says why. */
  readonly state: State | undefined;
  readonly failure: Failure | undefined;
  /** Whether a write has come through, if one was tried. */
  readonly written: boolean;
  readonly gateOpen: boolean;
};

export type Failure = {
  readonly code: 'ABSENT' | 'STARTING' | 'FULL' | 'HUNG' | 'REFUSED' | 'FAILED';
  readonly says: string;
};

export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

const names = { '/': 'primary', '/primary': 'primary', '/health': 'health', '/standby': 'standby' } as const;

/**
 * Reads the target of a request in each of its forms: a path, a whole address (`http://db1:8008/primary`), or `*`. A question
 * that is not understood has its answer at once. RFC 9112, 3.2: a server accepts a whole address in any request.
 */
export function readQuestion(url: string): Question | Answer {
  const { path, query } = partsOf(url);
  const asks = Object.hasOwn(names, path) ? names[path as keyof typeof names] : undefined;
  if (asks === undefined) return wrong(404, `there are ${Object.keys(names).join(', ')}`);
  // Elsewhere a query means nothing: a traffic manager that adds one must not take the server for down.
  return asks === 'standby' ? readStandby([...new URLSearchParams(query)]) : { asks };
}

function partsOf(url: string): { readonly path: string; readonly query: string } {
  const [, target = ''] = /^(?:https?:\/\/[^/?#]*)?([^#]*)/i.exec(url) ?? [];
  const [path = '', ...query] = target.split('?');
  const plain = path.replace(/\/+$/, '');
  return { path: plain === '' || url === '*' ? '/' : plain, query: query.join('?') };
}

function readStandby(parameters: readonly (readonly [string, string])[]): Question | Answer {
  const [first, ...more] = parameters;
  if (first === undefined) return { asks: 'standby', lag: undefined };
  const lag = first[0] === 'lag' && more.length === 0 ? readLag(first[1]) : undefined;
  return lag === undefined
    ? wrong(400, 'the parameter is lag=BYTES (16MB, 65536) or lag=SECONDSs (10s)')
    : { asks: 'standby', lag };
}

function wrong(status: number, says: string): Answer {
  return { status, body: { ok: false, reason: 'BAD_REQUEST', says } };
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

function readLag(text: string): Lag | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,12})(s|kB|MB|GB)?$/.exec(text) ?? [];
  if (digits === '') return undefined;
  if (unit === 's') return { unit: 'seconds', atMost: Number(digits) };
  return { unit: 'bytes', atMost: Number(digits) * (unitBytes[unit] ?? 1) };
}

/** 200, or 503 with the reason. */
export function answerTo(question: Question, finding: Finding): Answer {
  const no = reasonAgainst(question, finding);
  const gate = finding.gateOpen ? 'open' : 'closed';
  const body = { ok: no === undefined, ...described(finding), gate, ...no };
  return { status: no === undefined ? 200 : 503, body };
}

function described(finding: Finding): Answer['body'] {
  const { state } = finding;
  const writable = reasonAgainst({ asks: 'primary' }, { ...finding, gateOpen: true }) === undefined;
  if (state === undefined) return { role: 'unknown', writable };
  if (!state.inRecovery) return { role: 'primary', writable };
  return { role: 'standby', writable, lag: { bytes: state.lagBytes ?? null, seconds: state.lagSeconds ?? null } };
}

type Against = { readonly reason: string; readonly says: string };
const against = (reason: string, says: string): Against => ({ reason, says });

function reasonAgainst(question: Question, { state, failure, written, gateOpen }: Finding): Against | undefined {
  if (failure !== undefined) return against(failure.code, failure.says);
  if (state === undefined) return against('FAILED', 'the server did not answer');
  switch (question.asks) {
    case 'health':
      return undefined;
    case 'standby':
      return againstStandby(state, question.lag);
    case 'primary':
      if (state.inRecovery) return against('STANDBY', 'the server is a standby');
      if (!state.mayWrite) return against('READ_ONLY', 'transactions are read-only (default_transaction_read_only)');
      if (!written) return against('NOT_WRITTEN', 'the server has not written what it was asked to');
      return gateOpen ? undefined : against('GATE_CLOSED', 'the gate of this site is closed');
  }
}

function againstStandby({ inRecovery, lagBytes, lagSeconds }: State, lag: Lag | undefined): Against | undefined {
  if (!inRecovery) return against('PRIMARY', 'the server is a primary');
  if (lag === undefined) return undefined;
  const found = lag.unit === 'bytes' ? lagBytes : lagSeconds;
  if (found === undefined) return against('LAG_UNKNOWN', 'it does not stream: how far it is behind is unknown');
  return found <= lag.atMost
    ? undefined
    : against('LAGGING', `it is ${Number(found.toFixed(1))} ${lag.unit} behind, more than ${lag.atMost}`);
}
