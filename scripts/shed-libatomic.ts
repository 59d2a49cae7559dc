// Node's own executable for x86-64 needs libatomic.so.1, which a Debian server does not have, for one function of eight
// bytes' width. The function is put into the executable instead, so that cfha needs nothing but glibc and libstdc++.
// docs/decisions/0001-one-sealed-executable.md
import { executable, loadable, reader, tags, type Reader } from './elf.ts';

const wanted = { library: 'libatomic.so.1', symbol: '__atomic_compare_exchange' };

// bool __atomic_compare_exchange(size_t size, void *at, void *expected, void *desired, int, int), for size 8:
// every caller in Node 26 (V8's tables of code pointers) has that size. Any other would stop here, loudly.
const code = Buffer.from(
  [
    '4883ff08', // cmp  $8, %rdi
    '7514', //     jne  other
    '488b02', //   mov  (%rdx), %rax
    '488b09', //   mov  (%rcx), %rcx
    'f0480fb10e', // lock cmpxchg %rcx, (%rsi)
    '7403', //     je   done
    '488902', //   mov  %rax, (%rdx)
    '0f94c0', //   done: sete %al
    'c3', //       ret
    '0f0b', //     other: ud2
  ].join(''),
  'hex',
);

const tagVersions = 0x6ffffffe;
const jumpSlot = 7;

/** Changes an executable, if it needs libatomic, so that it does not. */
export function shedLibatomic(elf: Buffer): void {
  const file = reader(elf);
  const needed = file.entries.filter((entry) => entry.tag === tags.needed);
  const index = needed.findIndex((entry) => file.text(entry.value) === wanted.library);
  const [entry, other] = [needed[index], needed[index + 1]];
  if (entry === undefined) return;
  if (elf.readUInt16LE(18) !== 62) throw new Error(`${wanted.library} is needed, and this is not x86-64`);
  if (other === undefined) throw new Error(`no library is needed after ${wanted.library}`);
  bind(file, addCode(file));
  retargetVersion(file);
  // the order of the others stays as it is; one named twice is loaded once
  elf.writeBigUInt64LE(BigInt(other.value), entry.at + 8);
}

/** Puts the function behind the end of the code, where the page has room, and returns its address. */
function addCode({ elf, segments }: Reader): number {
  const text = segments.find(({ type, flags }) => type === loadable && (flags & executable) !== 0);
  if (text === undefined) throw new Error('the executable has no code');
  const start = Math.ceil(text.size / 16) * 16;
  const size = start + code.length;
  if (Math.ceil(size / 4096) !== Math.ceil(text.size / 4096)) throw new Error('no room behind the code');
  code.copy(elf, text.offset + start);
  for (const field of [32, 40]) elf.writeBigUInt64LE(BigInt(size), text.at + field);
  return text.address + start;
}

/** The slot of the function holds its address from the start: there is nothing to relocate any more. */
function bind(file: Reader, address: number): void {
  const { elf, word, fileOffset, valueOf, text } = file;
  const first = fileOffset(valueOf(tags.pltRelocations));
  const count = valueOf(tags.pltRelocationsSize) / 24;
  const all = Array.from({ length: count }, (_, i) => first + i * 24);
  const nameOf = (at: number): string =>
    text(elf.readUInt32LE(fileOffset(valueOf(tags.symbols)) + elf.readUInt32LE(at + 12) * 24));
  const ours = all.filter((at) => elf.readUInt32LE(at + 8) === jumpSlot && nameOf(at) === wanted.symbol);
  const [at] = ours;
  if (at === undefined) throw new Error(`${wanted.symbol} is not called as expected`);
  elf.writeBigUInt64LE(BigInt(address), fileOffset(word(at)));
  elf.writeBigUInt64LE(0n, at + 8); // R_X86_64_NONE
}

/** The version that was wanted of libatomic becomes one more wish for the first one of another library. */
function retargetVersion({ elf, fileOffset, valueOf, text }: Reader): void {
  let at = fileOffset(valueOf(tagVersions));
  const records = [at];
  for (let next = elf.readUInt32LE(at + 12); next > 0; next = elf.readUInt32LE(at + 12)) records.push((at += next));
  const isAtomic = (record: number): boolean => text(elf.readUInt32LE(record + 4)) === wanted.library;
  const [ours, other] = [records.find(isAtomic), records.find((record) => !isAtomic(record))];
  if (ours === undefined || other === undefined) throw new Error('the versions of the libraries are not as expected');
  if (elf.readUInt16LE(ours + 2) !== 1) throw new Error(`more than one version of ${wanted.library} is needed`);
  elf.copy(elf, ours + 4, other + 4, other + 8);
  const [ourVersion, otherVersion] = [ours + elf.readUInt32LE(ours + 8), other + elf.readUInt32LE(other + 8)];
  elf.copy(elf, ourVersion, otherVersion, otherVersion + 4); // hash
  elf.copy(elf, ourVersion + 8, otherVersion + 8, otherVersion + 12); // name
}
