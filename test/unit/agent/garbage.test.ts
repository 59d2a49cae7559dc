import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCall, readParameters, type Environment } from '../../../agent/call.ts';
import { decide, type Action } from '../../../agent/decide.ts';
import { say } from '../../../agent/reasons.ts';
import { recoveryConf } from '../../../agent/rules/recovery-conf.ts';
import { readRepModeConf } from '../../../agent/rules/sync.ts';
import { validate } from '../../../agent/rules/validate.ts';
import { classify, type Snapshot } from '../../../agent/snapshot.ts';
import { findPassword } from '../../../lib/postgres/passfile.ts';
import { readPidFile } from '../../../lib/postgres/pidfile.ts';
import { parameters } from '../../../meta/parameters.ts';
import { aCall, aNode, anAnswer, aSnapshot, aSnapshotOfEachState } from './pretend-region.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '0', '-1', '1e9', 'true', 'db1 db2', '\0', "'", 'x'.repeat(1_000_000)),
);
const meta = [
  'interval',
  'timeout',
  'promotable',
  'master_max',
  'notify_type',
  'notify_operation',
  'notify_slave_uname',
  'notify_master_uname',
];
const keys = [
  ...Object.keys(parameters).map((name) => `OCF_RESKEY_${name}`),
  ...meta.map((name) => `OCF_RESKEY_CRM_meta_${name}`),
  'OCF_RESOURCE_INSTANCE',
  'OCF_CHECK_LEVEL',
];
const environment: fc.Arbitrary<Environment> = fc.dictionary(fc.constantFrom(...keys), text, { maxKeys: 12 });
const machine = {
  user: undefined,
  callerUid: 0,
  isProgram: () => false,
  configText: 'x'.repeat(1_000_000),
  dataWritable: false,
  isPrivate: () => false,
  rejoins: () => false,
  dataVersion: undefined,
  tmpdirOwner: undefined,
};

describe('an environment of garbage', () => {
  it('is read into a call within bounds, with its problems named, and validated without a crash', () => {
    fc.assert(
      fc.property(environment, (env) => {
        const { parameters: values, problems } = readParameters(env);
        const call = { ...readCall(env, values, 60_000), node: 'db1' };
        expect(call.timeoutMs).toBeGreaterThan(0);
        expect(Number.isInteger(values.pgport)).toBe(true);
        for (const problem of problems) expect(problem).toMatch(/ is not (a whole number|\w+ or \w+|manual, or .*)$/);
        validate('start', call, machine);
        const lines = recoveryConf(call).split('\n');
        expect(lines[0]).toMatch(/^primary_conninfo = '/);
      }),
    );
  });

  it('never closes a quoted value early', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const conf = recoveryConf(aCall({ restore_command: value.replaceAll('\n', '') }));
        const line = /^restore_command = '(.*)'$/ms.exec(conf.split('\nrecovery_target_timeline')[0] ?? '');
        expect(line?.[1]?.replaceAll("''", '').replaceAll('\\\\', '')).not.toMatch(/['\\]/);
      }),
    );
  });
});

describe('files of garbage', () => {
  it('of a megabyte say nothing', () => {
    const large = 'a:'.repeat(500_000);
    expect([
      readPidFile(large),
      readRepModeConf(large),
      findPassword(large, { host: 'a', port: 'a', database: 'a', user: 'a' }),
    ]).toEqual([undefined, undefined, undefined]);
  });
});

describe('snapshots of garbage', () => {
  const actions: readonly Action[] = ['monitor', 'start', 'stop', 'promote', 'demote', 'notify'];
  const senders = fc.array(
    fc.record({
      applicationName: text,
      state: fc.option(text, { nil: undefined }),
      syncState: fc.option(text, { nil: undefined }),
      flushed: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined }),
    }),
    { maxLength: 3 },
  );
  const values = fc.dictionary(
    fc.constantFrom('pg-status', 'pg-data-status', 'pg-xlog-loc', 'master-pg', 'pg-master-baseline'),
    text,
  );
  const world: fc.Arbitrary<Snapshot> = fc
    .record({
      state: fc.constantFrom(...Object.values(aSnapshotOfEachState)),
      senders,
      reboot: values,
      forever: values,
      notes: fc.array(text, { maxLength: 5 }),
    })
    .map(({ state, senders: rows, reboot, forever, notes }) => {
      const nodes = {
        db1: aNode('db1', {}, { attributes: { reboot, forever } }),
        db2: aNode('db2', {}, { attributes: { reboot: forever, forever: reboot } }),
      };
      const session =
        state.session !== undefined && 'answer' in state.session
          ? { answer: { ...state.session.answer, senders: rows } }
          : state.session;
      return aSnapshot({ ...state, session, notes, cluster: { nodes, quorate: true, fencing: true } });
    });

  it('are decided, and a node that a primary called disconnected is never made ready for promotion', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...actions), (snapshot, action) => {
        const { steps, because } = decide(action, snapshot, aCall());
        if (because !== undefined) expect(say(because)).not.toContain('\n');
        const own = snapshot.cluster?.nodes['db1']?.attributes.forever['pg-data-status'];
        const elected = steps.some(
          (step) => step.do === 'set attribute' && step.key === 'score' && step.value === '1000' && step.node === 'db1',
        );
        if (classify(snapshot) === 'standby' && elected)
          expect([undefined, '', 'LATEST', 'STREAMING|SYNC', 'STREAMING|QUORUM', 'STREAMING|ASYNC']).toContain(own);
      }),
    );
  });

  it('without a position nobody is elected', () => {
    const blank = {
      ...aSnapshotOfEachState.standby,
      session: { answer: anAnswer({ received: undefined, replayed: undefined }) },
    };
    expect(decide('monitor', blank, aCall())).toMatchObject({ then: 'generic', because: { code: 'NO_LSN' } });
  });
});
