import { describe, expect, it } from '@jest/globals';
import { sha256 } from '../../../lib/host/files.ts';
import { printerTo } from '../../../bootstrap/print.ts';
import { reports, say, type Report } from '../../../bootstrap/reports.ts';
import { verifier, verifies } from '../../../bootstrap/scram.ts';
import { accessText, rolesSql, settingsText } from '../../../bootstrap/server-files.ts';
import { aContext, aSpec, PretendHosts } from './pretend-hosts.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';

describe('a verifier', () => {
  it('is the one PostgreSQL makes', () => {
    // Made by PostgreSQL 15: CREATE ROLE x PASSWORD 'pencil'.
    const made = verifier('pencil', Buffer.from('lxgAlvOnmJJgVh9C3cI1zA==', 'base64'));
    expect(made).toBe(
      'SCRAM-SHA-256$4096:lxgAlvOnmJJgVh9C3cI1zA==$/yFkdRBqM5j3NeSdO9RNBqDEKwr7h3NXM/h/T17KJl8=:Qy8Hf0hL/fHjpEwPcp/kt/0kE5JApQ+fJ5lceunT7aY=',
    );
  });

  it('verifies its password and no other', () => {
    const made = verifier('geheim');
    expect([
      verifies(made, 'geheim'),
      verifies(made, 'Geheim'),
      verifies('', 'geheim'),
      verifies('md5abc', 'geheim'),
    ]).toEqual([true, false, false, false]);
  });
});

describe('files of the server', () => {
  it('let in the nodes, the virtual IP and the clients, and nobody else', () => {
    expect(accessText(aSpec()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'local all postgres peer',
      'local replication postgres peer',
      'host replication,postgres replicator 10.77.0.11/32 scram-sha-256',
      'host replication,postgres replicator 10.77.0.12/32 scram-sha-256',
      'host replication,postgres replicator 10.77.0.100/32 scram-sha-256',
      'host vmdb_production cloudforms 10.77.0.0/24 scram-sha-256',
    ]); // prettier-ignore
  });

  it('begin with the mark of the region', () => {
    expect(settingsText(aSpec()).split('\n')[0]).toBe('# cfha region dc1');
  });

  it('hold the replication password escaped as libpq reads it', () => {
    const file = aContext().secretFiles.find(({ path }) => path.endsWith('.pgpass'));
    expect(file).toMatchObject({
      content: '*:5432:*:replicator:replica\\:tion\\\\secret\n',
      mode: '0600',
      owner: 'postgres',
    });
    expect(file?.sha256).toBe(sha256(file?.content ?? ''));
  });

  it('are told to the server in one transaction, without being logged', () => {
    const { spec, verifiers } = aContext();
    const sql = rolesSql(spec, verifiers);
    expect(sql.indexOf("log_min_error_statement = 'panic'")).toBeLessThan(sql.indexOf('BEGIN'));
    expect(sql).toContain('COMMIT');
    expect(sql).not.toContain('secret');
  });
});

const samples: { [C in keyof typeof reports]: Extract<Report, { code: C }> } = {
  UNREACHABLE: { code: 'UNREACHABLE', host: 'db1', because: 'Connection refused' },
  NOT_ROOT: { code: 'NOT_ROOT', host: 'db1' },
  WRONG_NAME: { code: 'WRONG_NAME', host: 'db1', found: 'db9' },
  PROGRAM_MISSING: { code: 'PROGRAM_MISSING', host: 'db1', programs: 'pcs' },
  MACHINE_DIFFERS: { code: 'MACHINE_DIFFERS', host: 'db1', machine: 'aarch64' },
  NO_SERVER: { code: 'NO_SERVER', wanted: '15', found: 'db1 has none' },
  NAME_ELSEWHERE: { code: 'NAME_ELSEWHERE', host: 'db1', name: 'db2', found: '10.9.9.9', expected: '10.77.0.12' },
  FOREIGN_CLUSTER: { code: 'FOREIGN_CLUSTER', host: 'db1', cluster: '"x"' },
  CLUSTER_INCOMPLETE: { code: 'CLUSTER_INCOMPLETE', host: 'db1' },
  FOREIGN_DATA: { code: 'FOREIGN_DATA', host: 'db1', data: '/data' },
  DATA_IS_MOUNT: { code: 'DATA_IS_MOUNT', host: 'db1', data: '/data' },
  DATA_OF_OTHER: { code: 'DATA_OF_OTHER', host: 'db1', data: '/data', found: 'region "x"' },
  DATA_MISSING: { code: 'DATA_MISSING', host: 'db1', data: '/data' },
  VIP_USED: { code: 'VIP_USED', host: 'db1', address: '10.77.0.100' },
  PORT_USED: { code: 'PORT_USED', host: 'db1', port: 5432 },
  FENCING_FAILED: { code: 'FENCING_FAILED', host: 'db1', because: 'no login' },
  FENCING_UNKNOWN: { code: 'FENCING_UNKNOWN', host: 'db1', machine: 'vm', node: 'db2', found: 'none' },
  CONFIGURATION_DIFFERS: { code: 'CONFIGURATION_DIFFERS', what: 'no resource x' },
  HOST_LOST: { code: 'HOST_LOST', host: 'db1', because: 'timeout' },
  COMMAND_FAILED: { code: 'COMMAND_FAILED', host: 'db1', goal: 'a/b', command: 'initdb', because: 'no space' },
  NOT_REACHED: { code: 'NOT_REACHED', goal: 'a/b', lacks: 'x', evidence: '' },
  NOT_BUILT: { code: 'NOT_BUILT' },
};

describe('every report', () => {
  it.each(Object.values(samples))('$code says what is wrong and what to do', (report) => {
    const { says, todo } = say(report);
    expect(says.startsWith('db1: ')).toBe('host' in report);
    expect(todo).toMatch(/\.$|\)\.$/);
  });
});

function printed(json: boolean) {
  const lines = { out: '', err: '' };
  const printer = printerTo({ json, out: (text) => (lines.out += text), err: (text) => (lines.err += text) });
  return { lines, printer };
}

describe('the printer', () => {
  const context = aContext();
  const { facts } = new PretendHosts(context);
  const goals = goalsOf(context).map((goal) => ({ goal, lacks: goal.lacks(facts), commands: goal.commands(facts) }));

  it.each([true, false])('prints a plan without a secret (json %s)', (json) => {
    const { lines, printer } = printed(json);
    printer.plan(goals, '+ a difference');
    expect(lines.out).toContain('a difference');
    expect(lines.out).toContain('pcs cluster setup'.split(' ').join(json ? '","' : ' '));
    for (const secret of [...Object.values(context.passwords), context.hacluster])
      expect(lines.out).not.toContain(secret);
  });

  it('prints reports with their code, as text on standard error and as JSON on standard output', () => {
    const text = printed(false);
    text.printer.reports('region.yaml: no', [samples.VIP_USED]);
    expect(text.lines).toMatchObject({
      out: '',
      err: expect.stringContaining('VIP_USED: db1: 10.77.0.100 answers already') as unknown,
    });
    const json = printed(true);
    json.printer.reports('region.yaml: no', [samples.VIP_USED]);
    expect(JSON.parse(json.lines.out)).toMatchObject({ event: 'report', code: 'VIP_USED', host: 'db1' });
  });

  it('prints problems by path', () => {
    const { lines, printer } = printed(false);
    printer.problems('region.yaml', [{ path: 'vip.prefix', given: '99', expected: 'a whole number from 8 to 30' }]);
    expect(lines.err).toBe(
      'region.yaml: 1 problem; nothing was done\n  vip.prefix: given 99; expected a whole number from 8 to 30\n',
    );
  });
});
