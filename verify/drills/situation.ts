// What the static look knew -> the situation that drills are made for. Pure.
import { primaryOf } from '../../cli/region/view.ts';
import { parameters, type ParameterName } from '../../meta/parameters.ts';
import { ownDevice } from '../checks/nodes.ts';
import type { CibFacts, NodeFacts } from '../facts.ts';
import type { Situation } from './drill.ts';

type Known = {
  readonly cib: CibFacts;
  readonly nodes: readonly NodeFacts[];
  readonly database: string;
  readonly onNode: string | undefined;
};

/** Undefined: there is no primary, or no standby. */
export function situationOf({ cib, nodes, database, onNode }: Known): Situation | undefined {
  const names = cib.view.nodes.map(({ name }) => name);
  const primary = primaryOf(cib.view)?.name;
  const standbys = names.filter((name) => name !== primary);
  const [standby] = standbys;
  if (primary === undefined || standby === undefined) return undefined;
  const each = <T>(of: (node: NodeFacts) => T) => Object.fromEntries(nodes.map((node) => [node.node, of(node)]));
  const settings = (name: string) => nodes.find(({ node }) => node === name)?.server?.settings ?? {};
  return {
    ...{ primary, standbys, standby, nodes: names, cib, database, onNode },
    place: placeOf(cib),
    mode: cib.postgres.attributes['rep_mode'] === 'sync' ? 'sync' : 'async',
    containers: each(({ container }) => container),
    walOnRoot: each(({ walOnRoot }) => walOnRoot),
    macs: each((node) => node.macs[ownDevice(node) ?? ''] ?? ''),
    archive: {
      configured: !['off', undefined].includes(settings(primary)['archive_mode']) && (settings(primary)['archive_command'] ?? '') !== '', // prettier-ignore
      restoreCommand: settings(standby)['restore_command'] ?? '',
    },
  };
}

function placeOf(cib: CibFacts): Situation['place'] {
  const given = (name: ParameterName) => cib.postgres.attributes[name] ?? parameters[name].default;
  const { socketdir } = cib.postgres.attributes;
  return {
    pgdata: given('pgdata'),
    bindir: given('pgctl').replace(/\/pg_ctl$/, ''),
    pgdba: given('pgdba'),
    port: given('pgport'),
    socket: socketdir === undefined ? '' : `-h ${socketdir}`,
  };
}
