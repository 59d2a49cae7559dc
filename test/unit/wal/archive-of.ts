// Archives in real directories, WAL files made by hand, and a disk on which any call can be the last one.
import { createHash } from 'node:crypto';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realDisk, type Disk } from '../../../wal/disk.ts';
import { writeMark } from '../../../wal/mark.ts';

export const systemId = '7300000000000000001';
export const segmentBytes = 1 << 20;
export const first = '000000010000000000000001';

/** A segment as PostgreSQL begins one; what follows the header is told by `fill`. */
export function segment(fill: string, { system = systemId, address = 0x100000n, bytes = segmentBytes } = {}): Buffer {
  const file = Buffer.alloc(bytes, fill);
  file.writeUInt16LE(0xd110, 0);
  file.writeUInt16LE(2, 2);
  file.writeUInt32LE(1, 4);
  file.writeBigUInt64LE(address, 8);
  file.writeBigUInt64LE(BigInt(system), 24);
  file.writeUInt32LE(segmentBytes, 32);
  return file;
}

export type Place = { readonly root: string; readonly directory: string; readonly data: string };

/** An archive, and a data directory with one segment. */
export function place(): Place {
  const root = mkdtempSync(join(tmpdir(), 'cfha-wal-'));
  const [directory, data] = [join(root, 'archive'), join(root, 'data')];
  mkdirSync(directory);
  mkdirSync(data);
  writeMark(realDisk, directory, { systemId, id: 'abc' });
  writeFileSync(join(data, first), segment('a'));
  return { root, directory, data };
}

export const remove = ({ root }: Place): void => rmSync(root, { recursive: true, force: true });

/** Names and contents of the files that people see in a directory. */
export function seen(directory: string): Record<string, string> {
  const names = readdirSync(directory).filter((name) => !name.startsWith('.') && !name.endsWith('.json'));
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(directory, name)))
      .digest('hex');
  return Object.fromEntries(names.map((name) => [name, hash(name)]));
}

export type Fault = Error | 'killed';

/** The disk until its n-th call, counted from 0: that one fails, or the process is killed before it, or by half of it. */
export function failing(n: number, fault: Fault): { disk: Disk; calls: () => number; names: string[] } {
  let calls = 0;
  const names: string[] = [];
  const disk = new Proxy(realDisk, {
    get:
      (target, name: keyof Disk) =>
      (...args: unknown[]) => {
        const now = calls++;
        names.push(name);
        const reached = fault === 'killed' ? now >= n : now === n;
        if (reached) {
          if (now === n && name === 'writeSync') halfWritten(args);
          throw fault === 'killed' ? new Error('killed') : Object.assign(fault, { syscall: name });
        }
        return (target[name] as (...all: unknown[]) => unknown)(...args);
      },
  });
  return { disk, calls: () => calls, names };
}

function halfWritten([handle, buffer, offset, length]: unknown[]): void {
  if (Buffer.isBuffer(buffer))
    realDisk.writeSync(handle as number, buffer, offset as number, Math.floor((length as number) / 2), null);
}

export const fault = (code: string): Error => Object.assign(new Error(`${code}: pretended`), { code });
