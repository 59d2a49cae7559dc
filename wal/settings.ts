// /etc/cfha/wal.conf: where the archive is and how long it is kept. Lines of `key = value`, # begins a comment: read by every
// archive_command, it must cost nothing to read.
import { Refusal } from './outcome.ts';

export type Settings = {
  readonly directory: string | undefined;
  readonly keepDays: number;
  /** For so long what a standby that went away has last said it needs is kept. */
  readonly standbyDays: number;
  /** The data directory: its postmaster.pid says where the server listens. */
  readonly data: string | undefined;
  /** Whose the server and the archive are. */
  readonly user: string;
};

export const settingsFile = '/etc/cfha/wal.conf';

export const defaults: Settings = {
  directory: undefined,
  keepDays: 3,
  standbyDays: 7,
  data: undefined,
  user: 'postgres',
};

type Reader = (value: string) => string | number | undefined;
const path: Reader = (value) => (value.startsWith('/') ? value : undefined);
const days: Reader = (value) => (/^\d{1,4}$/.test(value) && Number(value) > 0 ? Number(value) : undefined);

const readers: Readonly<Record<keyof Settings, { read: Reader; expects: string }>> = {
  directory: { read: path, expects: 'an absolute path' },
  keepDays: { read: days, expects: 'a whole number of days, at least 1' },
  standbyDays: { read: days, expects: 'a whole number of days, at least 1' },
  data: { read: path, expects: 'an absolute path' },
  user: { read: (value) => (/^[a-z_][a-z0-9_.-]*$/.test(value) ? value : undefined), expects: 'a user’s name' },
};

/** Reads the text of the file. Throws `Refusal` naming the line. */
export function readSettings(text: string): Settings {
  const lines = text.split('\n').map((line) => line.replace(/(^|\s)#.*$/, '').trim());
  const found = lines.flatMap((line, n) => (line === '' ? [] : [readLine(line, n + 1)]));
  return { ...defaults, ...(Object.fromEntries(found) as Partial<Settings>) };
}

function readLine(line: string, number: number): readonly [string, string | number] {
  const [, key = '', value = ''] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
  const reader = Object.hasOwn(readers, key) ? readers[key as keyof Settings] : undefined;
  const read = reader?.read(value);
  if (read !== undefined) return [key, read];
  const expected = reader === undefined ? `one of ${Object.keys(readers).join(', ')}` : `${key} = ${reader.expects}`;
  throw new Refusal(`${settingsFile}, line ${number}: "${line.slice(0, 60)}" is not ${expected}`);
}
