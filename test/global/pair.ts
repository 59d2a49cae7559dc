// Two sites, a traffic manager and three witnesses on a testbed, with the few words that the cases are told in.
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { waitUntil } from '../scenarios/waiting.ts';
import { addressOf, nodeFiles } from '../testbed/layout.ts';
import type { Outcome, RunOptions, Testbed } from '../testbed/testbed.ts';

const built = join(import.meta.dirname, '../../dist/cfha');
export const sites = ['db1', 'db2'] as const;
export type SiteNode = (typeof sites)[number];
/** The traffic manager's node is a witness as well. */
export const gtm = 'db3';
const witnesses = ['db3', 'db4', 'db5'] as const;
export const nodeCount = 5;

const version = 15;
export const data = `/var/lib/postgresql/${version}/main`;
export const service = `postgresql@${version}-main`;
const passwords = { cloudforms: 'of-the-clients', replicator: 'of-the-standby' } as const;

export type Options = Readonly<{ guarded: boolean; interval: number }>;

export type Pair = Readonly<{
  testbed: Testbed;
  options: Options;
  passwordFile: string;
  on: (node: string, argv: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** A shell script that has to succeed; its output. */
  sh: (node: string, script: string, options?: RunOptions) => Promise<string>;
  say: (line: string) => void;
}>;

export function pairOn(testbed: Testbed, options: Options, say: (line: string) => void): Pair {
  const on: Pair['on'] = (node, argv, more) => testbed.exec(node, argv, more);
  const sh: Pair['sh'] = async (node, script, more) => {
    const { code, stdout, stderr } = await on(node, ['sh', '-euc', `cd /; ${script}`], more);
    if (code !== 0) throw new Error(`${node}: ${script}: exit code ${code}\n${stderr}${stdout}`);
    return stdout;
  };
  const passwordFile = join(testbed.layout.dir, 'cloudforms.password');
  return { testbed, options, passwordFile, on, sh, say };
}

type File = Readonly<{ node: string; path: string; text: string; mode?: number }>;

/** A file on a node's disk, from outside. */
export function put(pair: Pair, { node, path, text, mode = 0o644 }: File): void {
  const file = join(nodeFiles(pair.testbed.layout, node).root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
}

export function configText({ guarded, interval }: Options): string {
  const site = (node: string) => ({ host: node, address: addressOf(node) });
  return stringify({
    first: site('db1'),
    second: site('db2'),
    database: { name: 'vmdb_production', user: 'cloudforms', passfile: '/var/lib/postgresql/.pgpass' },
    postgres: { programs: `/usr/lib/postgresql/${version}/bin`, data, service },
    failover: { failures: 2, interval },
    archive: { write: '/var/lib/postgresql/archive', read: '/var/lib/postgresql/archive-of-other' },
    ssh: { user: 'root' },
    ...(guarded ? { witnesses: { secret: { file: 'witness.secret' }, hosts: witnesses.map(addressOf) } } : {}),
  });
}

/** Plain servers: nothing of a cluster is left on the sites. */
export async function layOut(pair: Pair): Promise<void> {
  const nodes = pair.testbed.nodes();
  writeFileSync(pair.passwordFile, `${passwords.cloudforms}\n`);
  for (const node of nodes) placeExecutable(pair, node);
  configure(pair);
  await Promise.all(sites.map((node) => makeServer(pair, node)));
  await trust(pair);
  await pair.sh('db1', `systemctl start ${service}; ${as('postgres', `psql -Xq <<'E'\n${roles}\nE`)}`);
  await pair.sh('db2', `rm -rf ${data}`);
}

/** failover.interval, with all that reads it begun anew. */
export async function lookEvery(pair: Pair, interval: number): Promise<void> {
  configure({ ...pair, options: { ...pair.options, interval } });
  for (const node of pair.testbed.nodes())
    await pair.sh(node, 'systemctl restart cfha-global-keeper; systemctl try-restart cfha-global-watch || true');
}

export function configure(pair: Pair): void {
  for (const node of pair.testbed.nodes()) {
    put(pair, { node, path: '/etc/cfha/global.yaml', text: configText(pair.options) });
    put(pair, { node, path: '/etc/cfha/witness.secret', text: 'a secret of the testbed\n', mode: 0o600 });
  }
}

function placeExecutable(pair: Pair, node: string): void {
  const file = join(nodeFiles(pair.testbed.layout, node).root, '/usr/sbin/cfha');
  copyFileSync(built, `${file}.new`);
  renameSync(`${file}.new`, file);
}

const as = (user: string, script: string): string => `runuser -u ${user} -- ${script}`;

const roles = `
create role cloudforms login password '${passwords.cloudforms}';
create role replicator login replication password '${passwords.replicator}';
grant pg_checkpoint to replicator;
grant execute on function pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean), pg_read_binary_file(text),
  pg_read_binary_file(text, bigint, bigint, boolean) to replicator;
create database vmdb_production owner cloudforms;`;

async function makeServer(pair: Pair, node: SiteNode): Promise<void> {
  const conf = `/etc/postgresql/${version}/main`;
  await pair.sh(
    node,
    `dpkg --purge --force-all pacemaker pacemaker-cli-utils corosync pcs resource-agents fence-agents >/dev/null 2>&1 || true
     pg_createcluster ${version} main -- --auth-host=scram-sha-256 >/dev/null
     echo manual > ${conf}/start.conf
     echo "include_dir = 'conf.d'" >> ${conf}/postgresql.conf
     install -d -o postgres -g postgres -m 700 /var/lib/postgresql/archive /var/lib/postgresql/archive-of-other`,
    { timeoutMs: 120_000 },
  );
  put(pair, {
    node,
    path: `${conf}/conf.d/pair.conf`,
    text: `listen_addresses = '*'
wal_log_hints = on
wal_keep_size = 256MB
max_slot_wal_keep_size = 4GB
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 1s
wal_sender_timeout = 5s
archive_mode = on
archive_command = 'cfha global archive-wal %p %f'
`,
  });
  await pair.sh(
    node,
    `printf 'host all,replication all 10.77.0.0/24 scram-sha-256\\nhost all all 10.99.0.0/16 scram-sha-256\\n' >> ${conf}/pg_hba.conf
     printf '%s\\n' '*:*:*:cloudforms:${passwords.cloudforms}' '*:*:*:replicator:${passwords.replicator}' > /var/lib/postgresql/.pgpass
     chown postgres:postgres /var/lib/postgresql/.pgpass
     chmod 600 /var/lib/postgresql/.pgpass`,
  );
}

/** root of each site may log in to the other, and root of the traffic manager's host to both. */
async function trust(pair: Pair): Promise<void> {
  for (const [from, to] of [
    ['db1', 'db2'],
    ['db2', 'db1'],
    [gtm, 'db1'],
    [gtm, 'db2'],
  ] as const) {
    const key = await pair.sh(from, 'mkdir -p -m 700 .ssh root/.ssh; [ -e root/.ssh/id_ed25519 ] || ssh-keygen -qt ed25519 -N "" -f root/.ssh/id_ed25519; cat root/.ssh/id_ed25519.pub'); // prettier-ignore
    await pair.sh(to, `mkdir -p -m 700 root/.ssh; echo '${key.trim()}' >> root/.ssh/authorized_keys`);
  }
}

/** As an administrator does it: install everywhere, then the standby. */
export async function setUp(pair: Pair): Promise<void> {
  const hosts = pair.options.guarded ? pair.testbed.nodes() : sites;
  await Promise.all(hosts.filter((node) => node !== 'db1' && node !== 'db2').map((node) => pair.sh(node, 'cfha global install'))); // prettier-ignore
  for (const node of sites) pair.say((await pair.sh(node, 'cfha global install')).split('\n')[0] ?? '');
  await pair.sh('db2', 'pgsql-standby-initialize', { timeoutMs: 120_000 });
  for (const node of sites) await pair.sh(node, 'cfha serve --install');
  await setUpTrafficManager(pair);
  await untilServing(pair, 'db1', 30);
}

/** The clients' password, on the traffic manager's node. */
export const clientPassfile = '/root/.pgpass';

/** Behind which port of the traffic manager's which check is. */
export const ports = { tcp: 5432, http: 5433 } as const;
export type Check = keyof typeof ports;

/** As the reference's: the first site as long as something listens there. And the same with a check that asks `cfha serve`. */
export async function setUpTrafficManager(pair: Pair): Promise<void> {
  put(pair, {
    node: gtm,
    path: '/etc/haproxy/haproxy.cfg',
    text: `global
  maxconn 200
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 500ms
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
listen database
  bind *:${ports.tcp}
  server first ${addressOf('db1')}:5432 check
  server second ${addressOf('db2')}:5432 check backup
listen by_http
  bind *:${ports.http}
  option httpchk OPTIONS /primary
  http-check expect status 200
  timeout check 1s
  server first ${addressOf('db1')}:5432 check port 8008
  server second ${addressOf('db2')}:5432 check port 8008 backup
`,
  });
  put(pair, { node: gtm, path: clientPassfile, text: `*:*:*:cloudforms:${passwords.cloudforms}\n`, mode: 0o600 });
  await pair.sh(gtm, 'systemctl restart haproxy');
}

export type Status = Readonly<{
  here: { server: string; gate: string; epoch: number };
  there: { server: string };
  writable: string;
  todo: string;
  lag?: { bytes: string; seconds: number | null };
  kept?: { from: string | null; bytes: string; limit: string | null; lost: boolean };
  code: number;
}>;

/** What a site says of the pair; undefined if it cannot be asked. */
export async function statusOf(pair: Pair, node: string): Promise<Status | undefined> {
  if (!pair.testbed.isOn(node)) return undefined;
  const { stdout } = await pair.on(node, ['cfha', 'global', 'status', '--json'], { timeoutMs: 15_000 }).catch(() => ({ stdout: '' })); // prettier-ignore
  return stdout.startsWith('{') ? (JSON.parse(stdout) as Status) : undefined;
}

/** That site is the primary, and its gate is open. */
export async function untilServing(pair: Pair, node: SiteNode, seconds: number): Promise<void> {
  await waitUntil(`${node} serves`, async () => (await statusOf(pair, node))?.writable === 'here', seconds);
}

export async function untilStandby(pair: Pair, node: SiteNode, seconds: number): Promise<void> {
  await waitUntil(`${node} streams`, async () => (await statusOf(pair, node))?.lag?.bytes === '0', seconds);
}
