import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { look, waitsUntil, type Memory } from '../../../agent/look.ts';
import type { World } from '../../../agent/run.ts';
import type { Snapshot } from '../../../agent/snapshot.ts';
import { ahead } from '../../../agent/world.ts';
import { monotonicMs } from '../../../lib/host/clock.ts';
import type { Exec, Result } from '../../../lib/host/exec.ts';
import type { Site } from '../../../agent/site.ts';
import { aCall } from './pretend-region.ts';

const region = readFileSync(new URL('../../recordings/cibadmin/2.1.5/region.xml', import.meta.url), 'utf8');
const nowhere = '/no/such/data';

/** A monitor where no server is, on a cluster that answers with a recorded document; what it has asked. */
function aMonitor(answer: Partial<Result> = {}) {
  const asked: string[] = [];
  const exec: Exec = ({ argv }) => {
    asked.push(argv.join(' '));
    return Promise.resolve({ stdout: region, stderr: '', code: 0, ...answer });
  };
  const { parameters, ...call } = aCall();
  const site: Site = {
    action: 'monitor',
    call: { ...call, parameters: { ...parameters, pgdata: nowhere, tmpdir: nowhere } },
    user: { name: 'postgres', uid: 101, gid: 101, home: nowhere },
    exec,
    deadline: monotonicMs() + 10_000,
  };
  return { asked, site };
}

const empty: Memory = { cluster: undefined, clusterFailure: undefined, asked: false, steppedMs: 0 };

it('what waits in the background has its time after each step, an action until its deadline', () => {
  const site = { deadline: 900_000, patience: 55_000 } as Site;
  expect(waitsUntil(site, { steppedMs: 400_000 })).toBe(455_000);
  expect(waitsUntil({ deadline: 55_000 } as Site, { steppedMs: 40_000 })).toBe(55_000);
});

describe('the question to the cluster', () => {
  const answered = (answer: Result | undefined) => ({ answer: () => Promise.resolve(answer), drop: () => undefined });

  it('that is under way is not put a second time, and answers the first look only', async () => {
    const { asked, site } = aMonitor();
    const memory = { ...empty };
    const begun = { ...site, asked: answered({ stdout: region, stderr: '', code: 0 }) };
    const { cluster } = await look(begun, memory);
    expect(Object.keys(cluster?.nodes ?? {}).length).toBeGreaterThan(1);
    expect(asked).toEqual([]);

    memory.asked = false; // as after a wait for the other members
    await look(begun, memory);
    expect(asked).toEqual(['cibadmin --query --local']);
  });

  it('that is under way and comes to nothing is put again', async () => {
    const { asked, site } = aMonitor();
    const { cluster } = await look({ ...site, asked: answered(undefined) }, { ...empty });
    expect(cluster).toBeDefined();
    expect(asked).toEqual(['cibadmin --query --local']);
  });

  it('that was not put before is put by the look', async () => {
    const { asked, site } = aMonitor();
    await look(site, { ...empty });
    expect(asked).toEqual(['cibadmin --query --local']);
  });

  it('that fails is a cluster that cannot be read, with its words', async () => {
    const { site } = aMonitor({ stdout: '', stderr: 'Could not connect to the CIB: Connection refused', code: 102 });
    const { cluster, clusterFailure } = await look(site, { ...empty });
    expect(cluster).toBeUndefined();
    expect(clusterFailure).toContain('Connection refused');
  });
});

describe('a world whose first look has begun', () => {
  const world = (look: World['look']) => ahead({ look, act: () => Promise.resolve(undefined), tell: () => undefined });

  it('has looked when it is asked to, once', async () => {
    let looks = 0;
    const begun = world(() => Promise.resolve({ nowMs: ++looks } as Snapshot));
    expect(looks).toBe(1);
    expect([(await begun.look()).nowMs, (await begun.look()).nowMs]).toEqual([1, 2]);
  });

  it('tells whoever looks what went wrong, and nobody else', async () => {
    const begun = world(() => Promise.reject(new Error('no such place')));
    await new Promise(setImmediate);
    await expect(begun.look()).rejects.toThrow('no such place');
  });
});
