// The call of the agent as Pacemaker really makes it: seen by strace in its executor, environment and all.
import type { Stage } from '../scenarios/stage.ts';

export type Call = Readonly<{ argv: readonly string[]; env: Readonly<Record<string, string>> }>;

const seconds = 30;

/** strace prints strings as \x.. with -xx. */
function unhex(text: string): string {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex').toString('utf8');
}

function stringsOf(list: string): readonly string[] {
  return [...list.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => unhex(hex));
}

/** Reads one line of strace's about an execve; undefined if it is something else. */
export function readExecve(line: string): Call | undefined {
  const [, argv = '', env = ''] = /execve\("[^"]*", \[([^\]]*)\], \[([^\]]*)\]\)/.exec(line) ?? [];
  if (argv === '') return undefined;
  const pairs = stringsOf(env).map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return { argv: stringsOf(argv), env: Object.fromEntries(pairs) };
}

/** Waits for Pacemaker's next recurring monitor of the resource on a node. */
export async function captureMonitor(stage: Stage, node: string): Promise<Call> {
  const executor = (await stage.must(node, ['pidof', 'pacemaker-execd'])).trim();
  const trace = ['strace', '-f', '-qq', '-v', '-xx', '-s', '100000', '-e', 'trace=execve', '-p', executor];
  const script = `timeout -s INT ${seconds} "$@" 2>&1 | grep -m1 -F '${hex('cfpgsql')}", "${hex('monitor')}'`;
  // grep leaves at the first hit; strace then ends with its next line
  const { stdout } = await stage.on(node, ['sh', '-c', script, 'sh', ...trace]);
  const call = readExecve(stdout);
  if (call === undefined) throw new Error(`${node}: no monitor seen within ${seconds} s\n${stdout.slice(0, 500)}`);
  return call;
}

function hex(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/** The same call of the upstream agent. */
export function ofUpstream(call: Call): Call {
  const [, ...args] = call.argv;
  const env = { ...call.env, OCF_RESOURCE_TYPE: 'pgsql', OCF_RESOURCE_PROVIDER: 'heartbeat' };
  return { argv: ['/usr/lib/ocf/resource.d/heartbeat/pgsql', ...args], env };
}
