import { describe, expect, it } from '@jest/globals';
import { sha256 } from '../../../lib/host/files.ts';
import { printerTo } from '../../../bootstrap/print.ts';
import { reports, say, type Report } from '../../../bootstrap/reports.ts';
import { verifier, verifies } from '../../../bootstrap/scram.ts';
import { accessText, rolesSql, settingsText } from '../../../bootstrap/server-files.ts';
import { aContext, aSpec, PretendHosts } from './pretend-hosts.ts';
import { secretsOf } from '../../../bootstrap/world.ts';
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

const vipUsed: Report = { code: 'VIP_USED', host: 'db1', address: '10.77.0.100' };
const named = new Proxy({}, { get: (_, name) => `<${String(name)}>` });

describe('every report', () => {
  it.each(Object.entries(reports))('%s says what is wrong and what to do', (_, text) => {
    const [says, todo] = (text as (details: object) => readonly [string, string])(named);
    expect(says).toMatch(/[^.]$/);
    expect(todo).toMatch(/\.$|\)\.$/);
  });

  it('is told with its host', () => {
    expect(say(vipUsed).says).toMatch(/^db1: /);
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
    for (const secret of secretsOf(context)) expect(lines.out).not.toContain(secret);
  });

  it('prints reports with their code, as text on standard error and as JSON on standard output', () => {
    const text = printed(false);
    text.printer.reports('region.yaml: no', [vipUsed]);
    expect(text.lines).toMatchObject({
      out: '',
      err: expect.stringContaining('VIP_USED: db1: 10.77.0.100 answers already') as unknown,
    });
    const json = printed(true);
    json.printer.reports('region.yaml: no', [vipUsed]);
    expect(JSON.parse(json.lines.out)).toMatchObject({ event: 'report', code: 'VIP_USED', host: 'db1' });
  });

  it('says with which flag a finding may be accepted, and only then', () => {
    const { lines, printer } = printed(false);
    printer.reports('region.yaml: no', [{ code: 'CLOCK_NOT_KEPT', host: 'db1' }, vipUsed]);
    expect(lines.err.match(/--accept [A-Z_]+/g)).toEqual(['--accept CLOCK_NOT_KEPT']);
  });

  it('prints problems by path', () => {
    const { lines, printer } = printed(false);
    printer.problems('region.yaml', [{ path: 'vip.prefix', given: '99', expected: 'a whole number from 8 to 30' }]);
    expect(lines.err).toBe(
      'region.yaml: 1 problem; nothing was done\n  vip.prefix: given 99; expected a whole number from 8 to 30\n',
    );
  });
});
