// Asks both sites, over ssh.
import { readAnswer, decoded, type Answer } from '../../bootstrap/answer.ts';
import type { Status } from '../../global/rules/status.ts';
import type { Spec } from '../../global/spec.ts';
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import { askClock } from '../look.ts';
import { script, type Places } from '../places.ts';
import type { Asked, PairFacts, PairSeen } from './seen.ts';
import { siteScript } from './site-script.ts';

const keys = [
  'cfha',
  'server',
  'system',
  'watch',
  'cron',
  'boot',
  'passfile',
  'archived',
  'readable',
  'bytes',
] as const;

async function ask(places: Places, host: string, spec: Spec): Promise<Asked> {
  try {
    // the first question opens the connection, the second one's time is only the way there and back
    await askClock(places, host);
    const { saysMs, askedMs, answeredMs } = await askClock(places, host);
    const answer = readAnswer(await script(places, host, { text: siteScript(spec, host === spec.first.host ? 'first' : 'second'), seconds: 60 }));
    return { host, told: toldIn(answer), status: statusIn(answer), clockSeconds: (saysMs - (askedMs + answeredMs) / 2) / 1000 };
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    return { host, silent: error.message };
  }
} // prettier-ignore

function toldIn(answer: Answer): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(keys.map((key) => [key, answer.one(key)?.trim()]));
}

function statusIn(answer: Answer): Status {
  const status = readStatus(decoded(answer.one('status')) ?? '');
  if (status === undefined) throw new UnreadableAnswer('cfha global status says nothing there');
  return status;
}

/** What `cfha global status --json` printed; undefined if it is not that. */
export function readStatus(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Status | null;
    return typeof value === 'object' && value !== null && 'here' in value && 'writable' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

export async function lookAtPair(places: Places, spec: Spec): Promise<PairFacts> {
  const [first, second] = await Promise.all([ask(places, spec.first.host, spec), ask(places, spec.second.host, spec)]);
  return { first, second, guarded: spec.witnesses !== undefined, archive: spec.archive !== undefined };
}

/** What each site says now. */
export async function statuses(places: Places): Promise<PairSeen['sites']> {
  const one = async (host: string): Promise<readonly [string, Status | undefined]> => {
    const result = await places.run(host, { argv: ['cfha', 'global', 'status', '--json'], timeoutMs: 20_000 });
    return [host, readStatus(result.stdout)];
  };
  return Object.fromEntries(await Promise.all(places.names.map(one)));
}
