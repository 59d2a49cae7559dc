// What only the preflight needs to know of a host: whether the virtual IP and the port are free, what room there is, and what
// the fence device says.
import type { Result } from '../lib/host/exec.ts';
import { quoted } from '../lib/host/shell.ts';
import { decoded, readAnswer, type Answer } from './answer.ts';
import type { Context } from './context.ts';

export type Probe = {
  readonly vipUsed: boolean;
  /** Whether the virtual IP is in a network that the host has an interface in. */
  readonly vipOnLink: boolean;
  readonly portUsed: boolean;
  /** Where the data are, or will be: free space, kind of file system. */
  readonly room: Room;
  /** What is wrong with the database to be brought along; undefined if nothing is, or none is. */
  readonly source: string | undefined;
  /** The machines that the fence device lists, or why it does not. */
  readonly fencing: { readonly machines: readonly string[] } | { readonly failed: string };
};

export type Room = { readonly free: number; readonly kind: string; readonly readOnly: boolean; readonly at: string };

// Fence agents read their options from standard input: no password is in any command line.
// A host that drops pings answers the question for its hardware address nevertheless.
const script = `
if command -v ping >/dev/null; then ping -n -q -c 2 -i 0.3 -W 1 "$vip" >/dev/null 2>&1 && echo 'vip used'; fi
ip neigh show "$vip" 2>/dev/null | grep -q lladdr && echo 'vip used'
ip -4 -o route get "$vip" 2>/dev/null | grep -q ' via ' || { ip -4 -o route get "$vip" >/dev/null 2>&1 && echo 'link yes'; }
[ -n "$(ss -Hltn "sport = :$port" 2>/dev/null)" ] && echo 'port used'
at=$data
while [ ! -d "$at" ] && [ "$at" != / ]; do at=\${at%/*}; at=\${at:-/}; done
mount=$(findmnt -n -o OPTIONS -T "$at" 2>/dev/null)
case ",$mount," in *,ro,*) access=ro ;; *) access=rw ;; esac
echo "room $(df -B1 --output=avail,fstype "$at" 2>/dev/null | tail -n 1 | tr -s ' ' | sed 's/^ //') $access $at"
errors=$(mktemp)
if [ -n "$tar" ]; then
  version=$(tar -tf "$tar" 2>"$errors" | grep -E '(^|/)PG_VERSION$' | awk '{ print length, $0 }' | sort -n | head -n 1 | cut -d ' ' -f 2-)
  found=$([ -n "$version" ] && tar -xOf "$tar" "$version" 2>/dev/null)
  if [ -z "$version" ]; then echo "source $(tail -n 1 "$errors" | grep . || echo 'it holds no data directory')"
  elif [ "$found" != "$wanted" ]; then echo "source it is of PostgreSQL $found"; fi
fi
if [ -n "$clone" ]; then
  PGPASSWORD=$clonepass; export PGPASSWORD
  if ! found=$("$bindir/psql" -XAtqw "$clone replication=1" -c 'SHOW server_version_num' 2>"$errors"); then echo "source $(tail -n 1 "$errors")"
  elif [ "$((found / 10000))" != "$wanted" ]; then echo "source it is PostgreSQL $((found / 10000))"; fi
  unset PGPASSWORD
fi
if list=$(printf '%s' "$options" | timeout 90 "$agent" 2>"$errors"); then
  echo "machines $(printf '%s' "$list" | base64 -w0)"
else
  echo "failed $(tail -n 3 "$errors" | base64 -w0)"
fi
rm -f "$errors"
echo end
`;

/** The script that probes. It holds the fence device's password: it goes to standard input. */
export function probeScript({ spec, layout, passwords }: Context): string {
  const options = { action: 'list', ...spec.fencing.options, password: passwords.fencing };
  const lines = Object.entries(options).map(([name, value]) => `${name}=${value}\n`);
  const variables = {
    vip: spec.vip.address,
    port: String(spec.postgres.port),
    data: layout.data,
    agent: spec.fencing.agent,
    bindir: layout.bindir,
    wanted: String(layout.version),
    ...sourceVariables(spec, passwords),
    options: lines.join(''),
  };
  return (
    Object.entries(variables)
      .map(([name, value]) => `${name}=${quoted(value)}\n`)
      .join('') + script
  );
}

function sourceVariables({ postgres: { source } }: Context['spec'], passwords: Context['passwords']) {
  return {
    tar: source?.tar ?? '',
    clone: source?.clone === undefined ? '' : connection(source.clone),
    clonepass: passwords.source,
  };
}

/** Where the server to be copied is, as libpq reads it. */
export function connection({ address, port, user }: { address: string; port: number; user: string }): string {
  return `host=${address} port=${port} user=${user} connect_timeout=10`;
}

/** Reads what the script printed. A list has a machine a line: `NAME,ID`. */
export function readProbe(result: Result): Probe {
  const answer = readAnswer(result);
  const failed = answer.one('failed');
  const machines = (decoded(answer.one('machines')) ?? '').split('\n').map((line) => line.split(',')[0]?.trim() ?? '');
  return {
    vipUsed: answer.one('vip') === 'used',
    vipOnLink: answer.one('link') === 'yes',
    portUsed: answer.one('port') === 'used',
    room: room(answer),
    source: answer.one('source'),
    fencing:
      failed === undefined
        ? { machines: machines.filter((name) => name !== '') }
        : { failed: decoded(failed)?.trim() ?? 'it said nothing' },
  };
}

function room(answer: Answer): Room {
  const [free = '', kind = '', access = '', ...at] = (answer.one('room') ?? '').split(' ');
  return { free: Number(free), kind, readOnly: access === 'ro', at: at.join(' ') };
}
