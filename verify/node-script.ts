// What a node is asked for the static checks: one script, one round trip. It changes nothing. What it prints is read in read-node.ts.
import { starterScript } from '../bootstrap/starters.ts';
import { quoted } from '../lib/host/shell.ts';
import { conninfoValue } from '../lib/postgres/conninfo.ts';
import { parameters, type ParameterName } from '../meta/parameters.ts';
import type { CibFacts } from './facts.ts';
import { agentsSettings, askedSettings } from './checks/settings.ts';
import { devicesOf, plugOf } from './cib-words.ts';
import { collationQuestion, collationScript, platformScript, tablespaceScript } from './platform-script.ts';
import { ownerVariable } from '../lib/postgres/session-settings.ts';

const question = `SELECT json_build_object(
  'standby', pg_is_in_recovery(),
  'settings', (SELECT json_object_agg(name, setting) FROM pg_settings WHERE name IN (${askedSettings.map((name) => `'${name}'`).join(', ')})),
  'pending', (SELECT coalesce(json_agg(name), '[]') FROM pg_settings WHERE pending_restart),
  'errors', (SELECT coalesce(json_agg(sourcefile || ':' || sourceline || ' ' || coalesce(name, '') || ': ' || error), '[]') FROM pg_file_settings WHERE error IS NOT NULL AND error NOT LIKE '%could not be applied'),
  'outranking', (SELECT coalesce(json_agg(name || ' in ' || sourcefile || ' line ' || sourceline), '[]')
    FROM (SELECT *, max(seqno) OVER (PARTITION BY name) AS last FROM pg_file_settings WHERE name IN (${agentsSettings.map((name) => `'${name}'`).join(', ')})) f
    WHERE seqno = last AND setting NOT IN ('', '0') AND sourcefile !~ '/(recovery|rep_mode)[.]conf$'),
  'paused', CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END,
  'behind', CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) END,
  'streaming', (SELECT count(*) > 0 FROM pg_stat_wal_receiver WHERE status = 'streaming'),
  'bytes', (SELECT sum(pg_database_size(oid)) FROM pg_database),
  'system', (SELECT system_identifier::text FROM pg_control_system()),
  'timeline', (SELECT CASE WHEN pg_is_in_recovery() THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver), timeline_id) ELSE timeline_id END FROM pg_control_checkpoint()),
  'checksums', (SELECT data_page_checksum_version > 0 FROM pg_control_init()),
  'slots', (SELECT coalesce(json_agg(json_build_object('name', slot_name, 'active', active, 'walStatus', coalesce(wal_status, ''), 'synced', coalesce((to_jsonb(s)->>'synced')::bool, false))), '[]') FROM pg_replication_slots s WHERE NOT temporary),
  'tablespaces', (SELECT coalesce(json_agg(place), '[]') FROM (SELECT pg_tablespace_location(oid) AS place FROM pg_tablespace) s WHERE place LIKE '/%'),
  'archiver', (SELECT json_build_object('last', coalesce(last_archived_wal, ''), 'failed', failed_count,
    'failing', coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)) FROM pg_stat_archiver));
`;

/** Where the server's certificate is, if it has one. */
const certificate = `SELECT CASE WHEN setting LIKE '/%' THEN setting ELSE current_setting('data_directory') || '/' || setting END
  FROM pg_settings WHERE name = 'ssl_cert_file' AND current_setting('ssl') = 'on';
`;

const script = `
postgres() { ( cd / && runuser -u "$pgdba" -- "$@" ); }
own=$(crm_node --name 2>/dev/null)
echo "before $(date +%s%N)"
link=$(readlink -f "$agent")
[ -e "$link" ] && echo "agent $(sha256sum <"$link" | cut -d ' ' -f 1)"
[ "\${link##*/}" = cfha ] && echo "version cfha $("$link" --version 2>/dev/null | tr '\\n' ' ')"
echo "version pacemaker $(pacemakerd --version 2>/dev/null | sed -n 's/^Pacemaker //p')"
echo "version corosync $(corosync -v 2>/dev/null | sed -n "s/.*version '\\([^']*\\)'.*/\\1/p")"
echo "version postgres $("$bindir/postgres" --version 2>/dev/null | sed 's/^postgres (PostgreSQL) //')"
echo "corosync-hash $(sha256sum </etc/corosync/corosync.conf | cut -d ' ' -f 1)"
echo "corosync-conf $(base64 -w0 /etc/corosync/corosync.conf)"
corosync-cmapctl 2>/dev/null | sed -n 's/^\\(\\(runtime\\.\\(config\\.totem\\|votequorum\\)\\|totem\\|quorum\\)\\.[A-Za-z0-9_.]*\\) ([a-z0-9]*) = \\(.*\\)$/cmap \\1 \\4/p'
corosync-cfgtool -s 2>/dev/null | sed -n 's/^[[:space:]]*nodeid:[[:space:]]*\\([0-9]*\\):[[:space:]]*\\(.*\\)$/link \\1 \\2/p' | grep -v localhost
systemctl show -p Id,ActiveState,UnitFileState corosync.service pacemaker.service pcsd.service postgresql.service 2>/dev/null |
  sed -n 's/^Id=/unit /p; s/^ActiveState=/active /p; s/^UnitFileState=/enabled /p' | paste -d ' ' - - - | grep -v 'enabled *$'
echo "synchronised $(timedatectl show -p NTPSynchronized --value 2>/dev/null)"
echo "container $(systemd-detect-virt -c 2>/dev/null)"
[ -e "$tmpdir/PGSQL.lock" ] && echo 'lock yes'
ip -4 -o addr show | sed 's/^[0-9]*: *\\([^ ]*\\) *inet \\([0-9./]*\\).*/address \\1 \\2/'
[ "$(stat -L -c %d "$pgdata/pg_wal" 2>/dev/null)" = "$(stat -c %d /)" ] && echo 'wal-on-root yes'
real=$(readlink -f "$pgdata")
if [ -d "$real" ] && [ "$(stat -c %d "$real")" != "$(stat -c %d "\${real%/*}/.")" ]; then echo "copy-obstacle $real is a file system of its own"
elif [ -L "$pgdata/pg_wal" ]; then echo "copy-obstacle $pgdata/pg_wal is a link"
elif [ -n "$(ls -A "$pgdata/pg_tblspc" 2>/dev/null)" ]; then echo 'copy-obstacle there are tablespaces'; fi
most=$(awk '$1 == "SYS_UID_MAX" { print $2 }' /etc/login.defs 2>/dev/null)
removed=$(busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager RemoveIPC 2>/dev/null)
echo "ipc $(id -u "$pgdba") \${most:-999} \${removed#b }"
for file in "\${config%/*}/environment" /etc/postgresql/*/*/environment; do
  [ "\${file%/*}" = "\${config%/*}" ] || grep -qs "^[[:space:]]*data_directory[^/]*'$pgdata'" "\${file%/*}/postgresql.conf" || continue
  grep -qs '^[[:space:]]*[^#[:space:]]' "$file" && echo "environment $file"
done | sort -u
ip -o link show | sed -n 's/^[0-9]*: *\\([^:@]*\\).*link\\/ether \\([0-9a-f:]*\\).*/mac \\1 \\2/p'
for name in $nodes; do echo "name $name $(getent ahostsv4 "$name" | cut -d ' ' -f 1 | sort -u | tr '\\n' ' ')"; done
for place in "data $pgdata" "WAL $pgdata/pg_wal"; do
  set -- $place
  df -PB1 "$(readlink -f "$2")" 2>/dev/null | sed -n "2s/^[^ ]* *\\([0-9]*\\) *[0-9]* *\\([0-9]*\\).*/disk $1 \\2 \\1/p"
done
for name in $nodes; do
  [ "$name" = "$own" ] && continue
  if timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' try "$name" "$port" 2>/dev/null; then echo "port $name yes"; else echo "port $name no connection to TCP port $port"; fi
  said=$(postgres env PGCONNECT_TIMEOUT=5 timeout 8 "$bindir/psql" -XAtqw -d "$conninfo host=$name dbname=replication replication=true" -c 'IDENTIFY_SYSTEM' 2>&1) &&
    echo "login $name yes" || echo "login $name $(printf '%s' "$said" | tr '\\n' ' ')"
done
if command -v openssl >/dev/null; then
  certificates=$(printf '%s' "$certificate" | postgres timeout 10 env "$options" "$bindir/psql" -XAtq $socket -p "$port" -d postgres -f - 2>/dev/null)
  for file in /var/lib/pcsd/pcsd.crt $certificates; do
    end=$(openssl x509 -noout -enddate -in "$file" 2>/dev/null | cut -d= -f2) && [ -n "$end" ] &&
      echo "certificate $(( ($(date -d "$end" +%s) - $(date +%s)) / 86400 )) $file"
  done
fi
${platformScript}${starterScript}
if pid=$(sed -n 1p "$pgdata/postmaster.pid" 2>/dev/null) && [ -e "/proc/$pid" ]; then
${collationScript}
  answer=$(printf '%s' "$question" | postgres timeout 20 env "$options" "$bindir/psql" -XAtq -v ON_ERROR_STOP=1 $socket -p "$port" -d postgres -f - 2>/dev/null)
  [ -n "$answer" ] && echo "server $(printf '%s' "$answer" | base64 -w0)"
fi
`;

const fenceScript = `
fence() {
  said=$(printf "%s" "$4" | timeout 60 "$2" 2>&1); code=$?
  if [ $code = 0 ]; then echo "fence $1 yes"; elif [ $code = 2 ]; then echo "fence $1 $3 is off, says the device"
  else echo "fence $1 $2 ended with $code: $(printf '%s' "$said" | tail -n 1 | tr '\\n' ' ')"; fi
}
`;

const restoreScript = `
place=$(mktemp -d) && chown "$pgdba" "$place"
said=$(cd "$place" && runuser -u "$pgdba" -- sh -c "$restore" 2>&1)
if [ -s "$place/restored" ]; then echo "restored $wal yes"; else echo "restored $wal it is not there: $(printf '%s' "$said" | tail -n 1)"; fi
rm -rf "$place"
echo end
`;

/** What the script is told; a parameter that is not set has the agent's default. */
function variables(cib: CibFacts): Readonly<Record<string, string>> {
  const given = (name: ParameterName) => cib.postgres.attributes[name] ?? parameters[name].default;
  const [, provider = '', type = ''] = cib.postgres.agent.split(':');
  const { socketdir } = cib.postgres.attributes;
  return {
    agent: `/usr/lib/ocf/resource.d/${provider}/${type}`,
    bindir: given('pgctl').replace(/\/pg_ctl$/, ''),
    pgdba: given('pgdba'),
    pgdata: given('pgdata'),
    tmpdir: given('tmpdir'),
    config: given('config').replace('$pgdata', given('pgdata')),
    port: given('pgport'),
    socket: socketdir === undefined ? '' : `-h ${socketdir}`,
    nodes: cib.view.nodes.map(({ name }) => name).join(' '),
    conninfo: `user=${conninfoValue(given('repuser'))} port=${given('pgport')} ${given('primary_conninfo_opt')}`,
    options: ownerVariable({ default_transaction_read_only: undefined }), // it is asked for
    certificate,
    question,
    collations: collationQuestion,
  };
}

function assignments(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('');
}

/** Options as fence agents read them from standard input; what is Pacemaker's own is left out. */
export function fenceOptions(device: CibFacts['primitives'][number], plug: string, action: string): string {
  const own = Object.entries(device.attributes).filter(([name]) => !name.startsWith('pcmk_') && name !== 'action');
  return [...own, ['action', action], ['plug', plug]].map(([name, value]) => `${name ?? ''}=${value ?? ''}\n`).join('');
}

/** The script for a node. Every device is asked about the power of every node: that changes nothing. */
export function nodeScript(cib: CibFacts): string {
  const asked = devicesOf(cib).flatMap((device) =>
    cib.view.nodes.flatMap(({ name }) => {
      const plug = plugOf(device, name);
      return plug === undefined ? [] : [`fence ${[name, device.agent.replace('stonith:', ''), plug, fenceOptions(device, plug, 'status')].map(quoted).join(' ')}\n`]; // prettier-ignore
    }),
  );
  // the clock is asked again by whoever asks: what comes between is in the answer
  return `${assignments(variables(cib))}${script}${fenceScript}${asked.join('')}echo end\n`;
}

/** The script that gets a WAL file out of the archive, as a standby would, into a place of its own. */
export function restoreWalScript(cib: CibFacts, restore: string, wal: string): string {
  const command = restore
    .replaceAll('%f', wal)
    .replaceAll('%p', 'restored')
    .replaceAll('%r', wal)
    .replaceAll('%%', '%');
  return `${assignments({ pgdba: variables(cib)['pgdba'] ?? '', restore: command, wal })}${restoreScript}`;
}

/** The script that looks at the directories of the primary's tablespaces. */
export function tablespacesScript(cib: CibFacts, directories: readonly string[]): string {
  const { pgdba = '', pgdata = '' } = variables(cib);
  return `${assignments({ pgdba, pgdata, directories: directories.join('\n') })}${tablespaceScript}`;
}

/** Only the clock: a short question has a small error. */
export const clockScript = 'echo "clock $(date +%s%N)"\necho end\n';
