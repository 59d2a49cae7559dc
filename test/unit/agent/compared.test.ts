import { describe, expect, it } from '@jest/globals';
import { compared } from '../../../agent/evidence.ts';
import { UnreadableAnswer, type Result } from '../../../lib/host/exec.ts';

const [ours, theirs] = [Buffer.from('our WAL'), Buffer.from('another')];
const received: Result = { code: 0, stdout: '', stderr: '' };
const gone = 'pg_receivewal: error: could not send replication command "START_REPLICATION": ERROR:  requested WAL segment 000000010000000000000003 has already been removed'; // prettier-ignore

describe('the primary’s WAL beside ours', () => {
  it('is the same, or another, when all of it has come', () => {
    expect(compared(ours, Buffer.from('our WAL'), received)).toBe('same');
    expect(compared(ours, theirs, received)).toBe('other');
  });
  it('is not there if we have not got it, or if the primary says that it is gone', () => {
    expect(compared(undefined, theirs, received)).toBe('not there');
    expect(compared(ours, undefined, { ...received, code: 1, stderr: gone })).toBe('not there');
  });
  it.each<Partial<Result>>([
    { code: 1, stderr: 'pg_receivewal: error: connection to server failed: FATAL:  number of requested standby connections exceeds max_wal_senders' },
    { code: 1, stderr: 'pg_receivewal: error: unexpected termination of replication stream' },
    { code: undefined, failure: 'timed out' },
    { code: undefined, failure: 'not found' },
    { code: undefined, failure: 'killed' },
  ])('that did not come proves nothing: %j', (more) => {
    for (const half of [undefined, theirs])
      expect(() => compared(ours, half, { ...received, ...more })).toThrow(UnreadableAnswer);
  }); // prettier-ignore
});
