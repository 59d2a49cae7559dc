// What a site remembers over a reboot: its epoch, whom it has followed, and the failures it has counted.
import { makeDirectory, readText, writeWhole } from '../lib/host/disk.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import * as z from 'zod';
import { stateFile, stateFolder } from './places.ts';
import type { Mine } from './rules/facts.ts';

const whole = z.number().int().min(0);
const form = z.object({ epoch: whole, begun: whole, followed: whole, failures: whole });

/** A file that cannot be read is an error: with a forgotten epoch a site could only be wrong about itself. */
export function readMine(file = stateFile): Mine {
  const text = readText(file);
  if (text === undefined) return { epoch: 0, begun: 0, followed: 0, failures: 0 };
  const read = form.safeParse(parsed(text));
  if (read.success) return read.data;
  throw new UnreadableAnswer(`${file} is damaged, so this site does not know its epoch: restore it, or, if this site is a standby, remove it`); // prettier-ignore
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function remember(change: Partial<Mine>, file = stateFile): Mine {
  const mine = { ...readMine(file), ...change };
  makeDirectory(stateFolder, { uid: 0, gid: 0, mode: 0o755 });
  writeWhole(file, `${JSON.stringify(mine)}\n`, { uid: 0, gid: 0, mode: 0o644 });
  return mine;
}
