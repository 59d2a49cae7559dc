// Two gates open at once: seen from a network of each site's own, so that a site that is cut off is seen as well.
import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { sites, type Pair, type SiteNode } from './pair.ts';

/** Connects again and again from a namespace of the site, every 20 ms, and prints when it could: one line a stretch. */
const probe = `
import socket, sys, time, select
address = sys.argv[1]
begun = None
last = None
def say():
    global begun
    if begun is not None:
        print(f"{begun:.3f} {last:.3f}", flush=True)
    begun = None
while True:
    at = time.time()
    s = socket.socket()
    s.settimeout(0.05)
    try:
        s.connect((address, 5432))
        if begun is None:
            begun = at
        last = at
    except OSError:
        say()
    s.close()
    if select.select([sys.stdin], [], [], max(0, 0.02 - (time.time() - at)))[0]:
        say()
        break
`;

/** A stretch in which a site's port was open, in seconds of the clock that all share. */
export type Stretch = readonly [from: number, to: number];

const network = (node: SiteNode): string => (node === 'db1' ? '10.99.1' : '10.99.2');

/** Makes the site's own network: it is not cut when the site's cable is. */
export async function makeOwnNetwork(pair: Pair, node: SiteNode): Promise<void> {
  await pair.sh(
    node,
    `ip netns list | grep -q own || {
       ip netns add own
       ip link add own type veth peer name eth0 netns own
       ip address add ${network(node)}.1/24 dev own
       ip link set own up
       ip -n own address add ${network(node)}.2/24 dev eth0
       ip -n own link set eth0 up
       ip -n own link set lo up
     }`,
  );
}

export type Watching = { readonly end: () => Promise<Readonly<Record<SiteNode, readonly Stretch[]>>> };

export async function watchGates(pair: Pair): Promise<Watching> {
  const probes = new Map<SiteNode, { child: ChildProcess; out: Promise<string> }[]>();
  for (const node of sites) {
    await makeOwnNetwork(pair, node);
    const child = pair.testbed.start(
      node,
      ['ip', 'netns', 'exec', 'own', 'python3', '-c', probe, `${network(node)}.1`],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    child.stdin?.on('error', () => undefined);
    probes.set(node, [{ child, out: child.stdout === null ? Promise.resolve('') : text(child.stdout) }]);
  }
  return {
    end: async () => {
      const seen = { db1: [] as Stretch[], db2: [] as Stretch[] };
      for (const [node, list] of probes)
        for (const { child, out } of list) {
          child.stdin?.end();
          seen[node].push(...stretches(await out));
        }
      return seen;
    },
  };
}

function stretches(output: string): readonly Stretch[] {
  return output.split('\n').flatMap((line) => {
    const [from, to] = line.split(' ').map(Number);
    return from === undefined || to === undefined || Number.isNaN(to) ? [] : [[from, to] as const];
  });
}

/** Moments without an answer that are no closing: the watching machine was busy. */
const blink = 0.3;

/** How often a gate was seen to open. */
export function openings(seen: readonly Stretch[]): number {
  const inOrder = seen.toSorted(([a], [b]) => a - b);
  return inOrder.filter(([from], n) => from - (inOrder[n - 1]?.[1] ?? -Infinity) > blink).length;
}

/** For how long both were open, in ms. */
export function overlapMs(a: readonly Stretch[], b: readonly Stretch[]): number {
  const all = a.flatMap(([from, to]) => b.map(([f, t]) => Math.max(0, Math.min(to, t) - Math.max(from, f))));
  return Math.round(all.reduce((sum, one) => sum + one, 0) * 1000);
}
