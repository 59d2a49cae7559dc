// What the vCenter was asked to do, as JSON lines.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Layout } from '../layout.ts';

/** `result`: ok, or the name of the fault that was answered. `node` and `vm` are empty for operations on no machine. */
export type FenceEntry = Readonly<{
  at: string;
  from: string;
  user: string;
  operation: string;
  vm: string;
  node: string;
  result: string;
}>;

export function noteOperation(layout: Layout, entry: FenceEntry): void {
  appendFileSync(layout.vcenter.log, `${JSON.stringify(entry)}\n`);
}

/** All operations since the testbed was made, the oldest first. */
export function fenceLog(layout: Layout): readonly FenceEntry[] {
  if (!existsSync(layout.vcenter.log)) return [];
  const lines = readFileSync(layout.vcenter.log, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as FenceEntry);
}

export function fenceText(entries: readonly FenceEntry[]): string {
  return entries.map((e) => [e.at, e.from, e.operation, e.vm, e.result].join('  ')).join('\n');
}
