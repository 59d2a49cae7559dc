// Where passwords must not be: in command lines, in the cluster's configuration, in logs and journals.
import { readdirSync, readFileSync } from 'node:fs';
import type { Stage } from './stage.ts';

const everyMs = 20;

export function secretsOf({ region }: Stage): readonly string[] {
  return Object.values(region.passwords).map(({ secret }) => secret);
}

/** Samples every command line of this machine, and so of all nodes, until stopped; then those that held a secret. */
export function watchCommandLines(secrets: readonly string[]): {
  stop: () => readonly string[];
  samples: () => number;
} {
  const found = new Set<string>();
  let samples = 0;
  const timer = setInterval(() => {
    samples++;
    for (const line of commandLines()) if (secrets.some((secret) => line.includes(secret))) found.add(line);
  }, everyMs);
  return {
    samples: () => samples,
    stop: () => {
      clearInterval(timer);
      return [...found];
    },
  };
}

function commandLines(): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
    } catch {
      return []; // ended meanwhile
    }
  });
}

// The patterns come through standard input: the search itself must not put them into a command line.
const search = `
set -u
umask 077
p=$(mktemp /dev/shm/patterns.XXXXXX); cat >"$p"
cibadmin --query | grep -aqF -f "$p" && echo "the CIB"
journalctl --no-pager -a | grep -aqF -f "$p" && echo "the journal"
grep -rlaF -f "$p" /etc /home /opt /root /srv /tmp /usr/local /var /run --exclude-dir=proc 2>/dev/null
rm -f "$p"
true
`;

/** Every place on a node that holds one of the secrets. */
export async function placesWith(stage: Stage, node: string, secrets: readonly string[]): Promise<readonly string[]> {
  const found = await stage.must(node, ['bash', '-c', search], { input: secrets.map((s) => `${s}\n`).join('') });
  return found.split('\n').filter(Boolean);
}

/** Files that may hold a secret are readable by their owner only, and lie where secrets lie. */
export async function exposed(stage: Stage, node: string, places: readonly string[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const place of places) {
    const { stdout } = await stage.on(node, ['stat', '-c', '%a', '--', place]);
    const home = /^\/etc\/cfha\/|^\/var\/lib\/postgresql\/\.cfha\//.test(place);
    if (!home || stdout.trim() !== '600') wrong.push(`${place} (mode ${stdout.trim() || 'none'})`);
  }
  return wrong;
}
