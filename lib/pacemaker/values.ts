// Values as Pacemaker reads them, in a CIB of any release from 2.0 to 3.0. Nothing else in the project compares such text:
// test/unit/lib/pacemaker/values.test.ts looks for it.
//   booleans: lib/common/strings.c, crm_str_to_boolean · times: utils.c, crm_get_msec, and iso8601.c for `PT1M` ·
//   scores: scores.c, char2score · names: 3.0.2 calls the options stonith-… fencing-…, and prefers that name
type Pairs = Readonly<Record<string, string>>;

const truths = new Set(['true', 'on', 'yes', 'y', '1']);
const falsehoods = new Set(['false', 'off', 'no', 'n', '0']);

/** A boolean; undefined if the text is none. */
export function readBoolean(value: string | undefined): boolean | undefined {
  const word = value?.toLowerCase() ?? '';
  if (truths.has(word)) return true;
  return falsehoods.has(word) ? false : undefined;
}

/** A boolean option: what is absent, or none, has its default. */
export function isTrue(value: string | undefined, otherwise = false): boolean {
  return readBoolean(value) ?? otherwise;
}

const unitSeconds: Readonly<Record<string, number>> = {
  ...{ us: 1e-6, usec: 1e-6, ms: 1e-3, msec: 1e-3, s: 1, sec: 1, m: 60, min: 60, h: 3600, hr: 3600 },
};

/** A time in seconds: `20`, `20s`, `1500ms`, `2min`, `1h`, `PT1M`; undefined for anything else. */
export function readSeconds(value: string | undefined): number | undefined {
  const [, number, unit = ''] = /^\s*\+?(\d+)\s*([a-z]*)\s*$/i.exec(value ?? '') ?? [];
  if (number === undefined) return readDuration(value ?? '');
  const factor = unitSeconds[unit === '' ? 's' : unit.toLowerCase()];
  return factor === undefined ? undefined : Number(number) * factor;
}

const duration =
  /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?)?$/i;
// A year and a month depend on the day they begin at; Pacemaker counts from now. No timeout is that long.
const durationSeconds = [31_536_000, 2_592_000, 604_800, 86_400, 3600, 60, 1] as const;

function readDuration(text: string): number | undefined {
  const parts: readonly (string | undefined)[] = duration.exec(text)?.slice(1) ?? [];
  if (parts.every((part) => part === undefined)) return undefined;
  return durationSeconds.reduce((sum, factor, at) => sum + factor * Number(parts[at] ?? 0), 0);
}

const infinite = 1_000_000;
const scoreWords: Readonly<Record<string, number>> = {
  ...{ infinity: Infinity, '+infinity': Infinity, '-infinity': -Infinity, red: -Infinity, yellow: 0, green: 0 },
};

/** A score, a million and more being infinite; undefined if the text is none. */
export function readScore(value: string | undefined): number | undefined {
  const text = value?.trim().toLowerCase() ?? '';
  const word = scoreWords[text];
  if (word !== undefined) return word;
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const score = Number(text);
  return Math.abs(score) >= infinite ? Math.sign(score) * Infinity : score;
}

type Role = 'Stopped' | 'Started' | 'Unpromoted' | 'Promoted';

const roles: Readonly<Record<string, Role>> = {
  ...{ stopped: 'Stopped', started: 'Started', slave: 'Unpromoted', unpromoted: 'Unpromoted' },
  ...{ master: 'Promoted', promoted: 'Promoted' },
};

/** A role by its present name; undefined if the text is none. */
export function readRole(value: string | undefined): Role | undefined {
  return roles[value?.toLowerCase() ?? ''];
}

/** The options that 3.0.2 has renamed, by the names that we use. */
export const renamedOptions: Pairs = Object.fromEntries(
  ['enabled', 'timeout', 'action', 'max-attempts', 'watchdog-timeout'].map((what) => [
    `stonith-${what}`,
    `fencing-${what}`,
  ]),
);

/** A cluster option under whichever name the release has; `name` is the former one. */
export function clusterOption(properties: Pairs, name: string): string | undefined {
  return properties[renamedOptions[name] ?? name] ?? properties[name];
}

/** Whether nodes may be fenced; true if nothing is set. */
export function isFencingEnabled(properties: Pairs): boolean {
  return isTrue(clusterOption(properties, 'stonith-enabled'), true);
}

/** Whether a value that is there means what is wanted: `on` is `true`, `60` is `60s`. */
export function isSameValue(wanted: string, found: string | undefined): boolean {
  if (found === wanted) return true;
  if (wanted === 'true' || wanted === 'false') return readBoolean(found) === readBoolean(wanted);
  const seconds = /\ds$/.test(wanted) ? readSeconds(wanted) : undefined;
  return (
    (seconds !== undefined && readSeconds(found) === seconds) ||
    (wanted === 'INFINITY' && readScore(found) === Infinity)
  );
}
