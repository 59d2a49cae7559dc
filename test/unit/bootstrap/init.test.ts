import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { fileOf, wrongAnswers, type Answers } from '../../../bootstrap/init/answers.ts';
import { commentedFile } from '../../../bootstrap/init/commented.ts';
import { fromCluster, type Running } from '../../../bootstrap/init/from-cluster.ts';
import { readSpec } from '../../../bootstrap/read-spec.ts';
import { keys } from '../../../bootstrap/spec/keys.ts';
import { initCommand, schemaCommand } from '../../../cli/commands/init.ts';
import { readConfiguration } from '../../../lib/pacemaker/configuration.ts';

const answers: Answers = {
  region: 'dc1',
  nodes: 'db1=10.77.0.11, db2=10.77.0.12',
  vip: '10.77.0.100/24',
  agent: 'fence_vmware_soap',
  options: 'ip=10.77.0.1 username=cfha ssl_insecure=1',
  machines: 'db1=vm-17 db2=vm-18',
  database: 'vmdb_production',
  owner: 'cloudforms',
  clients: '10.77.0.0/24 10.78.0.0/24',
};
const folder = mkdtempSync(join(tmpdir(), 'cfha-init-'));
for (const name of ['fencing', 'replicator', 'cloudforms'])
  writeFileSync(join(folder, `${name}.password`), 'x\n', { mode: 0o600 });

describe('a region file made of answers', () => {
  const text = commentedFile(fileOf(answers));

  it('is read as what was answered', () => {
    expect(readSpec(text, folder)).toMatchObject({
      spec: {
        nodes: [{ name: 'db1', address: '10.77.0.11' }, { name: 'db2' }],
        vip: { address: '10.77.0.100', prefix: 24 },
        fencing: { hosts: { db2: 'vm-18' }, options: { ssl_insecure: '1' } },
        postgres: { clients: ['10.77.0.0/24', '10.78.0.0/24'] },
      },
    });
  });

  it('has a comment for every key that may stand in it', () => {
    const lines = text.split('\n');
    // What is within a password, a node or a key that is left out is on the page.
    const told = keys().filter(
      ({ path }) =>
        !/\.password\.|\[\]|^(ssh|quorum|cluster|storage|postgres\.log|verify|postgres\.archive|firewall|postgres\.source)\./.test(
          path,
        ),
    );
    const missing = told.filter(({ path }) => {
      const at = lines.findIndex((line) => new RegExp(`^ *(# )?${path.split('.').at(-1) ?? ''}:`).test(line));
      return at < 1 || !/^ *# /.test(lines[at - 1] ?? '');
    });
    expect(missing).toEqual([]);
  });

  it('is not made of wrong answers', () => {
    expect(wrongAnswers(fileOf({ ...answers, nodes: 'db1', vip: '10.77.0.100' }))).toEqual([
      expect.stringMatching(/^nodes.0.address: expected an IPv4/),
      expect.stringMatching(/^nodes: expected two or three/),
      expect.stringMatching(/^vip.prefix: expected a whole number/),
    ]);
  });
});

const cib = `<cib><configuration>
<crm_config><cluster_property_set id="p"><nvpair id="a" name="stonith-enabled" value="true"/></cluster_property_set></crm_config>
<resources>
 <primitive id="vc" class="stonith" type="fence_vmware_soap"><instance_attributes id="i">
  <nvpair id="1" name="ip" value="vc.example.com"/><nvpair id="2" name="username" value="cfha"/><nvpair id="3" name="passwd" value="geheim"/>
  <nvpair id="4" name="pcmk_host_map" value="db1:vm-17;db2:vm-18"/></instance_attributes></primitive>
 <primitive id="mail" class="ocf" provider="heartbeat" type="MailTo"/>
 <primitive id="pgvip" class="ocf" provider="heartbeat" type="IPaddr2"><instance_attributes id="j">
  <nvpair id="5" name="ip" value="10.77.0.100"/><nvpair id="6" name="cidr_netmask" value="22"/></instance_attributes></primitive>
 <clone id="postgresql-ms"><primitive id="postgresql" class="ocf" provider="heartbeat" type="pgsql"><instance_attributes id="k">
  <nvpair id="7" name="pgdata" value="/pg/data"/><nvpair id="8" name="rep_mode" value="sync"/><nvpair id="9" name="repuser" value="repl"/>
  <nvpair id="10" name="restore_command" value="cp /wal/%f %p"/><nvpair id="11" name="primary_conninfo_opt" value="password=geheim"/>
 </instance_attributes></primitive></clone>
</resources>
<constraints><rsc_colocation id="c" rsc="pgvip" with-rsc="postgresql-ms" with-rsc-role="Master" score="INFINITY"/></constraints>
</configuration></cib>`;

async function running(changes: Partial<Running> = {}): Promise<Running> {
  return {
    corosync: { name: 'old', nodes: [{ name: 'db1', address: '10.77.0.11' }, { name: 'db2', address: '10.77.0.12' }], twoNode: true, waitForAll: true },
    configuration: await readConfiguration(cib),
    server: { databases: [{ name: 'vmdb', owner: 'root' }], networks: ['10.77.0.0/22'] },
    ...changes,
  };
} // prettier-ignore

describe('a region file of a running cluster', () => {
  it('says what runs, and nothing secret', async () => {
    const made = fromCluster(await running());
    expect(made).toMatchObject({
      file: {
        region: 'old',
        vip: { address: '10.77.0.100', prefix: 22 },
        fencing: {
          agent: 'fence_vmware_soap',
          options: { ip: 'vc.example.com', username: 'cfha' },
          hosts: { db2: 'vm-18' },
        },
        postgres: {
          data: '/pg/data',
          port: 5432,
          replication: { mode: 'sync', user: 'repl' },
          database: { name: 'vmdb', owner: 'root' },
          parameters: { restore_command: 'cp /wal/%f %p' },
        },
      },
    });
    expect(JSON.stringify(made)).not.toContain('geheim');
  });

  it('can be read when the passwords are there', async () => {
    const made = fromCluster(await running());
    if ('problem' in made) throw new Error(made.problem);
    writeFileSync(join(folder, 'root.password'), 'x\n', { mode: 0o600 });
    const text = commentedFile(made.file as Record<string, unknown>, made.notes);
    expect(readSpec(text, folder)).toMatchObject({ spec: { region: 'old' } });
    expect(text).toContain('resource mail (ocf:heartbeat:MailTo)');
    expect(text).toContain('Resource vc is called fencing in a region');
  });

  it('tells what is to be filled in', async () => {
    const bare = await running({ server: undefined });
    expect(fromCluster(bare)).toMatchObject({
      notes: expect.arrayContaining([expect.stringMatching(/did not answer/)]),
    });
    const empty = await readConfiguration('<cib><configuration><resources/></configuration></cib>');
    expect(fromCluster(await running({ configuration: empty }))).toHaveProperty('problem');
  });
});

function aTerminal(lines?: readonly string[]) {
  const said = { out: '', err: '' };
  const left = [...(lines ?? [])];
  const terminal = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    line: lines === undefined ? undefined : () => Promise.resolve(left.shift() ?? ''),
  };
  return { said, terminal };
}
const nothing = Object.fromEntries(Object.keys(answers).map((name) => [name, undefined])) as Record<keyof Answers, undefined>; // prettier-ignore

describe('cfha init', () => {
  it('asks for what no flag gives', async () => {
    const { said, terminal } = aTerminal(['', ...Object.values(answers).slice(1)]);
    expect(await initCommand({ answers: nothing, fromCluster: false, output: undefined }, terminal)).toBe(0);
    expect(parse(said.out)).toMatchObject({ region: 'dc1', vip: { prefix: 24 } });
  });

  it('names the flags that are missing without a terminal', async () => {
    const { said, terminal } = aTerminal();
    const wanted = { answers: { ...answers, vip: undefined }, fromCluster: false, output: undefined };
    expect(await initCommand(wanted, terminal)).toBe(2);
    expect(said.err).toMatch(/--vip '10.77.0.100\/24'/);
  });

  it('never writes over a file', async () => {
    const output = join(folder, 'made.yaml');
    const wanted = { answers, fromCluster: false, output };
    expect(await initCommand(wanted, aTerminal().terminal)).toBe(0);
    const before = readFileSync(output, 'utf8');
    const { said, terminal } = aTerminal();
    expect(await initCommand({ ...wanted, answers: { ...answers, region: 'dc2' } }, terminal)).toBe(2);
    expect(said.err).toMatch(/exists?/i);
    expect(readFileSync(output, 'utf8')).toBe(before);
  });
});

it('cfha schema prints a JSON Schema', () => {
  const { said, terminal } = aTerminal();
  expect(schemaCommand(terminal)).toBe(0);
  expect(JSON.parse(said.out)).toMatchObject({
    type: 'object',
    required: ['region', 'nodes', 'vip', 'fencing', 'postgres'],
  });
});
