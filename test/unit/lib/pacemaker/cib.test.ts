import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableAnswer } from '../../../../lib/host/exec.ts';
import { readCluster, readNodesAttributes, roleOf } from '../../../../lib/pacemaker/cib.ts';

const state = (uname: string, rest: string, flags = 'in_ccm="true" crmd="online" join="member"') =>
  `<node_state id="1" uname="${uname}" ${flags} expected="member">${rest}</node_state>`;
const operations = (list: string) =>
  `<lrm id="1"><lrm_resources><lrm_resource id="pg" type="cfpgsql">${list}</lrm_resource></lrm_resources></lrm>`;
const operation = (call: number, name: string, code: number) =>
  `<lrm_rsc_op id="pg_${name}_${call}" operation="${name}" call-id="${call}" rc-code="${code}"/>`;
const transient =
  '<transient_attributes id="1"><instance_attributes id="a"><nvpair id="n" name="pg-status" value="HS:async"/></instance_attributes></transient_attributes>';
const cib = (states: string) => `<cib have-quorum="1"><configuration><nodes>
  <node id="1" uname="DB1"><instance_attributes id="x"><nvpair id="y" name="pg-data-status" value="LATEST"/></instance_attributes></node>
  <node id="2" uname="db2"/></nodes></configuration><status>${states}</status></cib>`;
const read = (stdout: string) => readCluster({ code: 0, stdout, stderr: '' }, 'pg');

describe('the CIB', () => {
  it('tells nodes, attributes of both lifetimes and roles', () => {
    const history = operations(operation(9, 'promote', 0) + operation(7, 'start', 0) + operation(3, 'monitor', 7));
    const cluster = read(cib(state('DB1', history) + state('db2', transient)));
    expect(cluster).toEqual({
      quorate: true,
      fencing: true,
      nodes: {
        db1: {
          name: 'DB1',
          online: true,
          inMembership: true,
          expected: 'member',
          role: 'Promoted',
          attributes: { forever: { 'pg-data-status': 'LATEST' }, reboot: {} },
        },
        db2: {
          name: 'db2',
          online: true,
          inMembership: true,
          expected: 'member',
          role: undefined,
          attributes: { forever: {}, reboot: { 'pg-status': 'HS:async' } },
        },
      },
    });
  });

  it('tells a node that is lost from one that has left or was fenced, and whether there is fencing', () => {
    const gone = (expected: string) =>
      `<node_state id="2" uname="db2" in_ccm="false" crmd="offline" join="down" expected="${expected}"/>`;
    const of = (expected: string) => read(cib(gone(expected))).nodes['db2'];
    expect(['member', 'down', '', 'up'].map((word) => of(word)?.expected)).toEqual([
      'member',
      'down',
      undefined,
      undefined,
    ]);
    expect(of('member')).toMatchObject({ online: false, inMembership: false });
    const withOption = (name: string, value: string) =>
      cib('').replace(
        '<nodes>',
        `<crm_config><cluster_property_set id="o"><nvpair id="p" name="${name}" value="${value}"/></cluster_property_set></crm_config><nodes>`,
      );
    const fencing = (name: string, value: string) => read(withOption(name, value)).fencing;
    expect([fencing('stonith-enabled', 'false'), fencing('fencing-enabled', 'no'), fencing('x', '0')]).toEqual([
      false,
      false,
      true,
    ]);
    const policies = ['ignore', 'stop', 'freeze', 'demote', 'suicide'];
    expect(policies.map((policy) => read(withOption('no-quorum-policy', policy)).ignoresQuorum)).toEqual([
      true,
      ...policies.slice(1).map(() => undefined),
    ]);
    expect(read(cib('')).ignoresQuorum).toBeUndefined();
  });

  it('of another node is read as far as it tells attributes, and refused if it is anything else', () => {
    const of = (stdout: string, code = 0) => readNodesAttributes({ code, stdout, stderr: '' });
    const nodes = /<nodes>.*<\/nodes>/s.exec(cib(''))?.[0] ?? '';
    expect(of(nodes)).toEqual({ db1: { 'pg-data-status': 'LATEST' }, db2: {} });
    for (const text of ['', '<cib/>', nodes.slice(0, -9), 'Call failed'])
      expect(() => of(text)).toThrow(UnreadableAnswer);
    expect(() => of(nodes, 102)).toThrow(UnreadableAnswer);
  });

  it('tells a node online only if it is a member of all three layers, in words or, since Pacemaker 2.1.7, in times', () => {
    const flags: Readonly<Record<string, boolean>> = {
      'in_ccm="true" crmd="online" join="member"': true,
      'in_ccm="1790000000" crmd="1790000001" join="member"': true,
      'in_ccm="0" crmd="0" join="down"': false,
      'in_ccm="false" crmd="online" join="member"': false,
      'in_ccm="true" crmd="offline" join="member"': false,
      'in_ccm="true" crmd="online" join="pending"': false,
    };
    for (const [text, online] of Object.entries(flags)) {
      expect([text, read(cib(state('db2', '', text))).nodes['db2']?.online]).toEqual([text, online]);
    }
  });

  it('tells no role of a node that has left', () => {
    const promoted = operations(operation(1, 'promote', 0));
    expect(
      read(cib(state('db2', promoted, 'in_ccm="false" crmd="offline" join="down"'))).nodes['db2']?.role,
    ).toBeUndefined();
  });

  it('truncated anywhere or replaced by garbage is refused', () => {
    const text = cib(state('db2', transient));
    for (let n = 0; n < text.length; n += 7) expect(() => read(text.slice(0, n))).toThrow(UnreadableAnswer);
    fc.assert(fc.property(fc.string(), (garbage) => expect(() => read(garbage)).toThrow(UnreadableAnswer)));
    expect(() => read('<other/>')).toThrow('no whole CIB');
    expect(() => readCluster({ code: 102, stdout: '', stderr: 'Connection refused\n' }, 'pg')).toThrow(
      'Connection refused',
    );
  });
});

describe('the role after a history', () => {
  const op = (call: number, name: string, code: number) => ({
    'call-id': `${call}`,
    operation: name,
    'rc-code': `${code}`,
  });
  const repeated = (call: number, code: number) => ({ ...op(call, 'monitor', code), interval: '3000' });
  const roles: readonly (readonly [string, Parameters<typeof roleOf>[0], ReturnType<typeof roleOf>])[] = [
    ['nothing', [], undefined],
    ['a probe that found a standby', [op(1, 'monitor', 0)], 'Unpromoted'],
    ['a probe that found a primary', [op(1, 'monitor', 8)], 'Promoted'],
    ['start, promote', [op(2, 'start', 0), op(3, 'promote', 0)], 'Promoted'],
    ['an older recurring monitor does not undo a promotion', [op(5, 'promote', 0), op(4, 'monitor', 0)], 'Promoted'],
    ['promote, demote', [op(3, 'promote', 0), op(4, 'demote', 0)], 'Unpromoted'],
    ['demote, stop', [op(4, 'demote', 0), op(5, 'stop', 0)], undefined],
    ['a monitor that found it gone', [op(3, 'promote', 0), op(4, 'monitor', 7)], undefined],
    ['a promotion that failed counts until it is demoted', [op(2, 'start', 0), op(3, 'promote', 1)], 'Promoted'],
    ['a start under way', [op(-1, 'start', 193)], undefined],
    // What is under way has taken the place of the operation before it; the monitors from before that are still there.
    ['a start under way where it was promoted before', [op(-1, 'start', 193), repeated(53, 8)], undefined],
    ['a promotion under way where it was promoted before', [op(-1, 'promote', 193), repeated(53, 8)], 'Unpromoted'],
    ['a promotion under way', [op(-1, 'promote', 193)], 'Unpromoted'],
    ['a demotion under way', [op(-1, 'demote', 193)], 'Promoted'],
    ['a stop under way after a demotion', [op(-1, 'stop', 193), repeated(53, 8)], 'Unpromoted'],
    [
      'a stop under way after a demotion that failed',
      [op(-1, 'stop', 193), repeated(53, 8), op(60, 'demote', 1)],
      'Promoted',
    ],
    ['a first monitor under way', [{ ...repeated(-1, 193) }, op(3, 'promote', 0)], 'Promoted'],
  ];
  it.each(roles)('%s', (_, history, role) => expect(roleOf(history)).toBe(role));
});
