// What outranks the agent's settings: a later line, postgresql.auto.conf, start_opt. A start gives its own values on the command
// line, which outranks them all, or refuses with the place. docs/decisions/0016.
import type { Source } from '../../lib/postgres/config-files.ts';
import { readConninfo } from '../../lib/postgres/conninfo.ts';
import { limitDefaults, limitNames, readInteger } from '../../lib/postgres/limits.ts';
import type { Exit } from '../../meta/exits.ts';
import { replicates, type Call } from '../call.ts';
import type { Context } from '../decision.ts';
import type { Reason } from '../reasons.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Overruled } from '../steps.ts';
import { primaryConninfo } from './connection.ts';
import { primarySlotName } from './recovery-conf.ts';

export type Known = Extract<NonNullable<Snapshot['configured']>, { settings: unknown }>;
type Wanted = { readonly name: string; readonly value: string; readonly fits?: (found: string) => boolean };

const targets = ['recovery_target', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time', 'recovery_target_xid']; // prettier-ignore

/** What safety rests on, of a standby; the rest is refused or compared with the primary's. */
function wantedSettings(call: Call): readonly Wanted[] {
  const slot = primarySlotName(call);
  return [
    // Each would end recovery by itself, which promotes a standby, or ends its server.
    ...targets.map((name) => ({ name, value: '' })),
    { name: 'promote_trigger_file', value: '' }, // until PostgreSQL 15
    { name: 'recovery_target_timeline', value: 'latest' },
    { name: 'primary_conninfo', value: primaryConninfo(call) },
    { name: 'restore_command', value: call.parameters.restore_command },
    // Without a slot of the agent's, one that an administrator has made is left alone: nobody else would read it.
    ...(slot === '' ? [] : [{ name: 'primary_slot_name', value: slot }]),
    { name: 'recovery_min_apply_delay', value: '0', fits: (found) => /^\s*0+\s*[a-z]*\s*$/.test(found) },
    { name: 'hot_standby', value: 'on', fits: (found) => !/^(of|off|f|fa|fal|fals|false|n|no|0)$/i.test(found) },
  ];
}

/** Of the settings that are set anywhere, those that the rules look at. */
export const settingsLookedAt: readonly string[] = [
  ...[...targets, 'promote_trigger_file', 'recovery_target_timeline', 'primary_conninfo', 'restore_command'],
  ...['primary_slot_name', 'recovery_min_apply_delay', 'hot_standby', 'synchronous_standby_names', 'data_directory'],
  ...limitNames,
];

export function knownOf({ configured }: Snapshot): Known | undefined {
  return configured !== undefined && 'settings' in configured ? configured : undefined;
}

/** Words for where a setting stands. */
export function placeOf({ file, line }: Source): string {
  return line === undefined ? file : `${file} line ${line}`;
}

/** What would be in force instead of the agent's. */
export function outranking(known: Known, call: Call): readonly Overruled[] {
  return wantedSettings(call).flatMap(({ name, value, fits }) => {
    const found = known.settings[name];
    return found === undefined || found.value === value || fits?.(found.value) === true
      ? []
      : [{ name, value, instead: placeOf(found) }];
  });
}

/** A hot standby needs at least what its primary has. */
function belowPrimary({ settings, limits }: Known): readonly Overruled[] {
  if (limits === undefined) return [];
  return limitNames.flatMap((name) => {
    const found = settings[name];
    const here = found === undefined ? limitDefaults[name] : readInteger(found.value);
    const value = limits[name];
    return here === undefined || here >= value
      ? []
      : [{ name, value: `${value}`, instead: `${here} (${found === undefined ? 'the default' : placeOf(found)})` }];
  });
}

/** What a start gives on the command line; nothing at all where nothing outranks it. */
export function overruled({ snapshot, call }: Context): { readonly over?: readonly Overruled[] } {
  const known = knownOf(snapshot);
  if (known === undefined) return {};
  const over = [...outranking(known, call), ...belowPrimary(known)];
  return over.length === 0 ? {} : { over };
}

type Refusal = { readonly exit: Exit; readonly because: Reason };

/** What a start cannot outrank. */
export function refusal({ snapshot, call }: Context): Refusal | undefined {
  const { configured } = snapshot;
  if (configured === undefined) return undefined;
  if ('unreadable' in configured)
    return { exit: 'installed', because: { code: 'SETTINGS_UNREADABLE', message: configured.unreadable } };
  return refusedNames(snapshot, call) ?? refusedPlace(configured, call) ?? refusedSecret(configured, call);
}

/** It has to stay changeable by a reload, so it is not given on the command line. */
function refusedNames(snapshot: Snapshot, call: Call): Refusal | undefined {
  const found = namesInTheWay(snapshot, call);
  return found === undefined ? undefined : { exit: 'configured', because: { code: 'SYNC_NAMES_PLACED', ...found } };
}

/** Whose synchronous_standby_names would be in force instead of the agent's, and what they are. */
export function namesInTheWay(
  snapshot: Snapshot,
  call: Call,
): { readonly names: string; readonly place: string } | undefined {
  const found = knownOf(snapshot)?.settings['synchronous_standby_names'];
  if (found === undefined || !replicates(call)) return undefined;
  const ours = found.file === `${call.parameters.tmpdir}/rep_mode.conf`;
  if (ours || (call.parameters.rep_mode === 'async' && found.value.trim() === '')) return undefined;
  return { names: found.value, place: placeOf(found) };
}

/** The server would work where the agent does not look. */
function refusedPlace({ settings }: Known, { parameters: { pgdata } }: Call): Refusal | undefined {
  const found = settings['data_directory'];
  return found === undefined
    ? undefined
    : { exit: 'installed', because: { code: 'OTHER_DATA_DIRECTORY', found: found.value, place: placeOf(found), pgdata } };
} // prettier-ignore

/** Everybody can read a command line. */
function refusedSecret(known: Known, call: Call): Refusal | undefined {
  const found = outranking(known, call).find(({ name }) => name === 'primary_conninfo');
  return found === undefined || !hasSecret(found.value)
    ? undefined
    : { exit: 'installed', because: { code: 'CONNINFO_OUTRANKED', place: found.instead } };
}

function hasSecret(conninfo: string): boolean {
  try {
    return Object.keys(readConninfo(conninfo)).some((key) => /password|secret|scram_/i.test(key));
  } catch {
    return true; // nobody can tell
  }
}
