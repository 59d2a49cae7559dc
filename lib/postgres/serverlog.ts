// The last lines of the server's log: why it did not start.
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';

/** The newest of the log file and the files of the logging collector (log_directory's default). */
function newest(logfile: string, data: string): string | undefined {
  const age = (file: string) => {
    try {
      const entry = statSync(file);
      return entry.isFile() ? entry.mtimeMs : undefined;
    } catch {
      return undefined;
    }
  };
  const dated = [logfile, ...logsIn(`${data}/log`)].flatMap((file) => {
    const time = age(file);
    return time === undefined ? [] : [{ file, time }];
  });
  return dated.sort((a, b) => b.time - a.time)[0]?.file;
}

function logsIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).map((name) => `${directory}/${name}`);
  } catch {
    return [];
  }
}

/** The last lines that tell something, joined; or where to look. */
export function lastWords(logfile: string, data: string): string {
  const file = newest(logfile, data);
  if (file === undefined) return `(nothing: ${logfile} keeps no log; set logfile to see why)`;
  const lines = tail(file).trimEnd().split('\n');
  const telling = lines.filter((line) => /FATAL|PANIC|ERROR|HINT|DETAIL|could not|invalid/.test(line));
  return (telling.length > 0 ? telling : lines).slice(-3).join(' | ').slice(0, 600);
}

/** Directories of tablespaces that the server was to make when its log ended. A record's own words are in every language the same. */
export function tablespacesIn(logfile: string, data: string): readonly string[] {
  const file = newest(logfile, data);
  const all = file === undefined ? [] : [...tail(file).matchAll(/ Tablespace\/CREATE: \d+ "(\/[^"\n]*)"$/gm)];
  return [...new Set(all.map(([, directory = '']) => directory))];
}

/** Logs can be large: the end is enough. */
function tail(file: string): string {
  const bytes = Buffer.alloc(64 * 1024);
  const handle = openSync(file, 'r');
  try {
    const from = Math.max(0, statSync(file).size - bytes.length);
    return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, from)).toString('utf8');
  } finally {
    closeSync(handle);
  }
}
