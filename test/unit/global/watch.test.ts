import { describe, expect, it } from '@jest/globals';
import { schema } from '../../../global/spec.ts';
import type { Site } from '../../../global/site.ts';
import { lockName, watch } from '../../../global/watch.ts';
import { takeName } from '../../../lib/host/only-one.ts';
import { aGlobalFile } from './pretend-sites.ts';

/** A site of which nothing is there. */
const aSite = (more: object): Site => ({
  spec: schema.parse({ ...aGlobalFile, ...more, postgres: { ...aGlobalFile.postgres, data: '/nowhere' } }),
  secret: undefined,
  site: 'first',
  user: { name: 'postgres', uid: 0, gid: 0, home: '/nowhere' },
  exec: () => Promise.resolve({ code: 1, stdout: '', stderr: 'Operation not permitted' }),
  say: () => undefined,
});

describe('the watch, while another job is at work for longer than its interval', () => {
  it.each([
    ['with witnesses', {}],
    ['without', { witnesses: undefined }],
  ])('%s, has time to be stopped', async (_, more) => {
    const release = await takeName(lockName);
    expect(release).toBeDefined();
    let stopping = false;
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 10);
    setTimeout(() => (stopping = true), 300);
    expect(await watch(aSite({ ...more, failover: { interval: 1, failures: 1 } }), () => stopping)).toBe(0);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(5);
    await release?.();
  });
});
