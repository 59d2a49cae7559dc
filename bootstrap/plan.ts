// A region's goals, in the order in which they are reached.
import type { Context } from './context.ts';
import type { Goal } from './goal.ts';
import { archivePrepared, archiveReady } from './goals/archive.ts';
import * as cluster from './goals/cluster.ts';
import * as nodes from './goals/nodes.ts';
import * as postgres from './goals/postgres.ts';
import { healthy } from './goals/region.ts';

/** All goals of a region. */
export function goalsOf(context: Context): Goal[] {
  const made = [
    nodes.executable, nodes.names, nodes.secrets, nodes.ownService,
    archivePrepared, postgres.initialised, archiveReady, postgres.cloned, postgres.settings, postgres.handedOver,
    nodes.pcsd, cluster.noDefault, cluster.authenticated, cluster.created, cluster.started, cluster.enabled, cluster.online,
    cluster.configured, healthy, postgres.database,
  ]; // prettier-ignore
  return made.flatMap((make) => make(context));
}
