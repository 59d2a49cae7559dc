// The words that drills are told in. Pure.
import { primaryOf, streams, valueOf } from '../../cli/region/view.ts';
import { quoted } from '../../lib/host/shell.ts';
import { devicesOf, plugOf } from '../cib-words.ts';
import { fenceOptions } from '../node-script.ts';
import type { Seen, Situation, Step } from './drill.ts';
import { isSynchronous } from '../../meta/attributes.ts';
import { ownerVariable } from '../../lib/postgres/session-settings.ts';

/** The primary that every node which answers has in its copy; undefined if they disagree, or none does. */
export function primaryIn({ nodes }: Seen): string | undefined {
  const named = Object.values(nodes).flatMap((node) => (node?.view === undefined ? [] : [primaryOf(node.view)?.name]));
  return new Set(named).size === 1 ? named[0] : undefined;
}

/** Any node's word for it is enough: in a divided cluster they differ. */
export function someSayPrimary({ nodes }: Seen, name: string): boolean {
  return Object.values(nodes).some((node) => node?.view !== undefined && primaryOf(node.view)?.name === name);
}

export function rebooted({ nodes, boots }: Seen, node: string): boolean {
  const now = nodes[node]?.boot;
  return now !== undefined && now !== boots[node];
}

/** Nothing but this counts: every node answers, and all of them see one primary from which all others stream. */
export function lacks(seen: Seen, names: readonly string[]): readonly string[] {
  const silent = names.filter((name) => seen.nodes[name]?.view === undefined).map((name) => `${name} does not answer`);
  const views = names.flatMap((name) => seen.nodes[name]?.view ?? []);
  const wrong = views.flatMap((view) => {
    const primary = primaryOf(view);
    if (primary === undefined) return ['there is no primary'];
    const away = view.nodes.filter((node) => node !== primary && !streams(view, node)).map(({ name }) => `${name} does not stream`); // prettier-ignore
    const vip = view.vip === undefined || view.vip.on === primary.name ? [] : ['the virtual IP is elsewhere'];
    // Until one is synchronous, the primary may have acknowledged what nobody else has, and no standby takes over.
    const sync =
      view.parameters['rep_mode'] !== 'sync' ||
      view.nodes.some((node) => isSynchronous(valueOf(view, node, 'dataStatus')));
    return [
      ...away,
      ...vip,
      ...(sync ? [] : ['no standby is synchronous yet']),
      ...(view.quorate ? [] : ['there is no quorum']),
    ];
  });
  const primaries = new Set(views.map((view) => primaryOf(view)?.name));
  return [...silent, ...new Set(wrong), ...(primaries.size > 1 ? ['the nodes disagree about the primary'] : [])];
}

export function untilMoved({ primary }: Situation, seconds = 120): Step {
  return { do: 'wait', says: `another node than ${primary} is the primary`, seconds, until: (seen) => ![undefined, primary].includes(primaryIn(seen)) }; // prettier-ignore
}

export function untilWrites(seconds = 120): Step {
  return { do: 'wait', says: 'clients write', seconds, until: ({ sinceAcknowledgedMs }) => sinceAcknowledgedMs < 500 };
}

/** A server of iron takes minutes until it boots. */
export const bootSeconds = 600;

/** A node that goes on as if nothing had happened is not waited for. */
export function untilRebooted(node: string, leaves?: string): Step {
  return { do: 'wait', says: `${node} was started anew`, seconds: bootSeconds, until: (seen) => rebooted(seen, node), ...(leaves === undefined ? {} : { leaves }) }; // prettier-ignore
}

/** Of nodes that want to fence one another. */
export function untilOneRebooted({ nodes }: Situation): Step {
  return { do: 'wait', says: `one of ${nodes.join(' and ')} was started anew`, seconds: bootSeconds, until: (seen) => nodes.some((node) => rebooted(seen, node)) }; // prettier-ignore
}

/** As the user who owns the server, in a directory that the user can enter. */
export function asPostgres({ place }: Situation, command: string): string {
  return `cd /; runuser -u ${quoted(place.pgdba)} -- ${command}`;
}

export function sql(situation: Situation, text: string, database = situation.database): string {
  const { bindir, port, socket } = situation.place;
  return asPostgres(situation, `env ${quoted(ownerVariable())} ${bindir}/psql -XAtq -v ON_ERROR_STOP=1 ${socket} -p ${port} -d ${quoted(database)} -c ${quoted(text)} 2>&1`); // prettier-ignore
}

/** Variables for scripts: the postmaster, and all processes of that server. */
export function processes({ place }: Situation): string {
  return `postmaster=$(head -n 1 ${quoted(`${place.pgdata}/postmaster.pid`)}); all="$postmaster $(pgrep -P "$postmaster" | tr '\\n' ' ')"`;
}

/** A command for the fence device, as the node would give it: past Pacemaker, which then does not know. */
export function device({ cib }: Situation, node: string, action: 'on' | 'off' | 'status'): string | undefined {
  const found = devicesOf(cib).find((one) => plugOf(one, node) !== undefined);
  const plug = found && plugOf(found, node);
  if (found === undefined || plug === undefined) return undefined;
  return `printf %s ${quoted(fenceOptions(found, plug, action))} | timeout 60 ${found.agent.replace('stonith:', '')}`;
}

/** Where the devices are, so that the way to them can be cut. */
export function deviceAddresses({ cib }: Situation): readonly string[] {
  const all = devicesOf(cib).map(({ attributes: a }) => a['ip'] ?? a['ipaddr'] ?? '');
  return [...new Set(all.filter((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address)))];
}

/** Drops corosync's packets on a node: those that arrive, those that leave, or both. */
export function dropCorosync(directions: readonly ('in' | 'out')[]): string {
  const chain = (way: 'in' | 'out') =>
    `nft add chain inet cfha_verify ${way} '{ type filter hook ${way}put priority -300; }'; nft add rule inet cfha_verify ${way} udp dport 5405-5412 drop`;
  return `nft add table inet cfha_verify; ${directions.map(chain).join('; ')}`;
}

export const passCorosync = 'nft delete table inet cfha_verify 2>/dev/null || true';
