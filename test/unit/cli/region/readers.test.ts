import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readLocal } from '../../../../cli/region/local.ts';
import { readView } from '../../../../cli/region/view.ts';
import { UnreadableAnswer } from '../../../../lib/host/exec.ts';
import { lastFencing } from '../../../../lib/pacemaker/fence-history.ts';

const recorded = readFileSync(join(import.meta.dirname, '../../../recordings/cibadmin/2.1.5/region.xml'), 'utf8');
const answer = (stdout: string) => ({ code: 0, stdout, stderr: '' });

/** A value, or the refusal that readers give: nothing else. */
function readable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    return error instanceof UnreadableAnswer;
  }
}

describe('the region in a CIB', () => {
  it('is read from a recorded one', () => {
    expect(readView(answer(recorded), undefined)).toMatchObject({
      resource: 'postgresql',
      clone: 'postgresql-clone',
      nodes: [
        { name: 'db1', online: true, role: 'Promoted', standby: false, failures: 0 },
        { name: 'db2', online: true, role: 'Unpromoted' },
      ],
      vip: { address: '10.77.0.100', on: 'db1' },
      devices: [{ id: 'fencing', failed: false }],
      ...{ quorate: true, maintenance: false, stonith: true, bans: [] },
    });
  });

  it('knows that a former primary which is being started is none', () => {
    const file = join(import.meta.dirname, '../../../recordings/cibadmin/2.1.5/starting-again.xml');
    const { nodes, vip } = readView(answer(readFileSync(file, 'utf8')), undefined);
    expect(nodes.map(({ name, role }) => [name, role])).toEqual([['db1', 'Promoted'], ['db2', undefined]]);
    expect(vip?.on).toBe('db1');
  }); // prettier-ignore

  it('knows that an address which is being started is not there yet', () => {
    const pending =
      '<lrm_rsc_op id="pgvip_last_0" operation="start" call-id="-1" rc-code="193" op-status="-1" interval="0"/>';
    const again = recorded.replace(/<lrm_rsc_op id="pgvip_last_0"[^>]*operation="start"[^>]*>/, pending);
    expect(again).toContain(pending);
    expect(readView(answer(again), undefined).vip?.on).toBeUndefined();
  });

  it('knows that fencing is off by any word and by either name', () => {
    const off = (name: string, value: string) => recorded.replace(/name="stonith-enabled" value="true"/, `name="${name}" value="${value}"`);
    for (const [name, value] of [['stonith-enabled', 'off'], ['stonith-enabled', 'No'], ['stonith-enabled', '0'], ['fencing-enabled', 'false']] as const)
      expect([name, value, readView(answer(off(name, value)), undefined).stonith]).toEqual([name, value, false]);
  }); // prettier-ignore

  describe('names the virtual IP of the clients', () => {
    const address = (id: string, ip: string) =>
      `<primitive id="${id}" class="ocf" type="IPaddr2" provider="heartbeat"><instance_attributes id="${id}-a"><nvpair id="${id}-ip" name="ip" value="${ip}"/></instance_attributes></primitive>`;
    const follows = (id: string, role: string) =>
      `<rsc_colocation id="c-${id}" rsc="${id}" with-rsc="postgresql-clone" with-rsc-role="${role}" score="INFINITY"/>`;
    const masterIp = (ip: string) => recorded.replace(/(name="master_ip" value=")[^"]*/, `$1${ip}`);
    const withMore = (resources: string, constraints: string, ip = '10.77.0.101') =>
      masterIp(ip)
        .replace('<resources>', `<resources>${resources}`)
        .replace('<constraints>', `<constraints>${constraints}`);

    it.each([
      ['beside one for standbys', withMore(address('rep', '10.77.0.101'), follows('rep', 'Promoted')), 'pgvip'],
      [
        'in a group with one for standbys',
        withMore(
          `<group id="addresses">${address('vip-rep', '10.77.0.101')}${address('vip-master', '10.77.0.102')}</group>`,
          follows('addresses', 'Master'),
        ).replace(/<rsc_colocation rsc="pgvip"[^>]*>/, ''),
        'vip-master',
      ],
      [
        'beside one that follows a standby',
        withMore(address('ro', '10.77.0.102'), follows('ro', 'Unpromoted'), '10.77.0.100'),
        'pgvip',
      ],
      ['beside one that follows nothing', withMore(address('other', '10.77.0.102'), '', '10.77.0.100'), 'pgvip'],
      ['that is the one for standbys too', recorded, 'pgvip'],
      ['that follows nothing', recorded.replace(/<rsc_colocation [^>]*>/, ''), 'pgvip'],
    ])('%s', (_, cib, id) => {
      expect(readView(answer(cib), 'postgresql').vip?.id).toBe(id);
    });

    it('or none', () => {
      const without = masterIp('10.77.0.101').replace(/<rsc_colocation [^>]*>/, '');
      expect(readView(answer(without), 'postgresql').vip).toBeUndefined();
    });
  });

  it('tells failures, constraints, standby and maintenance', () => {
    const changed = recorded
      .replace('<nvpair id="status-2-.feature-set"', '<nvpair id="f" name="fail-count-postgresql#promote_0" value="INFINITY"/><nvpair id="status-2-.feature-set"')
      .replace('<constraints>', '<constraints><rsc_location id="b" rsc="postgresql-clone"><rule id="r" score="-INFINITY"><expression id="e" attribute="#uname" operation="eq" value="db1"/></rule></rsc_location>')
      .replace('<nvpair id="nodes-2-', '<nvpair id="s" name="standby" value="on"/><nvpair id="nodes-2-')
      .replace('name="have-watchdog" value="false"', 'name="maintenance-mode" value="true"'); // prettier-ignore
    const view = readView(answer(changed), 'postgresql');
    expect(view).toMatchObject({ maintenance: true, bans: [{ id: 'b', node: 'db1' }] });
    expect(view.nodes[1]).toMatchObject({ failures: Infinity, standby: true, reason: undefined });
    const failed = recorded.replaceAll('rc-code="0"', 'rc-code="1" exit-reason="[LOCKED] locked"');
    expect(readView(answer(failed), 'postgresql').nodes[1]?.reason).toBe('[LOCKED] locked');
  });

  it('is refused when it is something else, with the resources there are', () => {
    expect(() => readView(answer(recorded), 'mysql')).toThrow(/has: postgresql/);
    const cut = (text: string) => fc.integer({ min: 0, max: text.length - 1 }).map((at) => text.slice(0, at));
    fc.assert(fc.property(fc.oneof(fc.string(), cut(recorded)), (text) => readable(() => readView(answer(text), undefined))));
  }); // prettier-ignore
});

describe('what the server says', () => {
  it('is read', () => {
    const row = { standby: false, senders: '[["db2","streaming",120,0.01]]', behind: null, silent: null, slots: 2, slot_limit: '4GB', strays: '["app"]' };
    const slots = { count: 2, limit: '4GB', strays: ['app'] };
    expect(readLocal(row)).toEqual({ role: 'primary', standbys: [{ node: 'db2', state: 'streaming', bytes: 120, seconds: 0.01 }], slots });
    const none = { count: 0, limit: undefined, strays: [] };
    expect(readLocal({ standby: true, behind: '0', silent: '0.5', slots: 0, slot_limit: null })).toEqual({ role: 'standby', behindBytes: 0, silentSeconds: 0.5, slots: none });
  }); // prettier-ignore

  it('is refused when it is something else', () => {
    const row = fc.record({
      standby: fc.anything(),
      senders: fc.anything(),
      behind: fc.anything(),
      silent: fc.anything(),
      slots: fc.anything(),
      slot_limit: fc.anything(),
      strays: fc.anything(),
    });
    fc.assert(fc.property(row, (given) => readable(() => readLocal(given))));
  });
});

describe('the last fencing', () => {
  const event = (completed: string, status: string) =>
    `<fence_event action="reboot" target="db2" client="c" origin="db1" status="${status}" completed="${completed}"/>`;

  it('is the one that ended last', () => {
    const list = event('2026-11-25 06:00:00Z', 'success') + event('2026-11-25 07:00:00Z', 'failed');
    expect(lastFencing(answer(`<pacemaker-result><list>${list}</list></pacemaker-result>`))).toEqual({
      says: 'reboot of db2 at 2026-11-25 07:00:00Z: failed',
      failed: true,
    });
  });

  it('is unknown when the answer is something else', () => {
    fc.assert(fc.property(fc.string(), (text) => lastFencing(answer(text)) === undefined));
  });
});
