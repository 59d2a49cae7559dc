// Whether the ports between the nodes are open, tried and not read from rules: every node listens for a moment, and asks
// every other node at every port. A port that a program has already is only connected to.
import type { Result } from '../lib/host/exec.ts';
import { readAnswer } from './answer.ts';
import type { Spec } from './spec.ts';

export type Port = { readonly kind: 'tcp' | 'udp'; readonly port: number; readonly of: string };

/** A port of another node: what became of the question. */
export type PortAnswer = {
  readonly to: string;
  readonly port: Port;
  readonly state: 'open' | 'refused' | 'silent' | 'taken';
};

/** Addresses of the nodes in one network, and the ports that they use there among themselves. */
export type Ring = {
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  readonly ports: readonly Port[];
};

export function portsOf({ nodes, postgres }: { nodes: Ring['nodes']; postgres: Pick<Spec['postgres'], 'port'> }): Ring {
  return {
    nodes,
    ports: [
      { kind: 'tcp', port: 2224, of: 'pcsd' },
      { kind: 'udp', port: 5405, of: 'Corosync' },
      { kind: 'tcp', port: postgres.port, of: 'PostgreSQL' },
    ],
  };
}

/** Corosync's second ring: its default port is two higher. */
export function secondPorts(nodes: Ring['nodes']): Ring {
  return { nodes, ports: [{ kind: 'udp', port: 5407, of: 'Corosync’s second ring' }] };
}

/** pcs is a Python program, so a node has one; on EL 8 it may be the system's own only. */
export const portsArgv = ['sh', '-c', 'exec "$(command -v python3 || echo /usr/libexec/platform-python)" -'] as const;

// All nodes begin at about the same time: who is not listening yet is asked again. It ends early when this node has asked
// and been asked by everybody; else after the time given. Echoes carry the token of this run, so that no other program's
// answer is taken for one. A UDP port that is taken is Corosync's own: nothing can be tried there.
const program = `
import os, select, socket, sys, time
deadline = time.monotonic() + seconds
listeners, taken, answered, seen = {}, set(), {}, set()
for kind, port in ports:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
    if kind == 'tcp':
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind((own, port))
        if kind == 'tcp':
            s.listen(8)
        s.setblocking(False)
        listeners[s] = (kind, port)
    except OSError:
        taken.add((kind, port))
        s.close()
wanted = [(to, kind, port) for to in others for kind, port in ports]
asking = {}
def ask(key):
    to, kind, port = key
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
    s.setblocking(False)
    try:
        s.bind((own, 0))
        s.connect_ex((to, port))
        if kind == 'udp':
            s.send(token)
    except OSError:
        pass
    asking[s] = (key, time.monotonic())
def over(s, state):
    key, _ = asking.pop(s)
    s.close()
    if state == 'open' or answered.get(key) != 'open':
        answered[key] = state
def pending():
    return [k for k in wanted if answered.get(k) != 'open' and not (k[1] == 'udp' and (k[1], k[2]) in taken)]
ready = {}
while time.monotonic() < deadline:
    waiting = pending()
    everybody = all((to, l) in seen for to in others for l in listeners.values())
    if not waiting and everybody:
        break
    now = time.monotonic()
    for key in waiting:
        if ready.get(key, 0) <= now and key not in [k for k, _ in asking.values()]:
            ready[key] = now + 0.2
            ask(key)
    for s in [s for s, (key, since) in asking.items() if now - since > (0.5 if key[1] == 'udp' else 2)]:
        over(s, 'silent')
    tcp = [s for s, (key, _) in asking.items() if key[1] == 'tcp']
    udp = [s for s, (key, _) in asking.items() if key[1] == 'udp']
    r, w, _ = select.select(list(listeners) + udp, tcp, [], 0.1)
    for s in w:
        over(s, 'open' if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0 else 'refused')
    for s in r:
        try:
            if s in listeners:
                kind, port = listeners[s]
                if kind == 'tcp':
                    c, peer = s.accept()
                    c.close()
                else:
                    data, peer = s.recvfrom(64)
                    if data == token:
                        s.sendto(token, peer)
                seen.add((peer[0], (kind, port)))
            elif s in asking:
                over(s, 'open' if s.recv(64) == token else 'silent')
        except OSError:
            if s in asking:
                over(s, 'refused')
for to, kind, port in wanted:
    state = 'taken' if kind == 'udp' and (kind, port) in taken else answered.get((to, kind, port), 'silent')
    print('port', to, kind, port, state)
print('end')
`;

/** The program for one node. */
export function portsProgram(ring: Ring, name: string, { token, seconds }: { token: string; seconds: number }): string {
  const address = ring.nodes.find((node) => node.name === name)?.address ?? '';
  const others = ring.nodes.filter((node) => node.name !== name).map((node) => node.address);
  const ports = ring.ports.map(({ kind, port }) => `(${JSON.stringify(kind)}, ${port})`);
  return `own = ${JSON.stringify(address)}
others = ${JSON.stringify(others)}
ports = [${ports.join(', ')}]
token = ${JSON.stringify(token)}.encode()
seconds = ${seconds}
${program}`;
}

/** Reads what the program printed. */
export function readPorts(ring: Ring, result: Result): readonly PortAnswer[] {
  const ports = new Map(ring.ports.map((port) => [`${port.kind} ${port.port}`, port]));
  const names = new Map(ring.nodes.map(({ address, name }) => [address, name]));
  return readAnswer(result)
    .all('port')
    .flatMap((line) => {
      const [address = '', kind = '', number = '', state = ''] = line.split(' ');
      const port = ports.get(`${kind} ${number}`);
      const to = names.get(address);
      return port !== undefined && to !== undefined && isState(state) ? [{ to, port, state }] : [];
    });
}

function isState(text: string): text is PortAnswer['state'] {
  return ['open', 'refused', 'silent', 'taken'].includes(text);
}
