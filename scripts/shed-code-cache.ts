// Node puts the code caches of all its own modules (4 MB) into a snapshot, and each start copies them twice: a third of a
// start's page faults. The modules that the agent uses lie in the snapshot as what they are when they have run, so the
// caches are of no use to it; cfha loads a few more of Node's modules, which is no slower without.
// docs/decisions/0011-a-rehearsed-snapshot.md; Node's src/node_snapshotable.cc: the last vector of SnapshotData.

const [fewest, most] = [100, 2000];
const longestId = 200;
const known = 'internal/bootstrap/node';

/** Where a vector of (id, code cache) begins, with its count, and ends. */
type Caches = Readonly<{ at: number; end: number }>;

/** Makes the one vector of code caches in an executable empty. Throws, and changes nothing, if there is not just one. */
export function shedCodeCache(executable: Buffer): void {
  const found = [...vectors(executable)];
  const [caches] = found;
  if (caches === undefined || found.length > 1)
    throw new Error(`one vector of Node's code caches was expected in the executable, and there are ${found.length}`);
  executable.writeBigUInt64LE(0n, caches.at);
}

function* vectors(bytes: Buffer): Generator<Caches> {
  // In front of the first id are two numbers of eight bytes, the count and the id's length, both small: six zeros end each.
  const zeros = Buffer.alloc(6);
  for (let at = bytes.indexOf(zeros) - 2; at >= -2; at = bytes.indexOf(zeros, at + 3) - 2) {
    const caches = at < 0 ? undefined : vectorAt(bytes, at);
    if (caches === undefined) continue;
    yield caches;
    at = caches.end;
  }
}

function vectorAt(bytes: Buffer, at: number): Caches | undefined {
  const count = numberAt(bytes, at, most);
  if (count === undefined || count < fewest) return undefined;
  const ids: string[] = [];
  let end = at + 8;
  for (let i = 0; i < count; i++) {
    const cache = cacheAt(bytes, end);
    if (cache === undefined) return undefined;
    ids.push(cache.id);
    end = cache.end;
  }
  return ids.includes(known) ? { at, end } : undefined;
}

function cacheAt(bytes: Buffer, at: number): Readonly<{ id: string; end: number }> | undefined {
  const length = numberAt(bytes, at, longestId);
  if (length === undefined) return undefined;
  const size = numberAt(bytes, at + 8 + length, bytes.length - at - 16 - length);
  if (size === undefined) return undefined;
  return { id: bytes.toString('latin1', at + 8, at + 8 + length), end: at + 16 + length + size };
}

/** An unsigned number of eight bytes, if it lies within the bytes and is between 1 and `upTo`. */
function numberAt(bytes: Buffer, at: number, upTo: number): number | undefined {
  if (at + 8 > bytes.length) return undefined;
  const number = Number(bytes.readBigUInt64LE(at));
  return number >= 1 && number <= upTo ? number : undefined;
}
