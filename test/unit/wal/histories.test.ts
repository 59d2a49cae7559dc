// Which timeline histories a standby gets out of an archive.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lineText, passed, readLine, unfit } from '../../../lib/postgres/fit.ts';
import { readHistory } from '../../../lib/postgres/lineage.ts';
import { pgControlBytes, readStanding, type Standing } from '../../../lib/postgres/pg-control.ts';
import { realDisk } from '../../../wal/disk.ts';
import { withheld, type Asker } from '../../../wal/histories.ts';
import { restore } from '../../../wal/restore.ts';
import { place, remove, type Place } from './archive-of.ts';

let at: Place;
beforeEach(() => {
  at = place();
});
afterEach(() => remove(at));

const file = (timeline: number): string => `0000000${timeline}.history`;
const archived = (timeline: number, text: string): void => writeFileSync(join(at.directory, file(timeline)), text);
const standing: Standing = { checkpoint: { timeline: 1, at: 0x3000060n }, least: { timeline: 1, at: 0x3000100n } };
const starting: Asker = { standing, serves: false, primary: undefined };
const serving: Asker = { ...starting, serves: true };
const primary = { systemId: '7', timeline: 1, end: 0x5000000n, ancestors: [] };
const against = (timeline: number, asker = starting) => withheld(timeline, asker, { disk: realDisk, directory: at.directory }); // prettier-ignore

describe('a standby that starts', () => {
  it('does not get a timeline that left its own before where it stands', () => {
    archived(2, '1\t0/2000000\tno recovery target specified\n');
    expect(against(2)).toBe('it left timeline 1 at 0/2000000, and the data here are on timeline 1 at 0/3000060');
  });

  it('does not get one that left between its checkpoint and what its data need', () => {
    archived(2, '1\t0/30000A0\tx\n');
    expect(against(2)).toMatch(/left timeline 1 at 0\/30000A0, and the data here are on timeline 1 at 0\/30000FF/);
  });

  it('gets one that left later, or just there', () => {
    for (const branch of ['0/3000100', '0/4000000']) {
      archived(2, `1\t${branch}\tx\n`);
      expect(against(2)).toBeUndefined();
    }
  });

  it('gets a foreign one on the way to the primary’s: PostgreSQL stops at the first that is missing', () => {
    archived(2, '1\t0/2000000\tx\n');
    archived(3, '1\t0/4000000\tx\n');
    archived(4, '1\t0/2000000\tx\n2\t0/2100000\tx\n');
    expect([against(2), against(3), against(4)]).toEqual([undefined, undefined, expect.stringContaining('it left')]);
  });

  it('gets none that its primary did not come through, wherever it left', () => {
    archived(2, '1\t0/5000000\tx\n');
    const words = 'the primary, on timeline 1 at 0/5000000, did not come through it';
    expect(against(2, { ...starting, primary })).toBe(words);
    expect(against(2, { ...starting, primary: { ...primary, timeline: 2, ancestors: [{ timeline: 1, until: 0x4000000n }] } })).toBeUndefined(); // prettier-ignore
  });

  it('does not get what is no history; and if nothing is known of it, it gets everything', () => {
    for (const text of ['', 'garbage\n']) {
      archived(2, text);
      expect(against(2)).toBe('it is no timeline history');
    }
    archived(2, '1\t0/2000000\tx\n');
    expect(against(2, { ...starting, standing: undefined })).toBeUndefined();
  });
});

describe('a standby that serves', () => {
  it('gets what it can’t follow: a promotion must not take its number', () => {
    archived(2, '1\t0/2000000\tx\n');
    expect(against(2, serving)).toBeUndefined();
  });

  it('does not get one that it would follow, and that its primary has passed', () => {
    archived(2, '1\t0/4000000\tx\n');
    expect(against(2, { ...serving, primary })).toMatch(/did not come through it/);
    expect(against(2, { ...serving, primary: { ...primary, end: 0x4000000n } })).toBeUndefined(); // a promotion since
  });
});

it('restore refuses it with its name, where it lies and what to do, leaves it there, and gives it to a recovery', () => {
  archived(2, '1\t0/2000000\tx\n');
  const path = join(at.data, 'RECOVERYHISTORY');
  const request = { name: file(2), path, directory: at.directory, standby: true } as const;
  const { code, says } = restore({ ...request, asker: starting }, realDisk);
  expect([code, existsSync(path), existsSync(join(at.directory, file(2)))]).toEqual([1, false, true]);
  expect(says).toMatch(
    /^00000002\.history: it is in .*, and is not given to this standby: it left timeline 1 .*: move it/,
  );
  expect(restore({ ...request, standby: false, asker: undefined }, realDisk)).toEqual({ code: 0 });
});

it('reads where data stand from the control file of a known version', () => {
  const bytes = Buffer.alloc(pgControlBytes);
  bytes.writeUInt32LE(1300, 8);
  bytes.writeBigUInt64LE(0x3000060n, 32);
  bytes.writeUInt32LE(1, 48);
  expect(readStanding(bytes)).toEqual({ checkpoint: { timeline: 1, at: 0x3000060n }, least: undefined });
  bytes.writeBigUInt64LE(0x3000100n, 136);
  bytes.writeUInt32LE(1, 144);
  expect(readStanding(bytes)).toEqual(standing);
  bytes.writeUInt32LE(9999, 8);
  expect([readStanding(bytes), readStanding(Buffer.alloc(8))]).toEqual([undefined, undefined]);
});

it('the primary’s line goes through a variable unchanged, and garbage is none', () => {
  const line = {
    systemId: '7',
    timeline: 3,
    end: 0x5000000n,
    ancestors: readHistory('1\t0/3000000\tx\n2\t0/4000000\tx\n'),
  };
  expect(lineText(line)).toBe('7 3 0/5000000 1@0/3000000 2@0/4000000');
  expect(readLine(lineText(line))).toEqual(line);
  for (const text of ['', 'x', '7 3', '7 3 0/5 1@x', '7 3 0/5 1']) expect(readLine(text)).toBeUndefined();
  expect(unfit({ timeline: 2, ancestors: [] }, { ...standing, least: undefined })).toMatch(
    /does not come from timeline 1/,
  );
  expect(passed(line, { timeline: 4, ancestors: [{ timeline: 3, until: 0x5000000n }] })).toBeUndefined();
});
