// What a site remembers over a reboot: its epoch, whom it has followed, and the failures it has counted.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory, readText, writeWhole } from '../lib/host/disk.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import * as z from 'zod';
import { readJson } from '../lib/json.ts';
import { stateFile, stateFolder, wakeFile } from './places.ts';
import type { Mine } from './rules/facts.ts';

const whole = z.number().int().min(0);
const form = z.object({ epoch: whole, begun: whole, followed: whole, failures: whole });

/** A file that cannot be read is an error: with a forgotten epoch a site could only be wrong about itself. */
export function readMine(file = stateFile): Mine {
  const text = readText(file);
  if (text === undefined) return { epoch: 0, begun: 0, followed: 0, failures: 0 };
  const read = form.safeParse(readJson(text));
  if (read.success) return read.data;
  throw new UnreadableAnswer(`${file} is damaged, so this site does not know its epoch: restore it, or, if this site is a standby, remove it`); // prettier-ignore
}

const changedMs = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** When something was written down; only for comparing, as the next one. */
export const rememberedMs = (): number => changedMs(stateFile);
/** When the watch was woken. */
export const wokenMs = (): number => changedMs(wakeFile);

/** A job has ended: the watch looks at once, for this site may have become a holder by it. What is written down is not touched. */
export function wakeWatch(): void {
  makeDirectory(dirname(wakeFile), { uid: 0, gid: 0, mode: 0o755 });
  writeWhole(wakeFile, '', { uid: 0, gid: 0, mode: 0o644 });
}

export function remember(change: Partial<Mine>, file = stateFile): Mine {
  const mine = { ...readMine(file), ...change };
  makeDirectory(stateFolder, { uid: 0, gid: 0, mode: 0o755 });
  writeWhole(file, `${JSON.stringify(mine)}\n`, { uid: 0, gid: 0, mode: 0o644 });
  return mine;
}
