// Replication, archive, certificates, disks: what a failover needs that no configuration shows.
import { limitNames } from '../../lib/postgres/limits.ts';
import type { NodeFacts, ServerFacts, Tried } from '../facts.ts';
import { held, unknown, unless, without, type Check, type Judgement } from '../judgement.ts';
import { servedOf } from './settings.ts';

function tried(nodes: readonly NodeFacts[], of: (node: NodeFacts) => readonly Tried[]): Judgement {
  const all = nodes.flatMap((node) => of(node).map((one) => ({ from: node.node, ...one })));
  if (all.length === 0) return unknown('nothing was tried');
  const bad = all.filter(({ ok }) => !ok);
  return unless(bad.map(({ from, to, says }) => `${from} → ${to}: ${says}`), ...all.map(({ from, to }) => `${from} → ${to}`));
} // prettier-ignore

const gib = 1024 ** 3;

/** The settings of a standby that are smaller than the primary's: PostgreSQL pauses replay for them. */
function belowPrimary({ settings }: ServerFacts, nodes: readonly NodeFacts[]): string {
  const primary = servedOf(nodes).find(({ server }) => !server.standby)?.server.settings;
  const below = limitNames.filter((name) => Number(settings[name]) < Number(primary?.[name]));
  return below
    .map((name) => `, and ${name} is ${settings[name] ?? ''}, the primary’s ${primary?.[name] ?? ''}`)
    .join('');
}

export const replicationChecks: readonly Check[] = [
  {
    code: 'PORTS_OPEN',
    severity: 'critical',
    asks: 'nodes',
    says: 'every node reaches PostgreSQL’s port on every other one: after a failover the standby is the server',
    source: 'C.3 of the reference architecture: check the firewalls of both systems',
    judge: ({ nodes }) => tried(nodes, ({ ports }) => ports),
    remedy: 'the firewall of the node that is not reached, TCP and PostgreSQL’s port',
  },
  {
    code: 'REPLICATION_LOGIN',
    severity: 'critical',
    asks: 'nodes',
    says: 'every node can log in for replication at every other one, with the password it has',
    source: 'fault 51; GitLab production#1865',
    judge: ({ nodes }) => tried(nodes, ({ logins }) => logins),
    remedy: 'the passfile in primary_conninfo_opt, and pg_hba.conf of the other node; cfha bootstrap REGION repairs both',
  },
  {
    code: 'REPLAY',
    severity: 'critical',
    asks: 'nodes',
    says: 'every standby replays what it receives',
    source: 'cloudnative-pg#10419: a standby that replays nothing while the status is green',
    judge: ({ nodes }) => {
      const standbys = servedOf(nodes).filter(({ server }) => server.standby);
      if (standbys.length === 0) return unknown('no standby was asked');
      const bad = standbys.flatMap(({ node, server }) => [
        ...(server.replayPaused ? [`${node}: replay is paused${belowPrimary(server, nodes)}`] : []),
        ...((server.behindBytes ?? 0) > gib ? [`${node}: ${((server.behindBytes ?? 0) / gib).toFixed(1)} GB are not replayed yet`] : []),
        ...(server.streaming ? [] : [`${node}: no WAL receiver streams`]),
      ]);
      return unless(bad, ...standbys.map(({ node, server }) => `${node}: ${String(server.behindBytes ?? 0)} bytes to replay`));
    },
    remedy: 'paused by an administrator: select pg_wal_replay_resume(). Paused since a setting is below the primary’s: cfha standby NODE, cfha unstandby NODE (to resume ends the server)',
  },
  {
    code: 'ARCHIVE_WORKS',
    severity: 'critical',
    asks: 'nodes',
    says: 'the primary archives its WAL',
    source: 'PostgreSQL manual, pg_stat_archiver; C.1 of the reference architecture',
    judge: ({ nodes }) => {
      const primary = servedOf(nodes).find(({ server }) => !server.standby);
      if (primary === undefined) return unknown('the primary was not asked');
      const { settings, archiver } = primary.server;
      if (settings['archive_mode'] === 'off' || (settings['archive_command'] ?? '') === '') return without('no archive is configured');
      return unless(archiver.failing ? [`${primary.node}: the last attempt failed (${String(archiver.failed)} failures)`] : [], archiver.last === '' ? 'nothing was archived so far' : `last: ${archiver.last}`);
    },
    remedy: 'the server’s log says why archive_command failed',
  },
  {
    code: 'ARCHIVE_READABLE',
    severity: 'critical',
    asks: 'nodes',
    says: 'every other node gets the file that was archived last, with its own restore_command',
    source: 'C.1 and C.4 of the reference architecture; fault 45',
    judge: ({ nodes }) => {
      const all = nodes.flatMap(({ node, restored }) => (restored === undefined ? [] : [{ node, ...restored }]));
      if (all.length === 0) return without('no archive is configured, or nothing is in it yet');
      return unless(all.filter(({ ok }) => !ok).map(({ node, says }) => `${node}: ${says}`), ...all.map(({ node, to }) => `${node}: ${to}`));
    },
    remedy: 'the archive must be one place that all nodes reach (NFS, a backup server), not a directory of each',
  },
  {
    code: 'CERTIFICATES',
    severity: 'warning',
    asks: 'nodes',
    says: 'no certificate expires within 30 days: PostgreSQL’s, pcsd’s',
    source: 'fault 52; patroni#2272',
    judge: ({ nodes }) => {
      const all = nodes.flatMap(({ node, certificates }) => certificates.map((one) => ({ node, ...one })));
      if (all.length === 0) return without('no certificate was found');
      return unless(all.filter(({ days }) => days < 30).map(({ node, file, days }) => `${node}: ${file} expires in ${String(days)} days`), ...all.map(({ node, file, days }) => `${node}: ${file}: ${String(days)} days`));
    },
    remedy: 'a new certificate, then reload; pcs pcsd certkey, for pcsd',
  },
  {
    code: 'DISKS',
    severity: 'warning',
    asks: 'nodes',
    says: 'every disk of the server has a tenth free, and room for the WAL that may be kept',
    source: 'fault 38',
    judge: ({ nodes }) => {
      const bad = nodes.flatMap(({ node, disks, server }) => {
        const kept = Number(server?.settings['max_wal_size'] ?? 0) * 1024 * 1024;
        return disks
          .filter(({ freeBytes, bytes }) => freeBytes < bytes / 10 || freeBytes < kept)
          .map(({ what, freeBytes }) => `${node}: ${what} has ${(freeBytes / gib).toFixed(1)} GB left`);
      });
      return unless(bad, ...nodes.flatMap(({ node, disks }) => disks.map(({ what, freeBytes }) => `${node}: ${what} has ${(freeBytes / gib).toFixed(1)} GB left`)));
    },
    remedy: 'a larger disk; what fills it: WAL that a slot or a failing archive keeps',
  },
  {
    code: 'DRIFT',
    severity: 'warning',
    asks: 'region',
    says: 'the region is as its file says',
    source: 'cfha bootstrap --plan',
    judge: ({ drift }) => (drift === undefined ? unknown('there is no region file, or it could not be compared') : drift.length === 0 ? held('it is') : unless(drift)),
    remedy: 'cfha bootstrap REGION --plan, then without --plan; or change the file',
  },
]; // prettier-ignore
