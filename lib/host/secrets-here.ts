// Secrets that are not in a file: from this process's environment, or typed at its terminal.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

export type SecretsHere = {
  readonly fromEnvironment: (name: string) => string | undefined;
  /** Asks at the terminal, without showing what is typed; undefined without a terminal, or if it was broken off. */
  readonly ask: (question: string) => string | undefined;
};

const taken = new Map<string, string>();

/** Takes a variable out of the environment, so that no program that is started has it. */
function fromEnvironment(name: string): string | undefined {
  const value = process.env[name];
  if (value !== undefined) taken.set(name, value);
  Reflect.deleteProperty(process.env, name);
  return taken.get(name);
}

const breakOff = '\u0003';
const eraseLast = ['\u007f', '\b'];

// Not standard input: that may be a pipe. Byte by byte, without the terminal's own editing: else Ctrl-C would be a signal, which
// waits for the end of the line.
function ask(question: string): string | undefined {
  const terminal = openTerminal();
  if (terminal === undefined) return undefined;
  const stty = (...args: string[]) =>
    spawnSync('stty', ['-F', '/dev/tty', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const before = stty('-g').stdout.trim();
  try {
    stty('-echo', '-icanon', '-isig', 'min', '1', 'time', '0');
    writeSync(terminal, `${question}: `);
    return typed(() => {
      const byte = Buffer.alloc(1);
      return readSync(terminal, byte, 0, 1, null) === 0 ? undefined : byte;
    });
  } finally {
    if (before !== '') stty(before);
    writeSync(terminal, '\n');
    closeSync(terminal);
  }
}

function openTerminal(): number | undefined {
  try {
    return openSync('/dev/tty', 'r+');
  } catch {
    return undefined; // there is none
  }
}

/** A line, from the keys that were pressed. */
export function typed(next: () => Buffer | undefined): string | undefined {
  let line = Buffer.alloc(0);
  for (let byte = next(); byte !== undefined; byte = next()) {
    const key = byte.toString('latin1');
    if (key === breakOff) return undefined;
    if (key === '\n' || key === '\r') return line.toString('utf8');
    line = eraseLast.includes(key) ? withoutLast(line) : Buffer.concat([line, byte]);
  }
  return undefined;
}

function withoutLast(line: Buffer): Buffer<ArrayBuffer> {
  return Buffer.from(Array.from(line.toString('utf8')).slice(0, -1).join(''));
}

export const secretsHere: SecretsHere = { fromEnvironment, ask };
