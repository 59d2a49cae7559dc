// Where connections land that come through the traffic manager: at a primary, or at a standby, whose clients get errors that
// they do not try again after.
import { text } from 'node:stream/consumers';
import { clientPassfile, gtm, type Pair } from './pair.ts';

/** A connection every 100 ms; at the end, how many came to a standby. */
const script = `
import subprocess, sys, select
port, passfile = sys.argv[1:]
ask = ["psql", "-h", "127.0.0.1", "-p", port, "-U", "cloudforms", "-XAtqc", "select pg_is_in_recovery()", "vmdb_production"]
count = 0
while not select.select([sys.stdin], [], [], 0.1)[0]:
    try:
        found = subprocess.run(ask, env={"PGPASSFILE": passfile, "PATH": "/usr/bin:/bin"}, capture_output=True, timeout=2)
        count += found.stdout.strip() == b"t"
    except subprocess.TimeoutExpired:
        pass
print(count)
`;

export type Landing = { readonly end: () => Promise<number> };

export function watchLanding(pair: Pair, port: number): Landing {
  const child = pair.testbed.start(gtm, ['python3', '-c', script, String(port), clientPassfile], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin?.on('error', () => undefined);
  const out = child.stdout === null ? Promise.resolve('') : text(child.stdout);
  return {
    end: async () => {
      child.stdin?.end();
      return Number((await out).trim() || 'NaN');
    },
  };
}
