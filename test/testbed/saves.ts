// States of all disks, by name.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mustBeUp, nodesOf } from './definition.ts';
import { freezeDisk, removeUnusedLayers, replaceDisk, type Layers } from './disk.ts';
import { readJson, writeJson } from './json-file.ts';
import type { Layout } from './layout.ts';
import { boot } from './lifecycle.ts';
import { whileLocked } from './lock.ts';
import { heal } from './network.ts';
import { isOn, powerOff, shutDown, waitUntilUp } from './node.ts';
import { badUsage, Refusal } from './refusal.ts';

type Save = Readonly<Record<string, Layers>>;

const shutDownSeconds = 90;

function fileOf(layout: Layout, name: string): string {
  if (!/^[A-Za-z0-9][\w.-]{0,60}$/.test(name))
    throw badUsage(`${name}: the name of a save is letters, digits, dots and dashes`);
  return `${layout.saves}/${name}.json`;
}

export function savesOf(layout: Layout): readonly string[] {
  if (!existsSync(layout.saves)) return [];
  return readdirSync(layout.saves).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
}

/** Keeps the disks of all nodes under a name, after an orderly shutdown or, with `plug`, a power cut; then boots them. */
export async function save(layout: Layout, name: string, options: { plug?: boolean } = {}): Promise<void> {
  mustBeUp(layout);
  const file = fileOf(layout, name);
  await whileLocked(layout.lock, async () => {
    // from the last node to the first: as bootstrap leaves a region, the standby goes before its primary
    for (const node of [...nodesOf(layout)].reverse())
      await (options.plug ? powerOff(layout, node) : shutDown(layout, node, shutDownSeconds));
    const disks: Record<string, Layers> = {};
    for (const node of nodesOf(layout)) disks[node] = await freezeDisk(layout, node);
    mkdirSync(layout.saves, { recursive: true });
    writeJson(file, disks);
    for (const node of nodesOf(layout)) await boot(layout, node);
    tidy(layout);
  });
  await Promise.all(nodesOf(layout).map((node) => waitUntilUp(layout, node)));
}

/** Gives every node the disk it had at the save, with its cable in, and boots it; a node the save does not know stays off. */
export async function load(layout: Layout, name: string): Promise<void> {
  mustBeUp(layout);
  const disks = readJson(fileOf(layout, name)) as Save | undefined;
  if (!disks) throw noSuchSave(layout, name);
  await whileLocked(layout.lock, async () => {
    await Promise.all(nodesOf(layout).map((node) => powerOff(layout, node)));
    for (const [node, layers] of Object.entries(disks)) {
      await replaceDisk(layout, node, layers);
      await heal(layout, node);
      await boot(layout, node);
    }
    tidy(layout);
  });
  await Promise.all(
    nodesOf(layout)
      .filter((node) => isOn(layout, node))
      .map((node) => waitUntilUp(layout, node)),
  );
}

/** Removes a save, and what of the disks only it needed. */
export async function forget(layout: Layout, name: string): Promise<void> {
  await whileLocked(layout.lock, () => {
    if (!existsSync(fileOf(layout, name))) throw noSuchSave(layout, name);
    rmSync(fileOf(layout, name));
    tidy(layout);
    return Promise.resolve();
  });
}

function noSuchSave(layout: Layout, name: string): Refusal {
  return new Refusal(`no save ${name} in testbed ${layout.name}; there are: ${savesOf(layout).join(', ') || 'none'}`);
}

function tidy(layout: Layout): void {
  const all = savesOf(layout).map((name) => readJson(fileOf(layout, name)) as Save);
  for (const node of nodesOf(layout))
    removeUnusedLayers(
      layout,
      node,
      all.flatMap((disks) => (disks[node] ? [disks[node]] : [])),
    );
}
