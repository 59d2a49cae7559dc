// The last goal: a region that works, whichever node its primary is on.
import { attributes } from '../../meta/attributes.ts';
import { virtualsOf } from '../addresses.ts';
import type { Context } from '../context.ts';
import { clusterOf, on, type Facts } from '../facts.ts';
import type { Goal } from '../goal.ts';
import { resourceName } from '../pacemaker/wanted.ts';
import { nodeNames } from './nodes.ts';

const status = attributes.status.name(resourceName);
const dataStatus = attributes.dataStatus.name(resourceName);
const obstacle = attributes.obstacle.name(resourceName);

/** The node whose instance Pacemaker has promoted and that says so itself. */
export function primaryOf(context: Context, facts: Facts): string | undefined {
  const nodes = clusterOf(facts)?.status.nodes ?? {};
  return nodeNames(context).find((name) => nodes[name]?.attributes.reboot[status] === 'PRI');
}

export function healthy(context: Context): Goal {
  const { vip } = context.spec;
  return {
    id: 'region/healthy',
    says: `the region is healthy: a primary, every other node streams from it, the database answers at ${vip.address}`,
    withinSeconds: 180,
    lacks: (facts) => {
      const cluster = clusterOf(facts)?.status;
      if (cluster === undefined) return ['Pacemaker does not answer'];
      const primary = primaryOf(context, facts);
      return [
        ...(primary === undefined ? [`no node has ${status} = PRI`] : primaryLacks(context, facts, primary)),
        ...standbysLack(
          context,
          facts,
          nodeNames(context).filter((name) => name !== primary),
        ),
      ];
    },
    commands: () => [],
  };
}

function primaryLacks({ spec }: Context, facts: Facts, name: string): string[] {
  const { server, addresses } = on(facts, name);
  const { role, attributes: found } = clusterOf(facts)?.status.nodes[name] ?? {};
  const data = found?.forever[dataStatus] ?? 'not set';
  const vip = spec.vip.address;
  const missing = virtualsOf(spec).filter(({ address }) => !addresses.includes(address));
  return [
    ...unless(role === 'Promoted', `${name}: not promoted`),
    ...unless(data === 'LATEST', `${name}: ${dataStatus} is ${data}, not LATEST`),
    ...unless(server.state === 'primary', `${name}: PostgreSQL is ${server.state}, not a primary`),
    ...missing.map(({ address }) => `${name}: does not have ${address}`),
    ...Object.entries(facts.hosts).flatMap(([from, { vipAnswers }]) =>
      unless(vipAnswers, `${from}: no answer from PostgreSQL at ${vip}`),
    ),
  ];
}

function unless(holds: boolean, what: string): string[] {
  return holds ? [] : [what];
}

const streaming = {
  async: { status: 'HS:async', data: 'STREAMING|ASYNC' },
  sync: { status: 'HS:sync', data: 'STREAMING|SYNC' },
  quorum: { status: 'HS:sync', data: 'STREAMING|QUORUM' },
} as const;

/** With `synchronous_standbys` all are of the quorum; else commits wait for one, whichever was first. */
function standbysLack({ spec }: Context, facts: Facts, names: readonly string[]): string[] {
  const { mode, synchronous_standbys } = spec.postgres.replication;
  if (mode === 'async') return names.flatMap((name) => standbyLacks(facts, name, streaming.async));
  if (synchronous_standbys !== undefined) return names.flatMap((name) => standbyLacks(facts, name, streaming.quorum));
  const waitedFor = names.find((name) => standbyLacks(facts, name, streaming.sync).length === 0) ?? names[0];
  return names.flatMap((name) => standbyLacks(facts, name, name === waitedFor ? streaming.sync : streaming.async));
}

function standbyLacks(facts: Facts, name: string, wanted: { status: string; data: string }): string[] {
  const node = clusterOf(facts)?.status.nodes[name];
  const says = node?.attributes.reboot[status];
  const data = node?.attributes.forever[dataStatus];
  return [
    ...unless(says === wanted.status, `${name}: ${status} is ${says ?? 'not set'}, not ${wanted.status}`),
    ...unless(data === wanted.data, `${name}: ${dataStatus} is ${data ?? 'not set'}, not ${wanted.data}`),
    ...Object.entries(node?.attributes.reboot ?? {}).flatMap(([key, why]) =>
      key === obstacle ? [`${name}: ${why}`] : [],
    ),
  ];
}
