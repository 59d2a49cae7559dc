// The nodes of a region as places where commands run: this machine if the address is ours, else by ssh.
import type { Argv, Result } from '../lib/host/exec.ts';
import { hold, type Held } from '../lib/host/held.ts';
import { pathFrom } from '../lib/host/files.ts';
import { isOwnAddress } from '../lib/host/addresses-here.ts';
import { localExec, type FedCommand, type FedExec } from '../lib/host/local.ts';
import { sshConnections, sshFailed } from '../lib/host/ssh.ts';
import type { Spec } from './spec.ts';

export type Hosts = {
  /** Runs a command on a node. */
  readonly run: (name: string, command: FedCommand) => Promise<Result>;
  /** Runs a command that goes on until it is released: it prints a line when it has begun. */
  readonly hold: (name: string, argv: Argv) => Promise<Held>;
  readonly close: () => Promise<void>;
};

// A run that was killed may have left a command going on a node. Whoever comes next waits for it to end.
// --close: a server that is started must not keep the lock.
const locked = ['flock', '--close', '--wait', '600', '/run/cfha.lock'] as const;

/** `impatient`: for nodes that are broken on purpose. Nobody waits for another run, or long for a node that is silent. */
export type Manner = 'patient' | 'impatient';

/** The nodes that the file names. */
export function hostsOf(spec: Spec, folder: string, manner: Manner = 'patient'): Hosts {
  const ssh = sshConnections(manner === 'patient' ? {} : { aliveSeconds: 2, aliveCount: 2 });
  const path = (file: string | undefined) => (file === undefined ? undefined : pathFrom(folder, file));
  const { user, port, identity, known_hosts: knownHosts } = spec.ssh;
  const nodes = new Map<string, { readonly exec: FedExec; readonly argv: (argv: Argv) => Argv }>(
    spec.nodes.map(({ name, address }) => {
      const target = { address, user, port, identity: path(identity), knownHosts: path(knownHosts) };
      return [name, isOwnAddress(address) ? { exec: localExec, argv: (argv) => argv } : ssh.to(target)];
    }),
  );
  const node = (name: string) => {
    const found = nodes.get(name);
    if (found === undefined) throw new Error(`${name} is no node of the region`);
    return found;
  };
  return {
    run: (name, command) =>
      node(name).exec(manner === 'patient' ? { ...command, argv: [...locked, ...command.argv] } : command),
    hold: (name, argv) => hold(node(name).argv(argv)),
    close: () => ssh.close(),
  };
}

/** Why a host did not answer, if it was the connection that failed. */
export function lostBecause({ code, stderr, failure }: Result): string | undefined {
  if (code !== sshFailed && code !== undefined) return undefined;
  return lastLine(stderr) ?? failure ?? 'the connection was closed';
}

/** The last words of a program that failed. */
export function lastLine(text: string): string | undefined {
  const last = text.trim().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? undefined : last;
}
