// The question about what bootstrap changes, asked again and again: one script and one round trip a host. It changes nothing.
import { quoted } from '../lib/host/shell.ts';
import { archiveOf, archiveTexts, ownPrograms, pruneTimer } from './archive.ts';
import { labelledFolders, labelQuestion } from './labels.ts';
import type { Layout } from './layout.ts';
import { executablePath, filesOnNodes } from './paths.ts';
import { provisionQuestion } from './provision.ts';
import type { Spec } from './spec.ts';
import { ownerVariable } from '../lib/postgres/session-settings.ts';

// `known` is the executable's stat and hash as last seen: hashing 117 MB again at every look costs a third of a second.
const script = `
file() {
  [ -f "$1" ] || return 0
  printf 'file %s %s %s\\n' "$2" "$(stat -c '0%a %U' "$1")" "$1"
}
for path in $files; do
  file "$path" "$(sha256sum 2>/dev/null <"$path" | cut -d ' ' -f 1)"
done
if [ -f "$executable" ]; then
  stat=$(stat -c '%s:%Y:%i' "$executable")
  case $known in
  "$stat="*) hash=\${known#*=} ;;
  *) hash=$(sha256sum <"$executable" | cut -d ' ' -f 1) ;;
  esac
  echo "known $stat=$hash"
  file "$executable" "$hash"
fi
for name in $nodes; do
  echo "name $name $(getent ahostsv4 "$name" | cut -d ' ' -f 1 | sort -u | tr '\\n' ' ')"
done
ip -4 -o addr show | sed 's/.* inet \\([0-9.]*\\).*/address \\1/'
systemctl show -p Id,ActiveState,UnitFileState pcsd.service corosync.service pacemaker.service corosync-qdevice.service cfha-routes.service cfha-firewall.service "$unit" $timer |
  sed -n 's/^Id=/unit /p; s/^ActiveState=/active /p; s/^UnitFileState=/enabled /p' | paste -d ' ' - - -
[ -x /etc/cfha/firewall ] && /etc/cfha/firewall check >/dev/null 2>&1 && echo 'firewall yes'
[ -e /etc/corosync/corosync.conf ] && echo "corosync $(base64 -w0 /etc/corosync/corosync.conf)"
if [ -e /var/lib/pcsd/known-hosts ]; then
  tr -d '\\n' </var/lib/pcsd/known-hosts | grep -o '"[A-Za-z0-9_.-]*": *{' | sed 's/"\\(.*\\)".*/authenticated \\1/'
fi

if mountpoint -q "$data"; then echo 'data mount'
elif [ ! -e "$data" ]; then echo 'data absent'
elif [ -z "$(ls -A "$data")" ]; then echo 'data empty'
elif [ -f "$data/PG_VERSION" ] && [ -f "$data/cfha.conf" ]; then
  region=$(sed -n '1s/^# cfha region //p' "$data/cfha.conf")
  id=$("$bindir/pg_controldata" -D "$data" 2>/dev/null | sed -n 's/^Database system identifier: *//p')
  echo "data ours $(cat "$data/PG_VERSION") $id $region"
else
  was=$("$bindir/pg_controldata" -D "$data" 2>/dev/null | sed -n 's/^Database cluster state: *//p')
  [ ! -e "$data/postmaster.pid" ] || was='running'
  echo "data foreign $(head -n 1 "$data/PG_VERSION" 2>/dev/null) $was"
fi

postgres() { ( cd / && runuser -u postgres -- "$@" ); }
if pid=$(sed -n 1p "$data/postmaster.pid" 2>/dev/null) && [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$bindir/postgres")" ]; then
  echo "server $(printf '%s' "$question" |
    postgres timeout 20 env "$options" "$bindir/psql" -XAtq -v ON_ERROR_STOP=1 $socket -p "$port" -d postgres -f - 2>/dev/null | base64 -w0)"
  postgres "$bindir/pg_isready" -q -t 3 -h "$vip" -p "$port" && echo 'vip answers'
elif [ -e "$bindir/pg_isready" ] && "$bindir/pg_isready" -q -t 3 -h "$vip" -p "$port"; then echo 'vip answers'
fi
[ -n "$archive" ] && echo "archive $(postgres cat "$archive/cfha-archive.json" 2>/dev/null | base64 -w0)"
for program in $programs; do
  postgres test -x "$program" && echo "runs $program"
done
systemctl -q is-active pacemaker && echo "cib $(timeout 20 cibadmin --query 2>/dev/null | base64 -w0)"
`;

/** What a running server is asked: its role, and the roles and databases of the region. */
export function serverQuestion(spec: Spec): string {
  const { replication, database } = spec.postgres;
  return `SELECT json_build_object(
  'standby', pg_is_in_recovery(),
  'pending', (SELECT json_agg(name ORDER BY name) FROM pg_settings WHERE pending_restart),
  'roles', (SELECT json_object_agg(rolname, coalesce(rolpassword, '')) FROM pg_authid
            WHERE rolname IN ('${replication.user}', '${database.owner}')),
  'databases', (SELECT json_object_agg(datname, pg_get_userbyid(datdba)) FROM pg_database));
`;
}

function archiveVariables(spec: Spec) {
  const archive = archiveOf(spec);
  const [directory, timer] = archive?.by === 'cfha' ? [archive.directory, pruneTimer] : ['', ''];
  return { archive: directory, timer, programs: ownPrograms(spec).join(' ') };
}

/** The script for one host. `known` is what an earlier answer said about the executable. */
export function lookScript(spec: Spec, layout: Layout, { name = layout.first.name, known = '' } = {}): string {
  const socket = spec.postgres.parameters['socketdir'];
  const archiveFiles = archiveTexts(spec, layout).map(({ path }) => path);
  const variables = {
    files: [...filesOnNodes(spec, layout), ...archiveFiles].join(' '),
    ...archiveVariables(spec),
    executable: executablePath,
    known,
    nodes: spec.nodes.map((node) => node.name).join(' '),
    unit: layout.unit,
    data: layout.data,
    bindir: layout.bindir,
    port: String(spec.postgres.port),
    socket: socket === undefined ? '' : `-h ${socket}`,
    vip: spec.vip.address,
    options: ownerVariable(),
    question: serverQuestion(spec),
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  return `${assignments.join('\n')}\n${script}${provisionQuestion(spec, layout, name)}${labelQuestion(labelledFolders(spec, layout, name))}echo end\n`;
}
