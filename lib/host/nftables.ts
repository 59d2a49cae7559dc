// nftables: a gate before one port, in a table of its own: nobody else's rules are touched. https://www.netfilter.org/projects/nftables/manpage.html
// The port is open as long as it is in a set, and an element of a set can have an end: then the kernel closes the gate, even
// if nobody is left to do it. All packets are judged, so connections that are there end as well.
import { UnreadableAnswer, type Argv, type Result } from './exec.ts';

const table = 'inet cfha_global';

export type GateRules = {
  readonly port: number;
  /** Addresses that pass always. */ readonly always: readonly string[];
};

/** For `nft -f -`: one transaction, closed from its first moment on. */
export function gateText({ port, always }: GateRules): string {
  return `add table ${table}
delete table ${table}
table ${table} {
  set always { type ipv4_addr; elements = { ${always.join(', ')} } }
  set open { type inet_service; flags timeout; }
  chain arriving {
    type filter hook input priority -10; policy accept;
    tcp dport != ${port} accept
    iif lo accept
    ip saddr @always accept
    tcp dport @open accept
    tcp dport ${port} reject with tcp reset
  }
  chain leaving {
    type filter hook output priority -10; policy accept;
    tcp sport != ${port} accept
    oif lo accept
    ip daddr @always accept
    tcp sport @open accept
    tcp flags & rst == rst accept
    tcp sport ${port} drop
  }
}
`;
}

/** For `nft -f -`; without `forMs` until it is closed. */
export function openText(port: number, forMs?: number): string {
  const end = forMs === undefined ? '' : ` timeout ${Math.floor(forMs)}ms`;
  return `flush set ${table} open\nadd element ${table} open { ${port}${end} }\n`;
}

export const closeText = `flush set ${table} open\n`;

export const nftArgv: Argv = ['nft', '-f', '-'];
/** Exit code 1: it is not there. */
export const removeArgv: Argv = ['nft', 'delete', 'table', ...table.split(' ')] as unknown as Argv;
export const listGateArgv: Argv = ['nft', '-j', 'list', 'table', ...table.split(' ')] as unknown as Argv;

export type GateState = 'open' | 'closed' | 'absent';

/** Whether the gate is there as a whole, and open. Throws `UnreadableAnswer`. */
export function readGate({ code, stdout, stderr, failure }: Result, port: number): GateState {
  if (code === 1 && stderr.includes('No such file or directory')) return 'absent';
  const parts = code === 0 ? partsOf(stdout) : undefined;
  if (parts === undefined) throw new UnreadableAnswer(`nft: ${failure ?? stderr.trim().slice(0, 200)}`);
  const open = parts.map((part) => part['set'] as NftSet | undefined).find((set) => set?.name === 'open');
  return isWhole(parts) && open !== undefined ? stateOf(open, port) : 'absent';
}

function isWhole(parts: readonly Record<string, unknown>[]): boolean {
  return parts.filter((part) => 'chain' in part).length >= 2 && parts.filter((part) => 'rule' in part).length >= 11;
}

function stateOf({ elem = [] }: NftSet, port: number): GateState {
  return elem.some((element) => portOf(element) === port) ? 'open' : 'closed';
}

type NftSet = { readonly name?: string; readonly elem?: readonly unknown[] };

function partsOf(text: string): readonly Record<string, unknown>[] | undefined {
  try {
    const { nftables } = JSON.parse(text) as { nftables?: unknown };
    return Array.isArray(nftables) ? (nftables as Record<string, unknown>[]) : undefined;
  } catch {
    return undefined;
  }
}

/** `5432`, or `{ elem: { val: 5432, timeout: 2, expires: 1 } }`. */
function portOf(element: unknown): unknown {
  if (typeof element !== 'object' || element === null) return element;
  return (element as { elem?: { val?: unknown } }).elem?.val;
}

/** Ends the connections of a local port with a reset to both sides, but for those of some addresses. ss(8) */
export function endConnectionsArgv({ port, always }: GateRules): Argv {
  const spared = ['127.0.0.0/8', ...always].map((address) => ` and not dst ${address}`).join('');
  return ['ss', '-K', '-H', '-t', '-n', 'state', 'connected', `( sport = :${port}${spared} )`];
}
