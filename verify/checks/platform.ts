// The system below the server: libraries that sort text, directories outside the data, and what starts or restarts services beside the cluster.
import { startersOf } from '../../bootstrap/starters.ts';
import { parameters } from '../../meta/parameters.ts';
import type { NodeFacts } from '../facts.ts';
import { alike, held, unknown, unless, without, type Check } from '../judgement.ts';
import type { Collation } from '../platform.ts';
import { each } from './nodes.ts';
import { servedOf } from './settings.ts';

const collationManual = 'PostgreSQL manual, ALTER COLLATION and ALTER DATABASE: REFRESH COLLATION VERSION';

function inWords(node: string, { database, collation, recorded, actual }: Collation): string {
  return `${node}: database ${database}${collation === undefined ? '' : `, collation ${collation}`}: recorded ${recorded}, here ${actual ?? 'none'}`;
}

/** Packages whose update restarts the cluster's services or the server. */
function packagesOf({ versions }: NodeFacts): readonly string[] {
  const major = /^\d+/.exec(versions['postgres'] ?? '')?.[0];
  return ['corosync', 'pacemaker', ...(major === undefined ? [] : [`postgresql-${major}`])];
}

/** unattended-upgrades takes patterns that match at the beginning, dnf names with `*`. */
function isExcepted(name: string, by: string, except: readonly string[]): boolean {
  return except.some((one) => {
    try {
      return by === 'apt' ? new RegExp(`^(?:${one})`).test(name) : new RegExp(`^${one.replaceAll('*', '.*')}$`).test(name);
    } catch {
      return false;
    }
  });
} // prettier-ignore

export const platformChecks: readonly Check[] = [
  ...(['glibc', 'ICU'] as const).map((library): Check => ({
    code: `${library.toUpperCase()}_ALIKE`,
    severity: 'critical',
    asks: 'nodes',
    says: `every node has the same version of ${library}: another one may sort text differently, and indexes on text are then silently wrong after a failover`,
    source: 'wiki.postgresql.org/wiki/Locale_data_changes',
    judge: ({ nodes }) => (nodes.every(({ platform }) => platform.libraries[library] === undefined) ? unknown('no node tells') : alike('version', each(nodes, ({ platform }) => platform.libraries[library] ?? ''))),
    remedy: 'the same release of the operating system on all nodes; if a standby was the primary meanwhile: REINDEX of all indexes on text',
  })),
  {
    code: 'COLLATIONS',
    severity: 'critical',
    asks: 'nodes',
    says: 'every node sorts text by the version of its collations that the indexes were made with',
    source: collationManual,
    judge: ({ nodes }) => {
      if (servedOf(nodes).length === 0) return unknown('no server answers');
      return unless(nodes.flatMap(({ node, platform }) => platform.collations.map((one) => inWords(node, one))), 'no database has another version recorded');
    },
    remedy: 'on the primary, in each database named: REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION (of a collation: ALTER COLLATION … REFRESH VERSION)',
  },
  {
    code: 'TABLESPACES',
    severity: 'critical',
    asks: 'nodes',
    says: 'every directory of a tablespace is there on every node, belongs to the server’s user, and holds nothing of others',
    source: 'PostgreSQL manual, CREATE TABLESPACE: a standby ends where the directory is missing',
    judge: ({ nodes, cib }) => {
      const all = nodes.flatMap(({ node, platform }) => platform.tablespaces.map((one) => ({ node, ...one })));
      if (all.length === 0) return servedOf(nodes).some(({ server }) => !server.standby) ? without('the primary has no tablespaces') : unknown('the primary was not asked');
      // an empty one is right only where no server is running on it
      const primary = (name: string) => cib.view.nodes.find((node) => node.name === name)?.role === 'Promoted';
      const bad = all.filter(({ node, state }) => state !== 'ours' && (state !== 'empty' || primary(node)));
      return unless(bad.map(({ node, directory, state }) => `${node}: ${directory} is ${state}`), ...all.map(({ node, directory }) => `${node}: ${directory}`));
    },
    remedy: 'on the node: install -d -o postgres -m 700 DIRECTORY; then pcs resource cleanup',
  },
  {
    code: 'OTHER_STARTERS',
    severity: 'critical',
    asks: 'nodes',
    says: 'nothing but the cluster starts PostgreSQL on the region’s data: no unit of any name, no Debian cluster with `auto`, no @reboot of cron',
    source: 'ClusterLabs/PAF#127: a server that runs before Pacemaker does is taken for the primary',
    judge: ({ nodes, cib }) => {
      const data = cib.postgres.attributes['pgdata'] ?? parameters.pgdata.default;
      return unless(
        nodes.flatMap(({ node, platform }) => startersOf(platform.starters, data).map(({ what, command }) => `${node}: ${what}: ${command}`)),
        'none was found',
      );
    },
    remedy: 'systemctl disable UNIT (not --now while its server is in use); in start.conf: manual; remove the line of cron',
  },
  {
    code: 'NEEDRESTART',
    severity: 'warning',
    asks: 'nodes',
    says: 'needrestart leaves the cluster’s services alone: restarted after an update, they fence nodes or stop the primary',
    source: 'docs/operations.md, “Updates by themselves”',
    judge: ({ nodes }) => {
      if (nodes.every(({ platform }) => platform.needrestart === undefined)) return held('it is not installed');
      const restarts = nodes.flatMap(({ node, platform: { needrestart: one } }) => (one === undefined || one.mode === 'l' || one.units.length === 0 ? [] : [`${node}: needrestart restarts ${one.units.join(', ')} (mode ${one.mode})`]));
      return unless(restarts, 'it leaves them alone');
    },
    remedy: "in /etc/needrestart/conf.d/cfha.conf: $nrconf{override_rc}{qr(^(corosync|pacemaker|pcsd)\\b)} = 0;",
  },
  {
    code: 'UNATTENDED_UPGRADES',
    severity: 'warning',
    asks: 'nodes',
    says: 'no update of Corosync, Pacemaker or PostgreSQL is installed by itself, on all nodes in the same hour',
    source: 'docs/operations.md, “Updates by themselves”',
    judge: ({ nodes }) => {
      if (nodes.every(({ platform }) => platform.upgrades === undefined)) return held('no updates are installed by themselves');
      const bad = nodes.flatMap((node) => {
        const { upgrades } = node.platform;
        const left = upgrades === undefined ? [] : packagesOf(node).filter((name) => !isExcepted(name, upgrades.by, upgrades.except));
        return left.length === 0 ? [] : [`${node.node}: ${upgrades?.by === 'dnf' ? 'dnf-automatic' : 'unattended-upgrades'} installs updates of ${left.join(', ')}`];
      });
      return unless(bad, 'they are left out');
    },
    remedy: 'Unattended-Upgrade::Package-Blacklist { "corosync"; "pacemaker"; "postgresql"; }; with dnf: excludepkgs=corosync*,pacemaker*,postgresql*',
  },
]; // prettier-ignore
