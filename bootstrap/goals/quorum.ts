// Goals on what a cluster votes with, beyond its nodes: a second ring, and a quorum device. Only if the file asks for them.
import * as pcs from '../../lib/pacemaker/pcs.ts';
import { secondRing } from '../addresses.ts';
import type { Context } from '../context.ts';
import { on, type Facts } from '../facts.ts';
import type { Goal } from '../goal.ts';
import { lackingOn, nodeNames } from './nodes.ts';

/** A region that was made without one gets it while it runs. (A new one is created with it.) */
export function links(context: Context): Goal[] {
  const ring = secondRing(context.spec);
  if (ring.length === 0) return [];
  const has = (facts: Facts, name: string, of: { name: string; address: string }) =>
    on(facts, name).corosync?.nodes.some((node) => node.name === of.name && node.second === of.address) === true;
  return [
    {
      id: 'cluster/second-ring',
      says: `Corosync has a second ring (${ring.map(({ address }) => address).join(', ')})`,
      lacks: (facts) =>
        lackingOn(nodeNames(context), facts, (_, name) =>
          ring.every((one) => has(facts, name, one)) ? [] : ['its corosync.conf has no second ring'],
        ),
      commands: () => [
        { on: context.layout.first.name, says: 'add the second ring', run: pcs.linkAdd(ring) },
      ],
      withinSeconds: 30,
    },
  ]; // prettier-ignore
}

const unit = 'corosync-qdevice.service';

/** The quorum device: pcs must be allowed to command its host, which gives the cluster a certificate. */
export function quorumDevice({ spec, layout, passwords }: Context): Goal[] {
  const { quorum } = spec;
  if (quorum === undefined) return [];
  const { host, address, algorithm } = quorum;
  const first = layout.first.name;
  const all = spec.nodes.map(({ name }) => name);
  const device = (facts: Facts) => on(facts, first).corosync?.device;
  const lacking = (facts: Facts): string[] => {
    const found = device(facts);
    if (found?.host !== host || found.algorithm !== algorithm)
      return [
        `${first}: corosync.conf has ${found === undefined ? 'no quorum device' : `${found.host} (${found.algorithm})`}`,
      ];
    return lackingOn(all, facts, ({ units }) => (units[unit]?.active === true ? [] : [`${unit} does not run`]));
  };
  return [
    {
      id: 'cluster/quorum-host',
      says: `pcs of ${first} may command ${host}`,
      lacks: (facts) => (on(facts, first).authenticated.includes(host) ? [] : [`${first} has no token for ${host}`]),
      commands: () => [
        { on: first, says: `authenticate ${host}`, run: pcs.hostAuth([{ name: host, address }]), input: `${passwords.quorum}\n` },
      ],
    },
    {
      id: 'cluster/quorum-device',
      says: `the cluster has a quorum device at ${host} (${algorithm})`,
      lacks: lacking,
      commands: (facts) => {
        const found = device(facts);
        if (found === undefined) return [{ on: first, says: 'add it', run: pcs.quorumDeviceAdd(host, algorithm) }];
        if (found.host !== host || found.algorithm !== algorithm)
          return [{ on: first, says: 'change it', run: pcs.quorumDeviceUpdate(host, algorithm) }];
        return all
          .filter((name) => on(facts, name).units[unit]?.active !== true)
          .map((name) => ({ on: name, says: `start ${unit}`, run: ['systemctl', 'enable', '--now', unit] as const }));
      },
      withinSeconds: 30,
    },
  ]; // prettier-ignore
}
