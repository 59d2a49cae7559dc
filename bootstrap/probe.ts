// What only the preflight needs to know of a host: whether the virtual IP and the port are free, what room there is, and what
// the fence device says.
import type { Result } from '../lib/host/exec.ts';
import { quoted } from '../lib/host/shell.ts';
import { decoded, readAnswer, type Answer } from './answer.ts';
import { virtualsOf } from './addresses.ts';
import type { Context } from './context.ts';
import { devicesOf, type Device } from './devices.ts';
import { readStarters, starterScript, type Starter } from './starters.ts';

export type Probe = {
  /** Virtual addresses that answer. */
  readonly vipsUsed: readonly string[];
  /** Those that are in a network that the host has an interface in. */
  readonly vipsOnLink: readonly string[];
  readonly portUsed: boolean;
  /** Where the data are, or will be: free space, kind of file system. */
  readonly room: Room;
  /** What is wrong with the database to be brought along; undefined if nothing is, or none is. */
  readonly source: string | undefined;
  /** What each fence device answered: the machines that it lists, or why it does not. */
  readonly fencing: Readonly<Record<string, Asked | undefined>>;
  /** Ports of the quorum device's host that are closed. */
  readonly quorumClosed: readonly string[];
  readonly starters: readonly Starter[];
};

export type Asked = { readonly machines: readonly string[] } | { readonly failed: string };

export type Room = { readonly free: number; readonly kind: string; readonly readOnly: boolean; readonly at: string };

// Fence agents read their options from standard input: no password is in any command line.
// A host that drops pings answers the question for its hardware address nevertheless.
const script = `
# What the kernel remembers of an address may be the host that had it a minute ago: it must be found anew.
for vip in $vips; do
  ip neigh flush to "$vip" 2>/dev/null
  if command -v ping >/dev/null; then ping -n -q -c 2 -i 0.3 -W 1 "$vip" >/dev/null 2>&1 && echo "used $vip"
  else bash -c 'echo >"/dev/udp/$1/9"' try "$vip" 2>/dev/null; sleep 1; fi
  ip neigh show "$vip" 2>/dev/null | grep -q lladdr && echo "used $vip"
  ip -4 -o route get "$vip" 2>/dev/null | grep -q ' via ' || { ip -4 -o route get "$vip" >/dev/null 2>&1 && echo "link $vip"; }
done
for port_ in $quorumports; do
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' try "$quorum" "$port_" 2>/dev/null || echo "closed $port_"
done
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
# NAME AGENT OPTIONS MACHINES: a device that has machines lists them, or is asked for each; one that is part of a machine, for itself.
fence() {
  if [ -z "$4" ]; then asked "$1" "$2" "action=monitor
$3" || return 0; echo "machines $1"
  elif "$2" -o metadata 2>/dev/null </dev/null | grep -q 'action name="list"'; then asked "$1" "$2" "action=list
$3" && echo "machines $1 $(printf '%s' "$list" | base64 -w0)"
  else
    answered=
    for machine in $4; do asked "$1" "$2" "action=status
plug=$machine
$3" && answered="$answered$machine
"; done
    [ -z "$answered" ] || echo "machines $1 $(printf '%s' "$answered" | base64 -w0)"
  fi
}
# Exit code 2 of a status is "off".
asked() {
  list=$(printf '%s' "$3" | timeout 90 "$2" 2>"$errors"); code=$?
  case $code:$3 in 0:*|2:action=status*) return 0 ;; esac
  echo "failed $1 $(tail -n 3 "$errors" | base64 -w0)"
  return 1
}
`;

/** The script that probes. It holds the fence device's password: it goes to standard input. */
export function probeScript({ spec, layout, passwords }: Context): string {
  const { quorum } = spec;
  const variables = {
    vips: virtualsOf(spec)
      .map(({ address }) => address)
      .join(' '),
    quorum: quorum?.address ?? '',
    quorumports: quorum === undefined ? '' : '2224 5403',
    port: String(spec.postgres.port),
    data: layout.data,
    bindir: layout.bindir,
    wanted: String(layout.version),
    ...sourceVariables(spec, passwords),
  };
  return (
    Object.entries(variables)
      .map(([name, value]) => `${name}=${quoted(value)}\n`)
      .join('') +
    script +
    devicesOf(spec)
      .map((device) => asking(device, passwords.fencing[device.name]))
      .join('') +
    `rm -f "$errors"\n${starterScript}\necho end\n`
  );
}

/** A call of the shell function: its words are in no list of processes. */
function asking({ name, agent, options, machines }: Device, password: string | undefined): string {
  const all = { ...options, ...(password === undefined ? {} : { password }) };
  const lines = Object.entries(all).map(([option, value]) => `${option}=${value}\n`);
  return `fence ${[name, agent, lines.join(''), Object.values(machines ?? {}).join(' ')].map(quoted).join(' ')}\n`;
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
  return {
    vipsUsed: [...new Set(answer.all('used'))],
    vipsOnLink: answer.all('link'),
    portUsed: answer.one('port') === 'used',
    room: room(answer),
    source: answer.one('source'),
    fencing: Object.fromEntries([...answer.all('machines').map(machines), ...answer.all('failed').map(failed)]),
    quorumClosed: answer.all('closed'),
    starters: readStarters(answer),
  };
}

function machines(line: string): [string, Asked] {
  const [device = '', list] = line.split(' ');
  const names = (decoded(list) ?? '').split('\n').map((one) => one.split(',')[0]?.trim() ?? '');
  return [device, { machines: names.filter((name) => name !== '') }];
}

function failed(line: string): [string, Asked] {
  const [device = '', words] = line.split(' ');
  return [device, { failed: decoded(words)?.trim() ?? 'it said nothing' }];
}

function room(answer: Answer): Room {
  const [free = '', kind = '', access = '', ...at] = (answer.one('room') ?? '').split(' ');
  return { free: Number(free), kind, readOnly: access === 'ro', at: at.join(' ') };
}
