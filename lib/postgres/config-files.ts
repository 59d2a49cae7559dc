// What the files of a server say about its settings, read as the server reads them: the configuration file with what it
// includes, then postgresql.auto.conf; the last word counts, and the command line outranks them all.
// https://www.postgresql.org/docs/current/config-setting.html; src/backend/utils/misc/guc-file.l
import { dirname, isAbsolute, join } from 'node:path';
import type { Bounded } from '../host/bounded.ts';
import { readConfigText, type ConfigLine } from './config-text.ts';

/** Where a setting has its value from. */
export type Source = {
  readonly value: string;
  /** A path, or words for a command line. */
  readonly file: string;
  /** Undefined on a command line. */
  readonly line: number | undefined;
};

export type Settings = Readonly<Record<string, Source>>;

/** How files are read: another one in tests, and where a file is about to be written. */
export type Disk = {
  readonly read: (file: string) => Bounded;
  /** The names in a directory; undefined if it cannot be read. */
  readonly list: (directory: string) => readonly string[] | undefined;
};

/** A server's configuration that cannot be read to its end; the server itself might wait for ever, or read for ever. */
export class UnreadableSettings extends Error {
  override readonly name = 'UnreadableSettings';
}

/** The server's own limit. */
const maxDepth = 10;
/** Ours, for all files together: a file can be included many times over. */
const maxFiles = 1000;

type Reading = { readonly disk: Disk; readonly found: Map<string, Source>; files: number };

/** Throws `UnreadableSettings`. What the server would refuse (a line, a file that is missing) is left out. */
export function readConfigFiles(config: string, data: string, disk: Disk): Settings {
  const reading: Reading = { disk, found: new Map(), files: 0 };
  readFile(config, 0, reading);
  readFile(join(data, 'postgresql.auto.conf'), 0, reading);
  return Object.fromEntries(reading.found);
}

function readFile(file: string, depth: number, reading: Reading): void {
  if (depth > maxDepth) throw new UnreadableSettings(`${file} is included more than ${maxDepth} levels deep`);
  if (++reading.files > maxFiles) throw new UnreadableSettings(`more than ${maxFiles} files are included`);
  for (const one of readConfigText(textOf(file, reading.disk))) {
    if (includes.includes(one.name))
      included(one, file, reading.disk).forEach((next) => readFile(next, depth + 1, reading));
    else reading.found.set(one.name, { value: one.value, file, line: one.line });
  }
}

const includes: readonly string[] = ['include', 'include_if_exists', 'include_dir'];

function textOf(file: string, { read }: Disk): string {
  const content = read(file);
  if ('problem' in content) throw new UnreadableSettings(`${file} ${content.problem}`);
  return 'text' in content ? content.text : '';
}

function included({ name, value }: ConfigLine, by: string, disk: Disk): readonly string[] {
  const path = isAbsolute(value) ? value : join(dirname(by), value);
  if (name !== 'include_dir') return [path];
  return (disk.list(path) ?? [])
    .filter((one) => /^[^.].*\.conf$/s.test(one))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((one) => join(path, one));
}

const shortOptions: Readonly<Record<string, string>> = {
  N: 'max_connections',
  p: 'port',
  k: 'unix_socket_directories',
};

/** What the options of a server set, as one text for a shell. `file`: words for where they stand. */
export function readServerOptions(options: string, file: string): Settings {
  const words = [...options.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s'"\\])+/gs)].map(([word]) => bare(word));
  return Object.fromEntries(
    assignments(words).map((text) => {
      const [, name = '', value = ''] = /^([^=]+)=?(.*)$/s.exec(text) ?? [];
      return [name.replaceAll('-', '_').toLowerCase(), { value, file, line: undefined }];
    }),
  );
}

/** `name=value` of each option that sets something, in their order. */
function assignments(words: readonly string[]): readonly string[] {
  return words.flatMap((word, n) => {
    if (word.startsWith('--')) return [word.slice(2)];
    // The value is the rest of the word, or the next one.
    const [, letter = '', rest] = /^-([cNpk])(.*)$/s.exec(word) ?? [];
    const value = rest === '' ? words[n + 1] : rest;
    if (value === undefined) return [];
    return [letter === 'c' ? value : `${shortOptions[letter] ?? ''}=${value}`];
  });
}

/** A shell's word without its quotes. */
function bare(word: string): string {
  return word.replaceAll(/"(?:\\.|[^"\\])*"|'[^']*'|\\./gs, (part) => {
    if (part.startsWith("'")) return part.slice(1, -1);
    return part.startsWith('"') ? part.slice(1, -1).replaceAll(/\\(["\\$`])/g, '$1') : part.slice(1);
  });
}
