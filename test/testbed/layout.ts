// Where everything of one testbed is, and what it is called.
import { badUsage } from './refusal.ts';

export const stateRoot = '/var/lib/cfha-testbed';
export const cacheRoot = '/var/cache/cfha-testbed';
export const switchAddress = '10.77.0.1';
export const adminAddress = '10.77.0.200';
export const vipAddress = '10.77.0.100';
export const prefixLength = 24;
export const mostNodes = 9;

export type Layout = ReturnType<typeof layoutOf>;

/** The paths and names of the testbed called `name`. */
export function layoutOf(name: string) {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name))
    throw badUsage(`--name ${name}: expected a letter, then letters, digits and dashes, at most 20`);
  const dir = `${stateRoot}/${name}`;
  return {
    name,
    dir,
    definition: `${dir}/testbed.json`,
    key: `${dir}/id_ed25519`,
    knownHosts: `${dir}/known_hosts`,
    sshDir: `${dir}/admin-ssh`,
    adminHosts: `${dir}/admin-hosts`,
    saves: `${dir}/saves`,
    vcenter: {
      password: `${dir}/vcenter.password`,
      key: `${dir}/vcenter.key`,
      certificate: `${dir}/vcenter.crt`,
      log: `${dir}/vcenter.log`,
      output: `${dir}/vcenter.out`,
    },
    lock: `/run/lock/cfha-testbed-${name}.lock`,
    netns: (member: string) => `cfha-${name}-${member}`,
  } as const;
}

/** The paths of one node's files. */
export function nodeFiles(layout: Layout, node: string) {
  const dir = `${layout.dir}/nodes/${node}`;
  return {
    dir,
    root: `${dir}/root`,
    layers: `${dir}/layers`,
    disk: `${dir}/disk.json`,
    console: `${dir}/console.log`,
    cut: `${dir}/cut`,
  } as const;
}

export function nodeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `db${i + 1}`);
}

/** The number in a node's name, 0 if it is no node's name. */
export function nodeNumber(node: string): number {
  return Number(/^db([1-9]\d?)$/.exec(node)?.[1] ?? 0);
}

export function addressOf(node: string): string {
  return node === 'admin' ? adminAddress : `10.77.0.${10 + nodeNumber(node)}`;
}

/** A node keeps its network card over power cycles, as a server does. */
export function hardwareAddress(node: string): string {
  return `02:77:00:00:00:${(10 + nodeNumber(node)).toString(16).padStart(2, '0')}`;
}

export function hostsFile(nodes: readonly string[]): string {
  const lines = nodes.map((n) => `${addressOf(n)} ${n}`);
  return ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', ...lines, ''].join('\n');
}
