// What a drill leaves behind to be judged: the nodes' journals on our clock, and the client's account.
import type { Played } from './drills/result.ts';
import { askClock } from './look.ts';
import { phasesOf, readJournal, type LogLine } from './measure/phases.ts';
import { measureOf, perSecondOf, type Written } from './measure/writes.ts';
import { script, type Places } from './places.ts';
import type { Playing } from './playing.ts';

export async function offsetsOf(places: Places): Promise<Readonly<Record<string, number>>> {
  const one = async (name: string) => {
    const clock = await askClock(places, name);
    return [name, clock.saysMs - (clock.askedMs + clock.answeredMs) / 2] as const;
  };
  return Object.fromEntries(await Promise.all(places.names.map(one)));
}

/** How far each clock is ahead of ours, in ms; and whose words are wanted: how their names begin, those of a cluster if not given. */
type Clocks = { readonly offsets: Readonly<Record<string, number>>; readonly of?: string };

/** What the services said since then, from every node that answers. */
export async function journals(places: Places, sinceMs: number, { offsets, of = 'pacemaker|corosync|IPaddr2|cfpgsql|pgsql|stonith' }: Clocks): Promise<readonly LogLine[]> {
  const text = `journalctl --quiet --no-pager --output=short-unix --since=@${String(Math.floor(sinceMs / 1000) - 1)} 2>/dev/null | grep -E ' (${of})' | tail -n 4000\n`;
  const all = await Promise.all(places.names.map(async (node) => readJournal(node, (await script(places, node, { text, seconds: 30 })).stdout, offsets[node] ?? 0))); // prettier-ignore
  return all.flat();
} // prettier-ignore

type Measured = Pick<Played, 'measure' | 'phases' | 'perSecond'>;

/** The phases are those of the longest gap: counted from what was broken last before its end. */
export function measured(written: Written, lines: readonly LogLine[], { breaksMs, situation }: Playing): Measured {
  const measure = measureOf(written);
  const longest = measure.gaps.toSorted((a, b) => b.seconds - a.seconds)[0];
  const firstWriteMs = longest === undefined ? undefined : written.beganMs + (longest.at + longest.seconds) * 1000;
  const brokenMs = breaksMs.findLast((ms) => ms < (firstWriteMs ?? Infinity)) ?? breaksMs[0];
  const moment = { lines, firstWriteMs, vip: situation.cib.view.vip?.id };
  return { measure, perSecond: perSecondOf(written), phases: brokenMs === undefined ? [] : phasesOf({ ...moment, brokenMs }) };
} // prettier-ignore
