import { describe, expect, it } from '@jest/globals';
import { UnreadableAnswer } from '../../../../lib/host/exec.ts';
import { readConfiguration } from '../../../../lib/pacemaker/configuration.ts';
import { dialectOf } from '../../../../lib/pacemaker/dialect.ts';
import * as pcs from '../../../../lib/pacemaker/pcs.ts';

const xml = `<cib><configuration><crm_config><cluster_property_set id="a"><nvpair id="b" name="stonith-enabled" value="true"/></cluster_property_set></crm_config>
<nodes/><resources><primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2"><instance_attributes id="c"><nvpair id="d" name="ip" value="10.0.0.1"/></instance_attributes>
<operations><op id="e" name="monitor" interval="10s"/></operations></primitive><clone id="pg-clone"><meta_attributes id="f"><nvpair id="g" name="notify" value="true"/></meta_attributes>
<primitive id="pg" class="ocf" provider="custom" type="cfpgsql"/></clone></resources><constraints><rsc_order id="h" first="pg-clone" then="vip"/></constraints></configuration></cib>`;

describe('a configuration', () => {
  it('is read from the CIB', async () => {
    expect(await readConfiguration(xml)).toEqual({
      properties: { 'stonith-enabled': 'true' },
      levels: [],
      resourceDefaults: {},
      resources: {
        vip: {
          agent: 'ocf:heartbeat:IPaddr2',
          attributes: { ip: '10.0.0.1' },
          meta: {},
          operations: [{ id: 'e', name: 'monitor', interval: '10s' }],
        },
        pg: { agent: 'ocf:custom:cfpgsql', attributes: {}, meta: {}, operations: [] },
      },
      clones: { 'pg-clone': { of: 'pg', meta: { notify: 'true' } } },
      constraints: [{ constraint: 'order', first: 'pg-clone', then: 'vip' }],
    });
  });

  it('is not read from garbage or half of one', async () => {
    for (let length = 0; length < xml.length; length += 7) {
      await expect(readConfiguration(xml.slice(0, length))).rejects.toThrow(UnreadableAnswer);
    }
    await expect(readConfiguration('<cib/>')).rejects.toThrow(UnreadableAnswer);
  });
});

describe('pcs', () => {
  it('creates resources and fence devices', () => {
    const create = pcs.onFile('/f', dialectOf({})).create;
    const rest = { attributes: { ip: '1' }, operations: [{ name: 'monitor', interval: '9s' }], meta: {} };
    expect(create({ id: 'a', agent: 'ocf:heartbeat:IPaddr2', ...rest }).join(' ')).toBe(
      'pcs -f /f resource create a ocf:heartbeat:IPaddr2 ip=1 op monitor interval=9s',
    );
    expect(create({ id: 'b', agent: 'stonith:fence_x', ...rest }).join(' ')).toBe(
      'pcs -f /f stonith create b fence_x ip=1 op monitor interval=9s',
    );
  });

  it('names nodes with their addresses', () => {
    expect(pcs.hostAuth([{ name: 'db1', address: '10.0.0.1' }]).join(' ')).toBe(
      'pcs host auth -u hacluster db1 addr=10.0.0.1',
    );
  });
});
