import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { prunable } from '../../../global/archive.ts';
import { isGateOpen } from '../../../global/rules/gate.ts';
import { statusOf, statusText, lagOf } from '../../../global/rules/status.ts';
import { allFiles, obsoleteFiles, unitFiles } from '../../../global/rules/units.ts';
import { schema } from '../../../global/spec.ts';
import { restoreCommand, withSettings } from '../../../global/standby-files.ts';
import { endConnectionsArgv, gateText, openText, readGate } from '../../../lib/host/nftables.ts';
import { aGlobalFile, allSay, aPrimary, aStandby, silent } from './pretend-sites.ts';

const spec = schema.parse(aGlobalFile);
const ok = (stdout: string) => ({ code: 0, stdout, stderr: '' });

describe('the gate', () => {
  const listed = (elem: readonly unknown[]) =>
    JSON.stringify({
      nftables: [
        { table: { name: 'cfha_global' } },
        { set: { name: 'open', elem } },
        ...['arriving', 'leaving'].map((name) => ({ chain: { name } })),
        ...Array.from({ length: 11 }, () => ({ rule: {} })),
      ],
    });
  it('is open while the port is in the set', () => {
    expect(readGate(ok(listed([5432])), 5432)).toBe('open');
    expect(readGate(ok(listed([{ elem: { val: 5432, timeout: 2, expires: 1 } }])), 5432)).toBe('open');
    expect(readGate(ok(listed([])), 5432)).toBe('closed');
    expect(readGate(ok(listed([5433])), 5432)).toBe('closed');
  });
  it('of which a part is missing is none', () => {
    expect(readGate({ code: 1, stdout: '', stderr: 'Error: No such file or directory' }, 5432)).toBe('absent');
    expect(readGate(ok('{"nftables": [{"table": {}}]}'), 5432)).toBe('absent');
  });
  it('is not guessed at', () => {
    expect(() => readGate({ code: 1, stdout: '', stderr: 'Operation not permitted' }, 5432)).toThrow('not permitted');
    expect(() => readGate(ok('garbage'), 5432)).toThrow('nft');
  });
  it('touches one port only', () => {
    const lines = gateText({ port: 5432, always: ['10.0.0.2'] }).split('\n');
    expect(lines.filter((line) => /drop|reject/.test(line)).every((line) => line.includes('5432'))).toBe(true);
    expect(openText(5432, 2250.7)).toContain('{ 5432 timeout 2250ms }');
    expect(endConnectionsArgv({ port: 5432, always: ['10.0.0.2'] }).at(-1)).toContain('not dst 10.0.0.2');
  });
  it('is written down for others', () => {
    expect(isGateOpen('{"open":true,"untilMs":1000}', 999)).toBe(true);
    expect(isGateOpen('{"open":true,"untilMs":1000}', 1000)).toBe(false);
    expect(isGateOpen('{"open":true,"untilMs":null}', 5000)).toBe(true);
    for (const text of [undefined, '', 'null', '{}', '{"open":true}', '{"open":false,"untilMs":null}'])
      expect(isGateOpen(text, 0)).toBe(false);
  });
});

describe('a standby’s settings', () => {
  it('replace ours and leave the others', () => {
    const before = "# Do not edit\nwork_mem = '8MB'\nprimary_conninfo = 'host=old'\n";
    expect(withSettings(before, { primary_conninfo: "host=new options='x'" })).toBe(
      "# Do not edit\nwork_mem = '8MB'\nprimary_conninfo = 'host=new options=''x'''\n",
    );
  });
  it('name the archive as this site sees it', () => {
    expect(restoreCommand({ spec, site: 'first' })).toBe('cp /srv/archive/%f "%p"');
    expect(restoreCommand({ spec, site: 'second' })).toBe('cp /srv/archive-of-other/%f "%p"');
    expect(restoreCommand({ spec: { ...spec, archive: undefined }, site: 'first' })).toBeUndefined();
  });
});

describe('what starts with a host', () => {
  const wanted = { cfha: '/usr/sbin/cfha', service: 'postgresql@15-main', guarded: true, cron: false } as const;
  const names = (host: 'first' | 'second' | 'witness', more = {}) =>
    unitFiles({ ...wanted, host, ...more }).map(({ path }) => path.split('/').at(-1));
  it('is what that host is for', () => {
    expect(names('witness')).toEqual(['cfha-global-keeper.service', 'cfha-global']);
    expect(names('first')).toContain('cfha-global-check-start.service');
    expect(names('second')).toContain('cfha-global-check-access.service');
    expect(names('second', { guarded: false, cron: true })).not.toContain('cfha-global-watch.service');
    // Nothing but the watch opens the gate of the first site.
    expect(names('first', { guarded: false, cron: true })).toContain('cfha-global-watch.service');
    expect(
      unitFiles({ ...wanted, host: 'second', cron: true }).some(({ path }) => path.startsWith('/etc/cron.d/')),
    ).toBe(true);
  });
  it('goes when it is not wanted any more', () => {
    const obsolete = (more: object) =>
      obsoleteFiles({ ...wanted, host: 'second', ...more }).map(({ path }) => path.split('/').at(-1));
    expect(obsolete({})).toEqual(['cfha-global-check-start.service', 'cfha-global']);
    expect(obsolete({ cron: true, guarded: false }).toSorted()).toEqual(['cfha-global-check-start.service', 'cfha-global-keeper.service', 'cfha-global-watch.service']); // prettier-ignore
    expect(allFiles(wanted).length).toBe(new Set(allFiles(wanted).map(({ path }) => path)).size);
  });
  it('has the gate before the database', () => {
    const gate = unitFiles({ ...wanted, host: 'first' })[0]?.text;
    expect(gate).toContain('Before=network-pre.target postgresql@15-main.service');
    expect(gate).toContain('RequiredBy=postgresql@15-main.service');
  });
});

it('the archive loses what is old, and no history', () => {
  const day = 86_400_000;
  const names = ['0000000100000000000000AA', '00000002.history', '0000000100000000000000AB.00000028.backup', 'notes'];
  const now = { name: '0000000100000000000000FF', mtimeMs: 8 * day };
  const files = [...names.map((name) => ({ name, mtimeMs: 0 })), now];
  expect(prunable(files, { days: 7, nowMs: 8 * day })).toEqual([names[0], names[2]]);
  expect(prunable(files, { days: 7, nowMs: 7 * day })).toEqual([]);
  // A clock that has jumped ahead makes nothing old.
  expect(
    prunable(
      [
        { ...now, mtimeMs: day },
        { ...now, mtimeMs: 2 * day },
      ],
      { days: 7, nowMs: 900 * day },
    ),
  ).toEqual([]);
  expect(prunable([], { days: 7, nowMs: day })).toEqual([]);
});

describe('status', () => {
  const seen = { here: '0/64', there: '0/64', lag: 0n, seconds: 0.5 };
  it.each([
    [aPrimary, seen, 0, 'here', 'nothing'],
    [aStandby, seen, 0, 'there, if its gate is open', 'nothing'],
    [{ ...aPrimary, other: silent }, { ...seen, lag: undefined }, 3, 'here', 'cfha global rejoin'],
    [{ ...aPrimary, views: allSay(undefined) }, seen, 3, 'here', 'the witnesses do not answer'],
    [{ ...aPrimary, gate: 'closed' as const, views: allSay({ epoch: 2, holder: 'second', waitMs: 0 }) }, seen, 4, 'nowhere', 'cfha global switchover on db2'], // prettier-ignore
    [aPrimary, { ...seen, outside: { reached: 0, tried: 3 } }, 0, 'here', 'look for another firewall'],
    [{ ...aPrimary, gate: 'closed' as const }, seen, 4, 'nowhere', 'the gate before the primary is closed'],
    [{ ...aPrimary, server: 'hung' as const }, seen, 4, 'nowhere', 'does not answer: look into its log'],
    [{ ...aPrimary, server: 'starting' as const }, seen, 4, 'nowhere', 'ask again'],
    [{ ...aPrimary, server: 'stopped' as const }, { ...seen, lag: undefined }, 4, 'nowhere', 'start the database here'],
    [
      { ...aPrimary, server: 'stopped' as const, other: silent },
      { ...seen, lag: undefined },
      4,
      'nowhere',
      'that was the primary last',
    ],
    [{ ...aStandby, other: silent }, { ...seen, lag: undefined }, 4, 'nowhere', 'wait for the promotion here'],
    [
      { ...aStandby, other: silent, mine: { ...aStandby.mine, followed: 0 } },
      { ...seen, lag: undefined },
      4,
      'nowhere',
      'bring db1 back: this site was not seen to follow it',
    ],
    [
      { ...aStandby, site: 'first' as const, other: silent, views: undefined },
      { ...seen, lag: undefined },
      4,
      'nowhere',
      'cfha global failover here',
    ],
    [{ ...aStandby, other: aPrimary.other }, { ...seen, lag: undefined }, 4, 'nowhere', 'nobody is the primary'],
    [{ ...aPrimary, server: 'stopped' as const, other: aStandby.other }, { ...seen, lag: undefined }, 3, 'there', 'cfha global rejoin on db1'], // prettier-ignore
  ])('%#', (...[facts, positions, code, writable, todo]) => {
    const status = statusOf(facts, positions);
    expect([status.code, status.writable]).toEqual([code, expect.stringContaining(writable)]);
    expect(status.todo).toContain(todo);
    expect(statusText(status)).toContain(status.writable);
  });
  it('counts what the standby lacks', () => {
    expect(lagOf(aPrimary, { here: 300n, sent: 100n })).toBe(200n);
    expect(lagOf(aStandby, { here: 40n, sent: undefined })).toBe(60n);
    expect(lagOf({ ...aStandby, other: silent }, { here: 40n, sent: undefined })).toBeUndefined();
  });
});

it('the example in the documentation passes the checks', async () => {
  const { readFileSync } = await import('node:fs');
  const page = readFileSync(new URL('../../../docs/global.md', import.meta.url), 'utf8');
  const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
  expect(schema.safeParse(parse(example)).error?.issues).toBeUndefined();
});
