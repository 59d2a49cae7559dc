// Disks for nodes: loop devices of this machine, by the same name on every node, as /dev/disk/by-id would give them.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../testbed/processes.ts';
import type { Stage } from './stage.ts';

export type Disk = Readonly<{ device: string; file: string }>;

/** What a disk is made with: room, and the file system that is on it already. */
export type Wanted = Readonly<{ name: string; size: string; filesystem?: readonly string[] }>;

export type Disks = Readonly<{
  make: (wanted: Wanted) => Promise<Disk>;
  /** The disk is there, as /dev/NAME; one that had the name is not any more. */
  attach: (node: string, disk: Disk, name: string) => Promise<void>;
}>;

const attaching = '[ -b "$1" ] || mknod "$1" b "$2" "$3"; ln -sfn "$1" "/dev/$4"';

/** Plays with disks; at the end the nodes that had them are without power, and the disks are gone. */
export async function withDisks(stage: Stage, play: (disks: Disks) => Promise<void>): Promise<void> {
  const folder = join(stage.region.folder, 'disks');
  mkdirSync(folder, { recursive: true });
  const made: string[] = [];
  const make: Disks['make'] = async ({ name, size, filesystem }) => {
    const file = join(folder, name);
    await must('truncate', ['-s', size, file]);
    if (filesystem !== undefined) await must('mkfs.ext4', ['-q', '-F', ...filesystem, file]);
    const device = (await must('losetup', ['--find', '--show', file])).trim();
    made.push(device);
    return { device, file };
  };
  const attach: Disks['attach'] = async (node, { device }, name) => {
    const numbers = (await must('stat', ['-c', '%Hr %Lr', device])).trim().split(' ');
    await stage.must(node, ['sh', '-euc', attaching, 'attach', device, ...numbers, name]);
  };
  try {
    await play({ make, attach });
  } finally {
    // What is mounted in a node is so until its namespaces are gone.
    for (const node of stage.nodes) await stage.testbed.power('off', node);
    for (const device of made) await must('losetup', ['--detach', device]);
    rmSync(folder, { recursive: true });
  }
}
