// The setting that the build changes in Node's executable, on the smallest ELF file that has one.
import { expect, it } from '@jest/globals';
import { shedDeadlockCheck } from '../../../scripts/shed-deadlock-check.ts';

const address = 0x400080;
const symbol = `0000000000${address.toString(16)} d _ZN4absl12_GLOBAL__N_124synch_deadlock_detectionE.0\n`;

/** One segment, loaded at 0x400000, whose byte 0x80 is the setting. */
function elf(setting: number): Buffer {
  const bytes = Buffer.alloc(0x100, 0xee);
  bytes.writeBigUInt64LE(64n, 32); // where the segments are told of
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(1, 64); // PT_LOAD
  bytes.writeBigUInt64LE(0n, 72); // its offset
  bytes.writeBigUInt64LE(0x400000n, 80); // its address
  bytes.writeBigUInt64LE(0x100n, 96); // its size
  bytes.writeInt32LE(setting, 0x80);
  return bytes;
}

it('switches the search for deadlocks off, and changes nothing else', () => {
  const changed = elf(2);
  shedDeadlockCheck(changed, `0000000000400000 T main\n${symbol}`);
  expect(changed).toEqual(elf(0));
});

it('leaves an executable without the setting, or with one that is zero from the start, as it is', () => {
  for (const symbols of ['', '0000000000400000 T main\n', symbol.replace(' d ', ' b ')]) {
    const bytes = elf(2);
    shedDeadlockCheck(bytes, symbols);
    expect(bytes).toEqual(elf(2));
  }
});

it('ends the build where it finds something else than it knows', () => {
  const bytes = elf(77);
  expect(() => shedDeadlockCheck(bytes, symbol)).toThrow('is set to 77');
  expect(() => shedDeadlockCheck(elf(2), symbol + symbol)).toThrow('one setting');
  expect(() => shedDeadlockCheck(elf(2), symbol.replace('400080', '900080'))).toThrow('no segment');
  expect(bytes).toEqual(elf(77));
});
