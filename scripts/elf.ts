// The few parts of an ELF file that the build looks at. https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html

export const [loadable, dynamic, executable] = [1, 2, 1];
export const tags = { end: 0, needed: 1, strings: 5, symbols: 6, pltRelocationsSize: 2, pltRelocations: 23 } as const;

export type Segment = Readonly<{
  at: number;
  type: number;
  flags: number;
  offset: number;
  address: number;
  size: number;
}>;
type Entry = Readonly<{ at: number; tag: number; value: number }>;

/** Reads the few parts of an ELF file that matter here. */
export function reader(elf: Buffer) {
  const word = (at: number): number => Number(elf.readBigUInt64LE(at));
  const segments = Array.from({ length: elf.readUInt16LE(56) }, (_, i): Segment => {
    const at = word(32) + i * elf.readUInt16LE(54);
    const [type, flags] = [elf.readUInt32LE(at), elf.readUInt32LE(at + 4)];
    return { at, type, flags, offset: word(at + 8), address: word(at + 16), size: word(at + 32) };
  });
  const fileOffset = (address: number): number => {
    const within = ({ type, address: from, size }: Segment) =>
      type === loadable && address >= from && address < from + size;
    const segment = segments.find(within);
    if (segment === undefined) throw new Error(`no segment of the executable holds address ${address.toString(16)}`);
    return address - segment.address + segment.offset;
  };
  const entries = dynamicEntries(word, segments.find((segment) => segment.type === dynamic)?.offset ?? 0);
  const valueOf = (tag: number): number => entries.find((entry) => entry.tag === tag)?.value ?? 0;
  const text = (offset: number): string => {
    const at = fileOffset(valueOf(tags.strings)) + offset;
    return elf.toString('latin1', at, elf.indexOf(0, at));
  };
  return { elf, word, segments, fileOffset, entries, valueOf, text };
}

export type Reader = ReturnType<typeof reader>;

function dynamicEntries(word: (at: number) => number, offset: number): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = offset; offset > 0 && word(at) !== tags.end; at += 16)
    entries.push({ at, tag: word(at), value: word(at + 8) });
  return entries;
}
