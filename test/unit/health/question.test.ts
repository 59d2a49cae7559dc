import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerTo, readQuestion, type Finding, type Question } from '../../../health/question.ts';
import { readState, type State } from '../../../health/state.ts';

const primary: State = { inRecovery: false, mayWrite: true, lagBytes: undefined, lagSeconds: undefined };
const standby: State = { inRecovery: true, mayWrite: false, lagBytes: 2048, lagSeconds: 3.5 };
const finding = (state: State | undefined, more: Partial<Finding> = {}): Finding => ({
  ...{ state, failure: undefined, written: state?.inRecovery === false, gateOpen: true },
  ...more,
});
const question = (url: string): Question => {
  const read = readQuestion(url);
  if ('status' in read) throw new Error(`${url}: ${read.status}`);
  return read;
};
const hung = { code: 'HUNG', says: 'the session has not answered for 0.8 s' } as const;

describe('what is asked', () => {
  it.each([
    ['/', { asks: 'primary' }],
    ['/primary', { asks: 'primary' }],
    ['/health', { asks: 'health' }],
    ['/standby', { asks: 'standby', lag: undefined }],
    ['/standby?lag=65536', { asks: 'standby', lag: { unit: 'bytes', atMost: 65536 } }],
    ['/standby?lag=16MB', { asks: 'standby', lag: { unit: 'bytes', atMost: 16777216 } }],
    ['/primary/', { asks: 'primary' }],
    ['/primary?', { asks: 'primary' }],
    ['/primary?check=1', { asks: 'primary' }],
    ['/health?lag=1', { asks: 'health' }],
    ['*', { asks: 'primary' }],
    ['http://db1:8008/primary', { asks: 'primary' }],
    ['HTTP://db1:8008', { asks: 'primary' }],
    ['http://db1:8008/?a', { asks: 'primary' }],
    ['http://[::1]/standby/?lag=10s', { asks: 'standby', lag: { unit: 'seconds', atMost: 10 } }],
    ['/health#x', { asks: 'health' }],
    ['/standby?lag=10s', { asks: 'standby', lag: { unit: 'seconds', atMost: 10 } }],
  ])('%s', (url, asks) => expect(readQuestion(url)).toEqual(asks));

  it.each([
    ['/Primary', 404],
    ['//primary', 404],
    ['/primary/x', 404],
    ['http://primary/x', 404],
    ['ftp://db1/primary', 404],
    ['db1:8008', 404],
    ['/constructor', 404],
    ['/standby?lag=', 400],
    ['/standby?lag=-1', 400],
    ['/standby?lag=1m', 400],
    ['/standby?lag=1&lag=2', 400],
    ['/standby?slow=1', 400],
    ['/standby?lag=1?', 400],
    [`/standby?lag=${'9'.repeat(400)}`, 400],
  ])('%s is answered with %i', (url, status) => expect(readQuestion(url)).toMatchObject({ status }));

  it('whatever it is, it is answered', () => {
    fc.assert(fc.property(fc.webPath(), fc.string(), (path, query) => void readQuestion(`${path}?${query}`)));
  });
});

describe('the answer', () => {
  const cases: readonly { url: string; of: string; found: Finding; status: number; body: object }[] = [
    { url: '/primary', of: 'a primary', found: finding(primary), status: 200, body: { ok: true, role: 'primary', writable: true, gate: 'open' } },
    { url: '/', of: 'a primary', found: finding(primary), status: 200, body: { ok: true } },
    { url: '/primary', of: 'a standby', found: finding(standby), status: 503, body: { reason: 'STANDBY', role: 'standby', writable: false } },
    { url: '/primary', of: 'a primary that may not write', found: finding({ ...primary, mayWrite: false }), status: 503, body: { reason: 'READ_ONLY', writable: false } },
    { url: '/primary', of: 'a primary that has not written', found: finding(primary, { written: false }), status: 503, body: { reason: 'NOT_WRITTEN' } },
    { url: '/primary', of: 'a primary behind a closed gate', found: finding(primary, { gateOpen: false }), status: 503, body: { reason: 'GATE_CLOSED', writable: true, gate: 'closed' } },
    { url: '/primary', of: 'a primary that hangs in a write', found: finding(primary, { written: false, failure: hung }), status: 503, body: { reason: 'HUNG', writable: false } },
    { url: '/health', of: 'a standby', found: finding(standby), status: 200, body: { role: 'standby', lag: { bytes: 2048, seconds: 3.5 } } },
    { url: '/health', of: 'nobody', found: finding(undefined, { failure: { code: 'ABSENT', says: 'no' } }), status: 503, body: { reason: 'ABSENT', role: 'unknown' } },
    { url: '/health', of: 'a primary behind a closed gate', found: finding(primary, { gateOpen: false }), status: 200, body: { gate: 'closed' } },
    { url: '/standby', of: 'a standby', found: finding(standby), status: 200, body: { ok: true } },
    { url: '/standby', of: 'a primary', found: finding(primary), status: 503, body: { reason: 'PRIMARY' } },
    { url: '/standby?lag=2048', of: 'a standby', found: finding(standby), status: 200, body: { ok: true } },
    { url: '/standby?lag=2047', of: 'a standby', found: finding(standby), status: 503, body: { reason: 'LAGGING', says: 'it is 2048 bytes behind, more than 2047' } },
    { url: '/standby?lag=3s', of: 'a standby', found: finding(standby), status: 503, body: { reason: 'LAGGING', says: 'it is 3.5 seconds behind, more than 3' } },
    { url: '/standby?lag=1GB', of: 'a standby that does not stream', found: finding({ ...standby, lagBytes: undefined }), status: 503, body: { reason: 'LAG_UNKNOWN' } },
  ]; // prettier-ignore
  it.each(cases)('of $of to $url is $status', ({ url, found, status, body }) => {
    expect(answerTo(question(url), found)).toMatchObject({ status, body });
  });

  it('is never 200 for a primary unless every proof is there', () => {
    const states = fc.constantFrom(undefined, primary, standby, { ...primary, mayWrite: false });
    const all = fc.record({
      ...{ state: states, failure: fc.constantFrom(undefined, hung), written: fc.boolean(), gateOpen: fc.boolean() },
    });
    fc.assert(
      fc.property(all, (found) => {
        const proven = found.state === primary && found.failure === undefined && found.written && found.gateOpen;
        expect(answerTo({ asks: 'primary' }, found).status).toBe(proven ? 200 : 503);
      }),
    );
  });
});

it('the server’s row is read, or it is no answer', () => {
  expect(readState({ in_recovery: true, may_write: false, lag_bytes: 7, lag_seconds: null })).toEqual({ inRecovery: true, mayWrite: false, lagBytes: 7, lagSeconds: undefined }); // prettier-ignore
  expect(() => readState({ in_recovery: 't', may_write: true })).toThrow('nothing readable');
  expect(() => readState(undefined)).toThrow('nothing readable');
});
