// What synchronous_standby_names means, read as PostgreSQL reads it: independent of the agent's own reader.
// https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES
import type { Sender } from './world.ts';

type Wanted = { readonly how: 'FIRST' | 'ANY'; readonly count: number; readonly names: readonly string[] };

const known = new Map<string, Wanted>();

export function readNames(setting: string): Wanted {
  const before = known.get(setting);
  if (before !== undefined) return before;
  const [, how, count] = /^\s*(FIRST|ANY)?\s*(\d+)\s*\(/i.exec(setting) ?? [];
  const names = [...setting.replace(/^[^(]*\(/, '').matchAll(/"([^"]+)"|([a-z_][\w]*)/gi)].map(
    (m) => m[1] ?? m[2] ?? '',
  );
  const wanted: Wanted = { how: how?.toUpperCase() === 'ANY' ? 'ANY' : 'FIRST', count: Number(count ?? 1), names };
  known.set(setting, wanted);
  return wanted;
}

/** The setting in a rep_mode.conf. */
export function settingIn(text: string | undefined): string {
  return /^synchronous_standby_names = '([^']*)'/.exec(text ?? '')?.[1] ?? '';
}

type Named = { readonly sender: Sender; readonly name: string };

/** Those that may count: named, streaming, in the order of the list. */
function candidates({ names }: Wanted, senders: readonly Named[]): readonly Named[] {
  return names.flatMap((name) => senders.filter((row) => row.name === name && row.sender.state === 'STREAMING'));
}

/** The position up to which commits have been waited for. */
export function released(setting: string, senders: readonly Named[]): number {
  const wanted = readNames(setting);
  const streaming = candidates(wanted, senders).map(({ sender }) => sender.flushed);
  if (streaming.length < wanted.count) return 0;
  if (wanted.how === 'FIRST') return Math.min(...streaming.slice(0, wanted.count));
  return streaming.sort((a, b) => b - a)[wanted.count - 1] ?? 0;
}

/** sync_state of pg_stat_replication, as the agent asks for it. */
export function syncState(setting: string, senders: readonly Named[], name: string): string {
  const wanted = readNames(setting);
  if (setting === '' || !wanted.names.includes(name)) return 'ASYNC';
  const streaming = candidates(wanted, senders);
  if (wanted.how === 'ANY') return streaming.some((row) => row.name === name) ? 'QUORUM' : 'POTENTIAL';
  return streaming.slice(0, wanted.count).some((row) => row.name === name) ? 'SYNC' : 'POTENTIAL';
}
