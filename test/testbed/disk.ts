// A node's disk: an overlay of the root filesystem, frozen layers, and one layer being written to.
// Saving freezes the layer being written and begins a new one; loading begins a new one on top of saved ones.
// So both cost nothing, however large the disk; a frozen layer is never written again.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { nodeFiles, type Layout } from './layout.ts';
import { must } from './processes.ts';
import { readJson, writeJson } from './json-file.ts';
import { Refusal } from './refusal.ts';

/** Names of layers, the newest first. */
export type Layers = readonly string[];
type Disk = Readonly<{ written: string; frozen: Layers }>;

export function diskExists(layout: Layout, node: string): boolean {
  return existsSync(nodeFiles(layout, node).disk);
}

/** Tells one disk from that before the last save or load. */
export function diskGeneration(layout: Layout, node: string): string {
  return diskOf(layout, node).written;
}

function diskOf(layout: Layout, node: string): Disk {
  const disk = readJson(nodeFiles(layout, node).disk) as Disk | undefined;
  if (!disk) throw new Refusal(`${node} has no disk: scripts/testbed up --name ${layout.name}`);
  return disk;
}

export function layerContents(layout: Layout, node: string, layer: string): string {
  return `${nodeFiles(layout, node).layers}/${layer}/fs`;
}

/** A new disk whose lowest layer holds what `fill` puts into it. */
export async function createDisk(layout: Layout, node: string, fill: (dir: string) => Promise<void>): Promise<void> {
  const files = nodeFiles(layout, node);
  await unmountDisk(layout, node);
  rmSync(files.dir, { recursive: true, force: true });
  const own = makeLayer(layout, node);
  await fill(layerContents(layout, node, own));
  beginLayer(layout, node, [own]);
}

function makeLayer(layout: Layout, node: string): string {
  const { layers } = nodeFiles(layout, node);
  mkdirSync(layers, { recursive: true });
  const layer = String(Math.max(0, ...readdirSync(layers).map(Number)) + 1);
  mkdirSync(`${layers}/${layer}/fs`, { recursive: true });
  mkdirSync(`${layers}/${layer}/work`);
  return layer;
}

function beginLayer(layout: Layout, node: string, frozen: Layers): void {
  const disk: Disk = { written: makeLayer(layout, node), frozen };
  writeJson(nodeFiles(layout, node).disk, disk);
}

/** Freezes the disk of a node that is off, and names the layers that make it up. */
export async function freezeDisk(layout: Layout, node: string): Promise<Layers> {
  const { written, frozen } = diskOf(layout, node);
  await unmountDisk(layout, node);
  const layers = [written, ...frozen];
  beginLayer(layout, node, layers);
  return layers;
}

/** Puts frozen layers in the place of the disk of a node that is off. */
export async function replaceDisk(layout: Layout, node: string, layers: Layers): Promise<void> {
  await unmountDisk(layout, node);
  beginLayer(layout, node, layers);
}

/** Removes the layers that neither the disk nor a save needs. */
export function removeUnusedLayers(layout: Layout, node: string, saved: readonly Layers[]): void {
  const { written, frozen } = diskOf(layout, node);
  const needed = new Set([written, ...frozen, ...saved.flat()]);
  const { layers } = nodeFiles(layout, node);
  for (const layer of readdirSync(layers)) if (!needed.has(layer)) rmSync(`${layers}/${layer}`, { recursive: true });
}

export async function mountDisk(layout: Layout, node: string, rootfs: string): Promise<void> {
  const files = nodeFiles(layout, node);
  if (isMounted(files.root)) return;
  mkdirSync(files.root, { recursive: true });
  const { written, frozen } = diskOf(layout, node);
  const lower = [...frozen.map((layer) => `${layer}/fs`), rootfs].join(':');
  // redirect_dir: a directory of a lower layer (a PostgreSQL cluster after `load`) can be renamed, as on a plain disk
  const options = `redirect_dir=on,lowerdir=${lower},upperdir=${written}/fs,workdir=${written}/work`;
  await must('mount', ['-t', 'overlay', 'overlay', '-o', options, files.root], { cwd: files.layers }); // relative: the kernel takes 4 kB of options
}

export async function unmountDisk(layout: Layout, node: string): Promise<void> {
  const { root } = nodeFiles(layout, node);
  while (isMounted(root)) await must('umount', [root]);
}

function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[1] === path);
}
