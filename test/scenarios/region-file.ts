// The region file of a testbed and the password files it names: what an administrator would have written.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vmName } from '../testbed/definition.ts';
import { addressOf, prefixLength, switchAddress, vipAddress } from '../testbed/layout.ts';
import type { Testbed } from '../testbed/testbed.ts';

export type RegionFile = Readonly<{
  path: string;
  text: string;
  folder: string;
  /** name → file, and what is in it */
  passwords: Readonly<Record<'vcenter' | 'replicator' | 'cloudforms', Readonly<{ file: string; secret: string }>>>;
}>;

function password(folder: string, name: string, secret: string): Readonly<{ file: string; secret: string }> {
  const file = join(folder, `${name}.password`);
  if (!existsSync(file)) writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return { file, secret: readFileSync(file, 'utf8').trim() };
}

function newSecret(): string {
  return randomBytes(18).toString('base64url');
}

/** How the standbys of a region follow; quorum: commits wait for any one of several. */
export type Mode = 'async' | 'sync' | 'quorum';

/** What differs from region to region. */
export type Kind = Readonly<{ mode?: Mode; parameters?: Readonly<Record<string, string>> }>;

/** Writes region.yaml and the password files beside it, as far as they are not there. */
export function writeRegionFile(testbed: Testbed, kind: Kind = {}): RegionFile {
  const { dir, vcenter } = testbed.layout;
  const folder = join(dir, 'region');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwords = {
    vcenter: password(folder, 'vcenter', readFileSync(vcenter.password, 'utf8').trim()),
    replicator: password(folder, 'replicator', newSecret()),
    cloudforms: password(folder, 'cloudforms', newSecret()),
  };
  const path = join(folder, 'region.yaml');
  const text = regionYaml(testbed, passwords, kind);
  writeFileSync(path, text);
  return { path, text, folder, passwords };
}

const replication = {
  async: 'mode: async',
  sync: 'mode: sync',
  quorum: 'mode: sync, synchronous_standbys: 1',
} as const satisfies Record<Mode, string>;

function regionYaml(testbed: Testbed, passwords: RegionFile['passwords'], kind: Kind): string {
  const { mode = 'async', parameters = {} } = kind;
  const definition = testbed.definition();
  const nodes = testbed.nodes().map((name) => `  - { name: ${name}, address: ${addressOf(name)} }`);
  const machines = testbed.nodes().map((name) => `${name}: ${definition ? vmName(definition, name) : name}`);
  return `region: dc1
nodes:
${nodes.join('\n')}
ssh: { user: root, identity: ${testbed.layout.key} }
vip: { address: ${vipAddress}, prefix: ${prefixLength} }
fencing:
  agent: fence_vmware_soap
  options: { ip: ${switchAddress}, username: cfha, ssl_insecure: 1 }
  password: { file: ${passwords.vcenter.file} }
  hosts: { ${machines.join(', ')} }
postgres:
  replication: { ${replication[mode]}, user: replicator, password: { file: ${passwords.replicator.file} } }
  database: { name: vmdb_production, owner: cloudforms, password: { file: ${passwords.cloudforms.file} } }
  clients: [${switchAddress.replace(/\.\d+$/, '.0')}/${prefixLength}]
  parameters: ${JSON.stringify(parameters)}
# The nodes share the clock of this machine, whoever keeps it.
accept: [CLOCK_NOT_KEPT]
`;
}
