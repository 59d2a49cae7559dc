import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judge } from '../../../agent/rules/records.ts';
import { slotName } from '../../../agent/rules/connection.ts';
import { recoveryConf } from '../../../agent/rules/recovery-conf.ts';
import { fastSeconds } from '../../../agent/rules/start.ts';
import { readRepModeConf, repModeConf, waitForKnown } from '../../../agent/rules/sync.ts';
import { notifications, notified } from '../../../agent/rules/notify.ts';
import { aCall, aNode, anAnswer, aPrimary, aSnapshot, aSnapshotOfEachState } from './pretend-region.ts';

describe('recovery.conf', () => {
  it('has the lines of pgsql in its order', () => {
    const call = aCall({
      repuser: 'replicator',
      primary_conninfo_opt: 'passfile=/x',
      restore_command: 'cp /a/%f "%p"',
    });
    expect(recoveryConf(call)).toBe(
      "primary_conninfo = 'host=10.77.0.100 port=5432 user=replicator application_name=db1 passfile=/x'\n" +
        `restore_command = 'cp /a/%f "%p"'\nrecovery_target_timeline = 'latest'\n`,
    );
  });

  it('quotes what would end the value', () => {
    expect(recoveryConf(aCall({ primary_conninfo_opt: "password='a\\b'" }))).toContain(
      "application_name=db1 password=''a\\\\b'''\n",
    );
  });

  it('names the password file last, quoted for a connection string', () => {
    expect(recoveryConf(aCall({ passfile: '/x y/pass' }))).toContain("application_name=db1  passfile=''/x y/pass'''\n");
  });

  it('names the slot of this node, where slots are wanted', () => {
    expect(recoveryConf(aCall({ replication_slot_name: 'ha' }))).toContain("primary_slot_name = 'ha_db1'\n");
    expect(slotName('DB-1.example', aCall({ replication_slot_name: 'ha' }))).toBe('ha_db_1_example');
  });
});

describe('rep_mode.conf', () => {
  it('is written as pgsql writes it', () => {
    expect([[], ['db2'], ['db2', 'dr1']].map((names) => repModeConf(names))).toEqual([
      "synchronous_standby_names = ''\n",
      `synchronous_standby_names = '"db2"'\n`,
      `synchronous_standby_names = 'FIRST 2 ("db2", "dr1")'\n`,
    ]);
  });

  it('is read back into the same names, and other text into none', () => {
    const names = fc.array(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), { maxLength: 4 });
    fc.assert(fc.property(names, (list) => expect(readRepModeConf(repModeConf(list))).toEqual(list)));
    fc.assert(fc.property(fc.string(), (text) => readRepModeConf(text) === undefined));
  });

  it('with external standbys names all that stream and are known, and is left alone if nothing changes', () => {
    const call = aCall({ rep_mode: 'sync', external_standby_node_list: 'dr1' });
    const senders = ['db2', 'dr1', 'stranger'].map((applicationName) => ({
      applicationName,
      state: 'STREAMING',
      syncState: 'ASYNC',
      flushed: undefined,
    }));
    const [write] = waitForKnown(senders, [], { snapshot: aSnapshot({ syncNames: ['db2'] }), call });
    expect(write).toMatchObject({ content: `synchronous_standby_names = 'FIRST 2 ("db2", "dr1")'\n` });
    expect(waitForKnown(senders, [], { snapshot: aSnapshot({ syncNames: ['dr1', 'db2'] }), call })).toEqual([]);
    const [kept] = waitForKnown(senders.slice(1, 2), ['db2'], { snapshot: aSnapshot({ syncNames: ['dr1'] }), call });
    expect(kept).toMatchObject({ content: `synchronous_standby_names = 'FIRST 2 ("dr1", "db2")'\n` });
  });
});

describe('the judgement of a standby', () => {
  const three = { node_list: 'db1 db2 db3' };
  const rows: readonly (readonly [string, Record<string, string>, string, string | undefined])[] = [
    ['STREAMING|SYNC', { rep_mode: 'sync' }, '100', 'HS:sync'],
    ['STREAMING|SYNC', {}, '100', 'HS:sync'],
    ['STREAMING|QUORUM', { rep_mode: 'sync' }, '100', 'HS:sync'],
    ['STREAMING|ASYNC', {}, '100', 'HS:async'],
    ['STREAMING|ASYNC', three, '-INFINITY', 'HS:async'],
    ['STREAMING|ASYNC', { rep_mode: 'sync' }, '-INFINITY', 'HS:async'],
    ['STREAMING|POTENTIAL', { rep_mode: 'sync' }, '-INFINITY', 'HS:potential'],
    ['DISCONNECT', {}, '-INFINITY', undefined],
    ['CATCHUP|ASYNC', {}, '-INFINITY', 'HS:connected'],
    ['BACKUP|ASYNC', {}, '-INFINITY', 'HS:connected'],
  ];
  it.each(rows)('%s %j', (...[dataStatus, parameters, score, status]) => {
    expect(judge(dataStatus, aCall(parameters))).toEqual({ score, status });
  });
});

describe('the seconds of a fast shutdown', () => {
  const limit = (seconds: number) => ({ OCF_RESKEY_CRM_meta_timeout: `${seconds * 1000}` });
  it('are stop_escalate, or ten less than the time-out, or none at all', () => {
    expect(fastSeconds(aCall({}, limit(120)), 'demote')).toBe(90);
    expect(fastSeconds(aCall({}, limit(60)), 'demote')).toBe(50);
    expect(fastSeconds(aCall({}, limit(8)), 'stop')).toBe(0);
    expect(fastSeconds(aCall({ stop_escalate_in_slave: '20' }, limit(60)), 'stop')).toBe(20);
  });
});

describe('a notification', () => {
  const of = (type: string, operation: string, more: Record<string, string> = {}) =>
    aCall(more, {
      OCF_RESKEY_CRM_meta_notify_type: type,
      OCF_RESKEY_CRM_meta_notify_operation: operation,
      OCF_RESKEY_CRM_meta_notify_promote_uname: 'DB2',
      OCF_RESKEY_CRM_meta_notify_demote_uname: 'db3',
      OCF_RESKEY_CRM_meta_notify_master_uname: ' ',
    });

  it('of every moment has a rule', () => expect(Object.keys(notifications)).toHaveLength(8));

  it('before a promotion: a node with newer data in a synchronous cluster of three keeps itself out', () => {
    const nodes = {
      db1: aNode('db1', { baseline: '0000000000000002' }),
      db2: aNode('db2', { baseline: '0000000000000001' }),
    };
    const found = aSnapshot({ cluster: { nodes, quorate: true, fencing: true } });
    const three = { node_list: 'db1 db2 db3', rep_mode: 'sync' };
    expect(notified(found, of('pre', 'promote', three))).toMatchObject({
      then: 'generic',
      steps: [{ do: 'ban this node' }],
    });
    expect(notified(found, of('pre', 'promote')).steps).toEqual([]);
  });

  it('after a demotion elsewhere: the position is published', () => {
    const steps = notified(aSnapshotOfEachState.standby, of('post', 'demote')).steps;
    expect(steps).toMatchObject([
      { key: 'baseline', value: '0000000003000000' },
      { key: 'status', value: 'HS:alone' },
    ]);
  });

  it('after a promotion: what the election left is removed', () => {
    const nodes = { db1: aNode('db1', { xlogLoc: 'X', baseline: 'B' }) };
    const steps = notified(
      aSnapshot({ cluster: { nodes, quorate: true, fencing: true } }),
      of('post', 'promote'),
    ).steps;
    expect(steps).toMatchObject([
      { key: 'xlogLoc', value: undefined },
      { key: 'baseline', value: undefined },
    ]);
  });

  it('after a start elsewhere: only the primary records its standbys', () => {
    const call = aCall(
      {},
      {
        OCF_RESKEY_CRM_meta_notify_type: 'post',
        OCF_RESKEY_CRM_meta_notify_operation: 'start',
        OCF_RESKEY_CRM_meta_notify_master_uname: 'DB1',
      },
    );
    expect(
      notified({ ...aSnapshotOfEachState.primary, session: { answer: aPrimary() } }, call).steps.length,
    ).toBeGreaterThan(0);
    expect(notified({ ...aSnapshotOfEachState.standby, session: { answer: anAnswer() } }, call).steps).toEqual([]);
  });

  it('outside replication does nothing', () =>
    expect(notified(aSnapshot(), of('post', 'demote', { rep_mode: 'none' })).steps).toEqual([]));
});
