// What only the preflight needs to know of a host: whether the virtual IP and the port are free, and what the fence device says.
import type { Result } from '../lib/host/exec.ts';
import { quoted } from '../lib/host/shell.ts';
import { decoded, readAnswer } from './answer.ts';
import type { Context } from './context.ts';

export type Probe = {
  readonly vipUsed: boolean;
  readonly portUsed: boolean;
  /** The machines that the fence device lists, or why it does not. */
  readonly fencing: { readonly machines: readonly string[] } | { readonly failed: string };
};

// Fence agents read their options from standard input: no password is in any command line.
const script = `
if command -v ping >/dev/null; then ping -n -q -c 2 -i 0.3 -W 1 "$vip" >/dev/null 2>&1 && echo 'vip used'; fi
[ -n "$(ss -Hltn "sport = :$port" 2>/dev/null)" ] && echo 'port used'
errors=$(mktemp)
if list=$(printf '%s' "$options" | timeout 90 "$agent" 2>"$errors"); then
  echo "machines $(printf '%s' "$list" | base64 -w0)"
else
  echo "failed $(tail -n 3 "$errors" | base64 -w0)"
fi
rm -f "$errors"
echo end
`;

/** The script that probes. It holds the fence device's password: it goes to standard input. */
export function probeScript({ spec, passwords }: Context): string {
  const options = { action: 'list', ...spec.fencing.options, password: passwords.fencing };
  const lines = Object.entries(options).map(([name, value]) => `${name}=${value}\n`);
  const variables = {
    vip: spec.vip.address,
    port: String(spec.postgres.port),
    agent: spec.fencing.agent,
    options: lines.join(''),
  };
  return (
    Object.entries(variables)
      .map(([name, value]) => `${name}=${quoted(value)}\n`)
      .join('') + script
  );
}

/** Reads what the script printed. A list has a machine a line: `NAME,ID`. */
export function readProbe(result: Result): Probe {
  const answer = readAnswer(result);
  const failed = answer.one('failed');
  const machines = (decoded(answer.one('machines')) ?? '').split('\n').map((line) => line.split(',')[0]?.trim() ?? '');
  return {
    vipUsed: answer.one('vip') === 'used',
    portUsed: answer.one('port') === 'used',
    fencing:
      failed === undefined
        ? { machines: machines.filter((name) => name !== '') }
        : { failed: decoded(failed)?.trim() ?? 'it said nothing' },
  };
}
