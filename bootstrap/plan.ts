// A region's goals, in the order in which they are reached.
import type { Context } from './context.ts';
import type { Goal } from './goal.ts';
import { archivePrepared, archiveReady } from './goals/archive.ts';
import * as cluster from './goals/cluster.ts';
import * as configuration from './goals/configuration.ts';
import { firewall } from './goals/firewall.ts';
import * as nodes from './goals/nodes.ts';
import { initialised } from './goals/origin.ts';
import * as postgres from './goals/postgres.ts';
import { links, quorumDevice } from './goals/quorum.ts';
import * as provision from './goals/provision.ts';
import * as server from './goals/server.ts';
import { healthy } from './goals/region.ts';

/** All goals of a region. */
export function goalsOf(context: Context): Goal[] {
  const made = [
    nodes.executable, nodes.names, provision.storage, nodes.secrets, firewall, nodes.ownService,
    provision.routes, provision.archive, archivePrepared, initialised, archiveReady, postgres.cloned, server.settings, server.logrotate, postgres.handedOver, provision.labelled,
    nodes.pcsd, cluster.noDefault, cluster.authenticated, cluster.created, cluster.started, cluster.enabled, cluster.online, links, quorumDevice,
    configuration.configured, configuration.reconfigured, healthy, server.database, server.inForce,
  ]; // prettier-ignore
  return made.flatMap((make) => make(context));
}
