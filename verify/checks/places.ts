// What an instance needs for itself: directories, an environment, room for a copy beside the data.
import { parameters, type ParameterName } from '../../meta/parameters.ts';
import { readWays } from '../../meta/types.ts';
import type { CibFacts, NodeFacts, Primitive } from '../facts.ts';
import { held, unknown, unless, type Check, type Judgement } from '../judgement.ts';

function isPostgres({ agent }: Primitive): boolean {
  return /:(cf)?pgsql$/.test(agent);
}

function valueOf({ attributes }: Primitive, name: ParameterName): string {
  const given = attributes[name] ?? '';
  return given === '' ? parameters[name].default : given;
}

/** Pairs of resources with the same value. `of`: undefined where a resource does not use it. */
function shared(cib: CibFacts, name: ParameterName, of: (primitive: Primitive) => boolean): readonly string[] {
  const users = cib.primitives.filter((one) => isPostgres(one) && of(one));
  return users.flatMap((one, at) =>
    users
      .slice(at + 1)
      .filter((other) => valueOf(one, name) === valueOf(other, name))
      .map((other) => `${one.id} and ${other.id}: ${name}=${valueOf(one, name)}`),
  );
}

function eachThat(
  nodes: readonly NodeFacts[],
  objection: (node: NodeFacts) => string | undefined,
  evidence: string,
): Judgement {
  if (nodes.length === 0) return unknown('no node answers');
  return unless(
    nodes.flatMap((node) => {
      const says = objection(node);
      return says === undefined ? [] : [`${node.node}: ${says}`];
    }),
    evidence,
  );
}

export const placeChecks: readonly Check[] = [
  {
    code: 'DIRECTORIES_OWN',
    severity: 'critical',
    asks: 'configuration',
    says: 'no two PostgreSQL resources have the same tmpdir or data directory',
    source: 'RA#591: the lock, and a rewind that was begun, would be taken for the other one’s',
    judge: ({ cib }) =>
      unless(
        [...shared(cib, 'tmpdir', (one) => valueOf(one, 'rep_mode') !== 'none'), ...shared(cib, 'pgdata', () => true)],
        'each has its own',
      ),
    remedy: 'pcs resource update RESOURCE tmpdir=/var/lib/pgsql/RESOURCE; where both never run on one node, it is no fault',
  },
  {
    code: 'COPY_POSSIBLE',
    severity: 'warning',
    asks: 'nodes',
    says: 'a copy of the primary can take the place of the data, where rejoin allows one',
    source: 'docs/operations.md, CLONE_REFUSED',
    judge: ({ nodes, cib }) => {
      const ways = readWays(valueOf(cib.postgres, 'rejoin')) ?? [];
      if (!ways.includes('clone')) return held('rejoin does not name clone');
      return eachThat(nodes, ({ copyObstacle }) => copyObstacle, 'it can');
    },
    remedy: 'the data directory as a directory below the mount point, pg_wal and all tablespaces inside it; or rejoin=rewind, and a copy by hand',
  },
  {
    code: 'REMOVE_IPC',
    severity: 'critical',
    asks: 'nodes',
    says: 'systemd removes no shared memory of the server when its user logs out',
    source: 'PostgreSQL manual, 19.4.2 systemd RemoveIPC',
    judge: ({ nodes }) => {
      const known = nodes.filter(({ ipc }) => ipc !== undefined);
      if (known.length === 0) return unknown('systemd-logind does not tell');
      return eachThat(known, ({ ipc }) => (ipc !== undefined && ipc.removed && ipc.uid > ipc.systemUidMax ? `RemoveIPC is on, and the uid ${String(ipc.uid)} of pgdba is that of no system user` : undefined), 'pgdba is a system user, or RemoveIPC is off');
    },
    remedy: 'RemoveIPC=no in /etc/systemd/logind.conf, then systemctl restart systemd-logind; or a pgdba made with useradd --system',
  },
  {
    code: 'SERVER_ENVIRONMENT',
    severity: 'advice',
    asks: 'nodes',
    says: 'the server has the environment that its administrator wants',
    source: 'docs/operations.md, "The environment of the server"',
    judge: ({ nodes }) => {
      const files = nodes.flatMap(({ node, environmentFiles }) => environmentFiles.map((file) => `${node}: ${file} is read by pg_ctlcluster only, not by Pacemaker`));
      return files.length === 0 ? held('no file is left unread') : unless(files);
    },
    remedy: 'the same lines in /etc/default/pacemaker, on every node; then cfha standby NODE and restart Pacemaker there',
  },
]; // prettier-ignore
