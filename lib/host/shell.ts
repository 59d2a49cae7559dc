// Text for POSIX shells: the one place where arguments become a command line (ssh has no other way).
import { path, type Command } from './exec.ts';

/** One word of a POSIX shell that stands for exactly this text. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Words that a POSIX shell reads back as exactly these arguments. */
export function commandLine(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

/** The arguments of a command with its environment, as one argument list: for a host where only `env` can set it. */
export function withEnvironment(command: Command): [string, ...string[]] {
  const env = { PATH: path, LC_ALL: 'C', ...command.env };
  return ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...command.argv];
}
