// The region file: its keys, what each must be, and the value they become. docs/region-file.md is printed from this.
import type * as z from 'zod';
import { doubts } from './doubts.ts';
import { fencing } from './spec/fencing.ts';
import {
  address,
  filePath,
  hostName,
  key,
  listOf,
  mapping,
  networkOf,
  oneOf,
  password,
  text,
  virtual,
  whole,
} from '../lib/yaml/kinds.ts';
import { postgres } from './spec/postgres.ts';
import { route, storage } from './spec/provision.ts';

const [firstCode = '', ...moreCodes] = Object.keys(doubts);

const node = mapping({
  name: key(hostName, 'the host’s name, as `uname -n` prints it'),
  address: key(address, 'the host’s own address'),
  second_address: key(
    address.optional(),
    'its address in another network, for Corosync’s second ring: for all nodes or for none',
    'one ring',
  ),
  routes: key(
    listOf(route, 'a list of routes, each { to, via }', [0, 20]).default([]),
    'routes of this node, as to the filer of the WAL archive in a storage network',
    'none',
  ),
});

export const schema = mapping({
  region: key(
    text(
      'a name for the region: letters, digits, - and _, at most 15, other than "debian"',
      /^(?!debian$)[A-Za-z0-9][A-Za-z0-9_-]{0,14}$/,
    ),
    'name of the region and of the Corosync cluster',
  ),
  nodes: key(
    listOf(node, 'two or three nodes, a primary and one standby or two, each { name, address }', [2, 3]),
    'the first one’s instance is built, the others’ are its copies',
  ),
  ssh: key(
    mapping({
      user: key(
        text('the name of a user', /^[a-z_][a-z0-9_.-]{0,31}$/).default('root'),
        'another than root must be allowed `sudo` without a question',
        'root',
      ),
      port: key(whole(1, 65535).default(22), 'port', '22'),
      identity: key(filePath.optional(), 'private key file', 'what ssh finds by itself'),
      known_hosts: key(
        filePath.optional(),
        'file that must know the nodes’ host keys',
        'a new key is accepted, a changed one never',
      ),
    }).prefault({}),
    'how the nodes are reached',
    'as root at port 22',
  ),
  packages: key(
    oneOf(['present', 'install']).default('present'),
    'present: a person has installed the programs; install: what is missing is installed from the package sources that the nodes have, in the version `postgres.version`',
    'present',
  ),
  vip: key(
    mapping({
      address: key(address, 'the address that clients use: in the nodes’ network, unused'),
      prefix: key(whole(8, 30), 'prefix of its network'),
      more: key(
        listOf(virtual, 'a list of addresses, each { address, prefix }', [0, 8]).default([]),
        'more addresses that follow the primary',
        'none',
      ),
    }),
    'the virtual IP, which follows the primary',
  ),
  quorum: key(
    mapping({
      host: key(hostName, 'a host outside of the region that runs corosync-qnetd: its vote decides between halves'),
      address: key(address, 'its address'),
      algorithm: key(
        oneOf(['ffsplit', 'lms']).default('ffsplit'),
        'ffsplit: one half of an even split goes on; lms: whoever sees the host, even a node that is alone',
        'ffsplit',
      ),
      password: key(password, 'hacluster’s password there'),
    }).optional(),
    'a quorum device',
    'none: two nodes go on alone (two_node), three by majority',
  ),
  cluster: key(
    mapping({
      stickiness: key(
        whole(0, 1_000_000).default(100),
        'resource-stickiness: how strongly resources stay where they are; above 0, a node that comes back takes nothing over',
        '100',
      ),
      migration_threshold: key(
        whole(1, 1_000_000).default(1),
        'failures of PostgreSQL on a node until it is moved: with 1 a failed primary is replaced by a standby, with more it is started again in place first',
        '1',
      ),
      failure_timeout: key(
        whole(0, 86_400).default(60),
        'seconds after which such a failure is forgotten, so that the node may have PostgreSQL again; 0: a person clears it',
        '60',
      ),
    }).prefault({}),
    'how Pacemaker treats what fails',
    'as its keys say',
  ),
  firewall: key(
    mapping({
      program: key(oneOf(['nftables', 'firewalld', 'iptables']), 'what the nodes’ other rules are made with'),
      administrators: key(
        listOf(networkOf, 'a list of networks', [0, 100]).default([]),
        'networks from which pcs’ port 2224 may be reached, besides the nodes',
        'none',
      ),
    }).optional(),
    'opens the ports of cluster and PostgreSQL for their sources, closes them for all others, at every boot',
    'firewalls are left alone',
  ),
  storage: key(
    storage.optional(),
    'a device for the data, with a file system that cfha makes',
    'the data are where the file system of `postgres.data` is',
  ),
  fencing: key(fencing, 'what cuts a node’s power when it does not answer'),
  postgres: key(postgres, 'the server and its database'),
  verify: key(
    mapping({
      max_gap: key(
        whole(1, 3600).optional(),
        'seconds that clients may wait in a drill',
        'each drill has its own limit',
      ),
      no_loss: key(
        oneOf(['always', 'as the mode']).default('as the mode'),
        'whether a failure may cost acknowledged writes in asynchronous mode: `always` forbids it',
        'as the mode',
      ),
    }).prefault({}),
    'what `cfha verify` expects; its options go before',
    'each drill’s own limits',
  ),
  accept: key(
    listOf(oneOf([firstCode, ...moreCodes]), 'a list of codes', [0, 100]).default([]),
    'findings that do not keep bootstrap from beginning ([which may be](messages.md#what-forbids-to-begin-unless-it-is-accepted))',
    'none',
  ),
});

const units = { MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 } as const;

/** A size of the file in bytes, as PostgreSQL reads it: 1 MB is 1024 kB. */
export function bytesOf(size: string): number {
  return Number.parseInt(size, 10) * units[size.slice(-2) as keyof typeof units];
}

/** Bytes for reading. */
export function sizeText(bytes: number): string {
  const unit = bytes < units.GB ? 'MB' : bytes < units.TB ? 'GB' : 'TB';
  return `${(bytes / units[unit]).toFixed(1).replace(/\.0$/, '')} ${unit}`;
}

/** What the region file says, with its defaults. */
export type Spec = z.infer<typeof schema>;
export type Node = Spec['nodes'][number];
