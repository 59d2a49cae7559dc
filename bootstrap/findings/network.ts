// What is wrong between the hosts on the network: names, addresses, ports, the virtual IP, the fence device.
import { virtualsOf } from '../addresses.ts';
import type { HostFacts } from '../facts.ts';
import type { PortAnswer } from '../ports.ts';
import type { Probe } from '../probe.ts';
import type { Report } from '../reports.ts';
import type { Spec } from '../spec.ts';
import { askedFindings } from './fencing.ts';

/** What the nodes' names mean on a host, and whether it is at its address. */
export function nameFindings(spec: Spec, host: string, { names, addresses }: HostFacts): Report[] {
  const { address: first = '', second_address: second } = spec.nodes.find(({ name }) => name === host) ?? {};
  const own = [first, ...(second === undefined ? [] : [second])];
  const listed = addresses.filter((address) => !address.startsWith('127.')).join(', ') || 'it has none';
  return [
    ...own
      .filter((address) => !addresses.includes(address))
      .map((address) => ({ code: 'ADDRESS_ELSEWHERE', host, address, found: listed }) as const),
    ...spec.nodes.flatMap(({ name, address }): Report[] => {
      const found = names[name] ?? [];
      if (found.length === 0 || found.includes(address)) return [];
      const told = { host, name, found: found.join(', '), expected: address };
      // Debian's installer writes the host's own name as 127.0.1.1.
      const loopback = name === host && found.every((a) => a.startsWith('127.'));
      return [{ code: loopback ? 'NAME_IS_LOOPBACK' : 'NAME_ELSEWHERE', ...told }];
    }),
  ];
}

const how = {
  refused: 'the connection is refused though somebody listens there (a firewall that rejects)',
  silent: 'no answer (a firewall that drops, or no way between them)',
} as const;

/** Ports that are closed. A port of a host that was not asked is not spoken of. */
export function portFindings(host: string, answers: readonly PortAnswer[]): Report[] {
  return answers.flatMap(({ to, port: { port, kind, of }, state }): Report[] =>
    state === 'open' || state === 'taken'
      ? []
      : [{ code: 'PORT_CLOSED', host, port: `port ${port}/${kind} (${of})`, to, how: how[state] }],
  );
}

/** What probing a host has brought up. */
export function probeFindings(
  spec: Spec,
  host: string,
  { found, inUse, probe }: { found: HostFacts; inUse: boolean; probe: Probe | undefined },
): Report[] {
  if (probe === undefined) return [];
  const port = spec.postgres.port;
  const virtuals = virtualsOf(spec).map(({ address }) => address);
  const used = inUse ? [] : virtuals.filter((address) => probe.vipsUsed.includes(address));
  const elsewhere = virtuals.filter((address) => !probe.vipsOnLink.includes(address));
  return [
    ...used.map((address) => ({ code: 'VIP_USED', host, address }) as const),
    ...elsewhere.map((address) => ({ code: 'VIP_OFF_LINK', host, address }) as const),
    ...(probe.portUsed && found.server.state === 'stopped' ? [{ code: 'PORT_USED', host, port } as const] : []),
    ...probe.quorumClosed.map((one) => {
      return { code: 'QUORUM_CLOSED', host, at: spec.quorum?.host ?? '', port: one } as const;
    }),
    ...askedFindings(spec, host, probe.fencing),
  ];
}
