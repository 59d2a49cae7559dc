// A region built by hand with pcs and ocf:heartbeat:pgsql, as the reference architecture writes it, on a testbed.
import { addressOf, prefixLength, switchAddress, vipAddress } from '../testbed/layout.ts';
import { vmName } from '../testbed/definition.ts';
import { untilHealthy, type Stage } from '../scenarios/stage.ts';

export const data = '/var/lib/postgresql/15/main';
export const tmpdir = '/var/lib/postgresql/tmp';
const archive = '/var/lib/postgresql/wal-archive';
const bin = '/usr/lib/postgresql/15/bin';

const asPostgres = (command: string): string => `runuser -u postgres -- env -C /var/lib/postgresql ${command}`;

/** Runs a shell script on a node; its output. */
export function shell(stage: Stage, node: string, script: string): Promise<string> {
  return stage.must(node, ['bash', '-euc', script], { timeoutMs: 300_000 });
}

/** Debian 12's ocf-shellfuncs cannot set a score of -INFINITY (crm_attribute reads "-INFINITY" as options). */
const mendShellfuncs = `sed -i 's|{HA_SBIN_DIR}/crm_attribute -p \\$@|{HA_SBIN_DIR}/crm_attribute -p -l reboot $@|' \
  /usr/lib/ocf/lib/heartbeat/ocf-shellfuncs
grep -q 'crm_attribute -p -l reboot' /usr/lib/ocf/lib/heartbeat/ocf-shellfuncs`;

function prepare(): string {
  return `${mendShellfuncs}
    pcs cluster destroy >/dev/null 2>&1 || true
    echo hacluster:by-hand | chpasswd
    install -d -o postgres -g postgres -m 700 ${tmpdir} ${archive} /var/lib/postgresql/15`;
}

/**
 * Section 3.2: the database on the first node. The settings for replication are the reference’s, in today’s names, but for
 * wal_keep_size: it stands in for the reference’s archive, an NFS directory that both nodes see, and here each has its own.
 */
function makeDatabase({ region: { passwords } }: Stage): string {
  const network = `${switchAddress.replace(/\.\d+$/, '.0')}/${prefixLength}`;
  const sql = `create role replicator login replication password '${passwords.replicator.secret}';
    create role cloudforms login password '${passwords.cloudforms.secret}';
    create database vmdb_production owner cloudforms template template0 encoding 'UTF8'`;
  return `
    ${asPostgres(`${bin}/initdb -D ${data} -E UTF8 --locale=C.UTF-8 -A peer >/dev/null`)}
    cat >>${data}/postgresql.conf <<'END'
listen_addresses = '*'
wal_level = replica
hot_standby = on
archive_mode = on
archive_command = 'cp %p ${archive}/%f'
max_wal_senders = 2
wal_keep_size = 512MB
logging_collector = on
log_directory = 'log'
password_encryption = md5
END
    cat >>${data}/pg_hba.conf <<'END'
host replication replicator ${network} md5
host vmdb_production cloudforms ${network} md5
END
    ${asPostgres(`${bin}/pg_ctl -D ${data} -w -t 60 -l /dev/null start >/dev/null`)}
    ${asPostgres('psql -XAtq')} <<'END'
${sql.replaceAll(/;\s+/g, ';\n')}
END`;
}

/** What a person copies to the second node: a base backup, over the network. `from`: a node's name or the virtual IP. */
export function copyDatabase({ region: { passwords } }: Stage, from: string): string {
  return `rm -rf ${data}
    ${asPostgres(`env PGPASSWORD=${passwords.replicator.secret} ${bin}/pg_basebackup -h ${from} -U replicator -D ${data} -X fetch -c fast`)}`;
}

function makeCluster({ nodes }: Stage): string {
  const addressed = nodes.map((node) => `${node} addr=${addressOf(node)}`).join(' ');
  return `${asPostgres(`${bin}/pg_ctl -D ${data} -w -m fast stop >/dev/null`)}
    echo by-hand | pcs host auth -u hacluster ${addressed}
    pcs cluster setup dc1 ${addressed}
    pcs cluster start --all --wait=90
    pcs cluster enable --all`;
}

/** Section 4: the resources as the reference has them, in the words of pcs 0.11. */
function makeResources({ nodes, region: { passwords }, testbed }: Stage, mode: 'async' | 'sync'): string {
  const definition = testbed.definition();
  const machines = nodes.map((node) => `${node}:${definition ? vmName(definition, node) : node}`).join(';');
  return `cd /root; rm -f cib before; pcs cluster cib cib; cp cib before
    p() { pcs -f cib "$@"; }
    p resource defaults update migration-threshold=1
    p stonith create vcenter fence_vmware_soap ip=${switchAddress} ssl=1 ssl_insecure=1 username=cfha \
      password_script=/root/vcenter-password pcmk_host_map='${machines}' pcmk_host_check=static-list \
      op monitor interval=60s timeout=60s
    p resource create pgvip ocf:heartbeat:IPaddr2 ip=${vipAddress} cidr_netmask=${prefixLength} iflabel=pgvip \
      meta target-role=Started
    p resource create postgresql ocf:heartbeat:pgsql pgctl=${bin}/pg_ctl pgdata=${data} psql=/usr/bin/psql \
      config=${data}/postgresql.conf rep_mode=${mode} repuser=replicator \
      primary_conninfo_opt="password=${passwords.replicator.secret}" node_list="${nodes.join(' ')}" \
      restore_command='cp ${archive}/%f "%p"' master_ip=${vipAddress} tmpdir=${tmpdir} \
      check_wal_receiver=false restart_on_promote=true \
      op start timeout=60s interval=0s on-fail=restart op monitor timeout=60s interval=4s on-fail=restart \
      op monitor timeout=60s interval=3s on-fail=restart role=Promoted op promote timeout=60s interval=0s on-fail=restart \
      op demote timeout=60s interval=0s on-fail=stop op stop timeout=60s interval=0s op notify timeout=60s interval=0s
    p resource promotable postgresql postgresql-ms \
      meta promoted-max=1 promoted-node-max=1 clone-max=2 clone-node-max=1 notify=true
    p constraint colocation add pgvip with Promoted postgresql-ms INFINITY
    p constraint order promote postgresql-ms then start pgvip symmetrical=false score=INFINITY
    p constraint order demote postgresql-ms then stop pgvip symmetrical=false score=0
    pcs cluster cib-push cib diff-against=before`;
}

async function givePassword(stage: Stage, node: string): Promise<void> {
  const script = `umask 077; printf '#!/bin/sh\\necho %s\\n' "$(cat)" >/root/vcenter-password; chmod 700 /root/vcenter-password`;
  await stage.must(node, ['bash', '-euc', script], { input: stage.region.passwords.vcenter.secret });
}

/** From bare nodes to a healthy region with upstream's agent. */
export async function buildByHand(stage: Stage, mode: 'async' | 'sync' = 'async'): Promise<void> {
  const [first, second] = stage.nodes;
  await Promise.all(stage.nodes.map((node) => shell(stage, node, prepare())));
  await Promise.all(stage.nodes.map((node) => givePassword(stage, node)));
  await shell(stage, first, makeDatabase(stage));
  await shell(stage, second, copyDatabase(stage, first));
  await shell(stage, first, makeCluster(stage));
  await shell(stage, first, makeResources(stage, mode));
  await untilHealthy(stage, 240);
}

/** Gives the nodes that region: built, or as it was kept. */
export async function beginByHand(stage: Stage, mode: 'async' | 'sync' = 'async'): Promise<void> {
  const saved = mode === 'async' ? 'by-hand' : 'by-hand-sync';
  if (stage.testbed.status().saves.includes(saved)) {
    await stage.testbed.load(saved);
  } else {
    await stage.testbed.load('bare');
    await buildByHand(stage, mode);
    await stopInOrder(stage);
    await stage.testbed.save(saved);
  }
  await untilHealthy(stage, 240);
}

/** The standby first: the last one to stop knows that nobody has newer data, and leaves no PGSQL.lock. */
async function stopInOrder(stage: Stage): Promise<void> {
  const [primary = ''] = (await untilHealthy(stage, 60)).promoted;
  await stage.must(primary, ['pcs', 'cluster', 'stop', stage.otherThan(primary)]);
  await stage.must(primary, ['pcs', 'cluster', 'stop', primary, '--force']);
}
