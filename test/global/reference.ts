// The rules of the reference's scripts (Appendix E), in plain sh: what they ask, in which order, and what they do then. Their
// paths are this testbed's; `pg_ctl promote` does not wait, as PostgreSQL's of that time; cron runs each second, not each minute.
import { data, put, service, setUpTrafficManager, sites, type Pair, type SiteNode } from './pair.ts';
import { waitUntil } from '../scenarios/waiting.ts';

const folder = '/usr/local/lib/reference';
const programs = '/usr/lib/postgresql/15/bin';

const common = (names: Readonly<Record<'first' | 'second', string>>): string => `
PRIMARY_HOST=${names.first}
STANDBY_HOST=${names.second}
MAX_PRIMARY_FAILCOUNT=2
COUNT=/var/lib/postgresql/primary-failcount
log() { echo "$(date '+%b %d %T') $1: $2"; }
select_1() { su -c "psql -h $1 -U cloudforms -w -c 'select 1' vmdb_production" postgres >/dev/null; }
iptables_open() { iptables -I INPUT 1 -p tcp --dport 5432 -j ACCEPT; }
iptables_close() { iptables -D INPUT -p tcp --dport 5432 -j ACCEPT; }
`;

const promote = `#!/bin/sh
. ${folder}/pgsql-replication.sh
exec >>/var/log/reference-check-promote.log 2>&1
systemctl -q is-active ${service} || { log WARNING "PostgreSQL is not running locally, exiting."; exit 1; }
[ -e ${data}/standby.signal ] || { log INFO "I'm already the primary, nothing to do."; exit 0; }
if select_1 $PRIMARY_HOST; then
  [ ! -e $COUNT ] || rm $COUNT
  exit 0
fi
log INFO "$PRIMARY_HOST is down"
PRIMARY_FAILCOUNT=0
[ ! -e $COUNT ] || . $COUNT
PRIMARY_FAILCOUNT=$((PRIMARY_FAILCOUNT + 1))
if [ $PRIMARY_FAILCOUNT -lt $MAX_PRIMARY_FAILCOUNT ]; then
  echo "PRIMARY_FAILCOUNT=$PRIMARY_FAILCOUNT" >$COUNT
  exit 0
fi
log INFO "$MAX_PRIMARY_FAILCOUNT failures reached, promoting myself to primary"
su -c "${programs}/pg_ctl -D ${data} -W promote" postgres
iptables_open
rm $COUNT
`;

const initialize = `#!/bin/sh
set -eu
. ${folder}/pgsql-replication.sh
select_1 $PRIMARY_HOST
rm -rf ${data}
su -c "${programs}/pg_basebackup -h $PRIMARY_HOST -U replicator -w -D ${data} -c fast -X stream" postgres
cat >>${data}/postgresql.auto.conf <<F
primary_conninfo = 'host=$PRIMARY_HOST user=replicator application_name=$STANDBY_HOST'
F
su -c "touch ${data}/standby.signal" postgres
iptables_close 2>/dev/null || true
systemctl start ${service}
`;

/** The port 5432 is not listed there, on the second site. */
const firewall = `iptables -F INPUT
iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -p icmp -j ACCEPT
iptables -A INPUT -p tcp -m multiport ! --dports 5432 -j ACCEPT
iptables -A INPUT -j REJECT --reject-with icmp-host-prohibited`;

/** Two plain servers, the first of which runs, are made a pair by the reference's rules. */
export async function setUpReference(pair: Pair): Promise<void> {
  for (const node of sites) {
    put(pair, { node, path: `${folder}/pgsql-replication.sh`, text: common({ first: 'db1', second: 'db2' }) });
    put(pair, { node, path: `${folder}/pgsql-standby-check-promote`, text: promote, mode: 0o755 });
    put(pair, { node, path: `${folder}/pgsql-standby-initialize`, text: initialize, mode: 0o755 });
    const archive = '/etc/postgresql/15/main/conf.d/reference.conf';
    put(pair, { node, path: archive, text: `archive_command = 'cp %p /var/lib/postgresql/archive/%f'\n` });
    // A server of nobody's pair: it has no gate that could be closed.
    await pair.sh(node, 'mv /etc/cfha/global.yaml /etc/cfha/away.yaml; cfha serve --install');
  }
  await pair.sh('db1', `systemctl reload ${service}`);
  await beginAnew(pair);
  await setUpTrafficManager(pair);
}

/** The first is the primary, the second its standby: what the reference's administrator has to do after each case. */
export async function beginAnew(pair: Pair): Promise<void> {
  await pair.sh('db2', `systemctl stop reference-cron 2>/dev/null || true; systemctl stop ${service}; rm -f /var/lib/postgresql/primary-failcount; ${firewall}`); // prettier-ignore
  await pair.sh('db1', `systemctl start ${service}`);
  await pair.sh('db2', `${folder}/pgsql-standby-initialize`, { timeoutMs: 120_000 });
  await waitUntil('the standby streams', async () => (await senders(pair, 'db1')) === '1', 30);
  await pair.sh('db2', `systemctl reset-failed reference-cron 2>/dev/null || true; systemd-run -q --unit reference-cron sh -c 'while sleep 1; do ${folder}/pgsql-standby-check-promote; done'`); // prettier-ignore
}

async function senders(pair: Pair, node: SiteNode): Promise<string> {
  return (await pair.sh(node, `su -c "psql -XAtqc 'select count(*) from pg_stat_replication'" postgres`)).trim();
}

/** Nothing of it is left; the first site's server goes on. */
export async function removeReference(pair: Pair): Promise<void> {
  await pair.sh('db2', `systemctl stop reference-cron || true; systemctl stop ${service}; rm -rf ${data}; iptables -F INPUT`); // prettier-ignore
  for (const node of sites)
    await pair.sh(
      node,
      `rm -rf ${folder} /etc/postgresql/15/main/conf.d/reference.conf; cfha serve --uninstall; mv /etc/cfha/away.yaml /etc/cfha/global.yaml`,
    );
  await pair.sh('db1', `systemctl restart ${service}`);
}
