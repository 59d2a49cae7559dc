// Goals on the cluster: Corosync and Pacemaker on all nodes, then Pacemaker's configuration in one difference.
import * as pcs from '../../lib/pacemaker/pcs.ts';
import type { Context } from '../context.ts';
import { clusterOf, on, type CorosyncFacts, type Facts } from '../facts.ts';
import type { Goal } from '../goal.ts';
import { lackingOn, nodeNames } from './nodes.ts';

/** Debian's packages come with the configuration of a cluster of one node: nobody's. */
export function isDistributionDefault(found: CorosyncFacts): boolean {
  return found.name === 'debian' && found.nodes.every((node) => node.address.startsWith('127.'));
}

// Enough for pcs to make another: `pcs cluster setup` removes whatever else there is (and `pcs cluster destroy` takes 4 s a node).
const removal = 'systemctl stop pacemaker corosync; rm -f /etc/corosync/corosync.conf';

export function noDefault(context: Context): Goal {
  const all = nodeNames(context);
  const has = (facts: Facts, name: string) => {
    const found = on(facts, name).corosync;
    return found !== undefined && isDistributionDefault(found);
  };
  return {
    id: 'cluster/default-removed',
    says: 'the cluster that the distribution’s packages came with is gone',
    lacks: (facts) =>
      all.filter((name) => has(facts, name)).map((name) => `${name}: cluster "debian" of the distribution`),
    commands: (facts) =>
      all
        .filter((name) => has(facts, name))
        .map((name) => ({
          on: name,
          says: 'remove cluster "debian"',
          run: ['sh', '-euc', removal, 'debian'] as const,
        })),
  };
}

/** Whether a node's corosync.conf is that of the region. */
export function isRegion({ spec }: Pick<Context, 'spec'>, found: CorosyncFacts | undefined): boolean {
  const same = (a: string, b: string) => found?.nodes.some((node) => node.name === a && node.address === b) === true;
  return (
    found?.name === spec.region &&
    found.nodes.length === spec.nodes.length &&
    spec.nodes.every((n) => same(n.name, n.address))
  );
}

export function authenticated(context: Context): Goal {
  const { spec, layout, hacluster } = context;
  const all = nodeNames(context);
  return {
    id: 'cluster/authenticated',
    says: `pcs of ${layout.first.name} may command all nodes`,
    lacks: (facts) =>
      all
        .filter((n) => !on(facts, layout.first.name).authenticated.includes(n))
        .map((n) => `${layout.first.name} has no token for ${n}`),
    commands: () => [
      ...all.map((name) => ({
        on: name,
        says: 'give hacluster a random password',
        run: ['chpasswd'] as const,
        input: `hacluster:${hacluster}\n`,
      })),
      { on: layout.first.name, says: 'authenticate the nodes', run: pcs.hostAuth(spec.nodes), input: `${hacluster}\n` },
    ],
  };
}

export function created(context: Context): Goal {
  const { spec, layout } = context;
  const all = nodeNames(context);
  return {
    id: 'cluster/created',
    says: `Corosync cluster "${spec.region}" exists on ${all.join(', ')}`,
    lacks: (facts) =>
      lackingOn(all, facts, ({ corosync }) => (isRegion(context, corosync) ? [] : [`no cluster "${spec.region}"`])),
    // pcs writes node after node: one that an interrupted run left with a cluster must take the new one, hence --force.
    // (What was there before is looked at by the preflight: nothing, or this region without resources.)
    commands: () => [
      { on: layout.first.name, says: 'create the cluster', run: pcs.clusterSetup(spec.region, spec.nodes) },
    ],
  };
}

export function started(context: Context): Goal {
  const { layout } = context;
  const all = nodeNames(context);
  const units = ['corosync.service', 'pacemaker.service'];
  return {
    id: 'cluster/started',
    says: 'Corosync and Pacemaker run on all nodes',
    lacks: (facts) =>
      lackingOn(all, facts, (host) =>
        units.filter((unit) => host.units[unit]?.active !== true).map((unit) => `${unit} does not run`),
      ),
    commands: () => [{ on: layout.first.name, says: 'start the cluster', run: pcs.clusterStart(120) }],
  };
}

export function enabled(context: Context): Goal {
  const all = nodeNames(context);
  const units = ['corosync.service', 'pacemaker.service'];
  return {
    id: 'cluster/enabled',
    says: 'they start at boot',
    lacks: (facts) =>
      lackingOn(all, facts, (host) =>
        units.filter((unit) => host.units[unit]?.enabled !== true).map((unit) => `${unit} is not enabled`),
      ),
    // What `pcs cluster enable --all` does, in a tenth of its time.
    commands: () =>
      all.map((name) => ({ on: name, says: 'enable the cluster', run: ['systemctl', 'enable', ...units] as const })),
  };
}

export function online(context: Context): Goal {
  const all = nodeNames(context);
  return {
    id: 'cluster/online',
    says: 'all nodes are online and have quorum',
    withinSeconds: 120,
    lacks: (facts) => {
      const cluster = clusterOf(facts)?.status;
      if (cluster === undefined) return ['Pacemaker does not answer'];
      const offline = all.filter((name) => cluster.nodes[name]?.online !== true).map((name) => `${name} is not online`);
      return cluster.quorate ? offline : [...offline, 'the cluster has no quorum'];
    },
    commands: () => [],
  };
}
