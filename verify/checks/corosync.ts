// Corosync: its file, and what it runs with.
import type { NodeFacts } from '../facts.ts';
import { alike, unknown, unless, type Check } from '../judgement.ts';
import { alikeSource, each } from './nodes.ts';

function configuredValue(text: string, key: string): string | undefined {
  return new RegExp(`^\\s*${key}:\\s*(\\S+)`, 'm').exec(text)?.[1];
}

function totemObjections({ node, corosync, corosyncConf }: NodeFacts): readonly string[] {
  return ['token', 'consensus', 'join', 'transport'].flatMap((key) => {
    const wanted = configuredValue(corosyncConf.text, key);
    const running = corosync[`runtime.config.totem.${key}`] ?? corosync[`totem.${key}`];
    return wanted === undefined || running === undefined || wanted === running
      ? []
      : [`${node}: totem.${key} is ${wanted} in corosync.conf, and ${running} in the running corosync`];
  });
}

/** Of the running corosync, in milliseconds; two nodes and the coefficient are in it already. */
function tokenOf({ corosync }: NodeFacts): number | undefined {
  const value = corosync['runtime.config.totem.token'] ?? corosync['totem.token'];
  return value === undefined ? undefined : Number(value);
}

export const corosyncChecks: readonly Check[] = [
  {
    code: 'COROSYNC_CONF_ALIKE',
    severity: 'critical',
    asks: 'nodes',
    says: 'every node has the same corosync.conf',
    source: alikeSource,
    judge: ({ nodes }) =>
      alike(
        'SHA-256',
        each(nodes, ({ corosyncConf }) => corosyncConf.hash.slice(0, 16)),
      ),
    remedy: 'pcs cluster sync corosync; pcs cluster reload corosync',
  },
  {
    code: 'COROSYNC_RUNNING',
    severity: 'warning',
    asks: 'nodes',
    says: 'corosync runs with what its file says',
    source: 'Trento: file value and running value checked apart',
    judge: ({ nodes }) => unless(nodes.flatMap(totemObjections), 'it does'),
    remedy: 'pcs cluster reload corosync; for token and transport restart corosync',
  },
  {
    code: 'COROSYNC_TOKEN',
    severity: 'warning',
    asks: 'nodes',
    says: 'corosync’s token is from 1 s to 300 s',
    source: 'Red Hat solutions/300953 (300 s at most)',
    judge: ({ nodes }) => {
      const tokens = nodes.flatMap((node) => tokenOf(node) ?? []);
      return tokens.length === 0
        ? unknown('corosync-cmapctl does not tell')
        : unless(
            tokens.filter((ms) => ms < 1000 || ms > 300_000).map((ms) => `${String(ms)} ms`),
            `${String(tokens[0])} ms`,
          );
    },
    remedy: 'pcs cluster config update totem token=3000',
  },
  {
    code: 'COROSYNC_LINKS',
    severity: 'critical',
    asks: 'nodes',
    says: 'corosync’s links between all nodes are connected',
    source: 'Trento; fencing_validator (transport)',
    judge: ({ nodes }) => {
      const all = nodes.flatMap(({ node, links }) => links.map((link) => ({ node, ...link })));
      return all.length === 0
        ? unknown('corosync-cfgtool does not tell')
        : unless(
            all.filter(({ ok }) => !ok).map(({ node, to, says }) => `${node} → ${to}: ${says}`),
            `${String(all.length)} links`,
          );
    },
    remedy: 'corosync-cfgtool -s on both nodes; a firewall in between: UDP 5405',
  },
];
