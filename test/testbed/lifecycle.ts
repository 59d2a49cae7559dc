// Making a testbed and removing it.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { groupsOf, isOccupied, killGroup, removeGroups, removeSharedGroups } from './cgroups.ts';
import { definitionOf, nodesOf, type Definition } from './definition.ts';
import { createDisk, diskExists, mountDisk, unmountDisk } from './disk.ts';
import { completeHosts, ensureKey, writeAdminFiles, writeIdentity } from './identity.ts';
import { writeJson } from './json-file.ts';
import { cacheRoot, mostNodes, nodeFiles, nodeNames, stateRoot, type Layout } from './layout.ts';
import { whileLocked } from './lock.ts';
import { deleteNamespace, ensureSwitch, isWired } from './network.ts';
import { isOn, powerOff, powerOn, waitUntilUp } from './node.ts';
import { until } from './processes.ts';
import { badUsage, Refusal } from './refusal.ts';
import { ensureRequirements } from './requirements.ts';
import { asSuite, ensureRootfs } from './rootfs.ts';
import { ensureVcenter } from './vcenter/start.ts';

export type UpOptions = Readonly<{
  nodes?: number;
  suite?: string | undefined;
  vmPrefix?: string;
  say?: (line: string) => void;
}>;
export type DownOptions = Readonly<{ wipe?: boolean; wipeCache?: boolean }>;

const silent = () => undefined;

/** Makes the testbed, or what is missing of it, and waits until every node is up. */
export async function up(layout: Layout, options: UpOptions = {}): Promise<void> {
  const say = options.say ?? silent;
  await ensureRequirements(say);
  await whileLocked(layout.lock, async () => {
    const definition = await settleDefinition(layout, options);
    const nodes = nodeNames(definition.nodes);
    await ensureNodes(layout, nodes);
    await ensureSwitch(layout);
    for (const node of nodes) await boot(layout, node);
    await ensureVcenter(layout);
  });
  say(`booting ${nodesOf(layout).join(', ')}`);
  await Promise.all(nodesOf(layout).map((node) => waitUntilUp(layout, node)));
}

async function settleDefinition(layout: Layout, options: UpOptions): Promise<Definition> {
  const before = definitionOf(layout);
  const definition = before ? grown(layout, before, options) : await newDefinition(options);
  mkdirSync(layout.dir, { recursive: true });
  writeJson(layout.definition, definition);
  return definition;
}

async function newDefinition(options: UpOptions): Promise<Definition> {
  const { nodes = 2, suite = 'bookworm', vmPrefix = 'dc1', say = silent } = options;
  const [count, known] = [checkedCount(nodes), asSuite(suite)];
  return { suite: known, rootfs: await ensureRootfs(known, say), nodes: count, vmPrefix };
}

/** An existing testbed may get nodes and another prefix; its suite, and the root filesystem its disks lie on, stay. */
function grown(layout: Layout, before: Definition, options: UpOptions): Definition {
  const { nodes = before.nodes, suite = before.suite, vmPrefix = before.vmPrefix } = options;
  const remedy = `scripts/testbed down --wipe --name ${layout.name} first`;
  if (asSuite(suite) !== before.suite)
    throw new Refusal(`testbed ${layout.name} has Debian ${before.suite}: ${remedy}`);
  if (!existsSync(before.rootfs))
    throw new Refusal(`${before.rootfs} is gone, the disks of testbed ${layout.name} lie on it: ${remedy}`);
  return { ...before, nodes: Math.max(checkedCount(nodes), before.nodes), vmPrefix };
}

function checkedCount(nodes: number): number {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > mostNodes)
    throw badUsage(`--nodes: expected a number from 1 to ${mostNodes}`);
  return nodes;
}

async function ensureNodes(layout: Layout, nodes: readonly string[]): Promise<void> {
  await ensureKey(layout);
  for (const node of nodes) {
    if (!diskExists(layout, node)) await createDisk(layout, node, (dir) => writeIdentity(layout, node, dir));
  }
  writeAdminFiles(layout, nodes);
}

/** Mounts a node's disk and powers the node on, if it is not on already. */
export async function boot(layout: Layout, node: string, firmwareSeconds = 0): Promise<void> {
  const definition = definitionOf(layout);
  if (!definition) throw new Refusal(`testbed ${layout.name} is not up: scripts/testbed up --name ${layout.name}`);
  // a node on without a cable is what a killed power off leaves; one that has just been switched on gets it in a moment
  if (isOn(layout, node) && !(await until(() => isWired(layout, node), { seconds: 3 }))) await powerOff(layout, node);
  await mountDisk(layout, node, definition.rootfs);
  completeHosts(nodeFiles(layout, node).root, nodeNames(definition.nodes));
  await powerOn(layout, node, firmwareSeconds);
}

/** Stops everything; with `wipe`, nothing of the testbed is left. */
export async function down(layout: Layout, options: DownOptions = {}): Promise<void> {
  await whileLocked(layout.lock, async () => {
    await killGroup(layout, 'vcenter');
    await Promise.all(membersFound(layout).map((node) => powerOff(layout, node)));
    for (const node of membersFound(layout)) await unmountDisk(layout, node);
    if (isOccupied(layout, '')) await killGroup(layout, '');
    for (const member of ['switch', 'admin']) await deleteNamespace(layout.netns(member));
    await removeGroups(layout);
    removeSharedGroups();
    if (options.wipe) rmSync(layout.dir, { recursive: true, force: true });
  });
  if (options.wipe) rmSync(layout.lock, { force: true });
  if (options.wipe && existsSync(stateRoot) && readdirSync(stateRoot).length === 0)
    rmSync(stateRoot, { recursive: true });
  if (options.wipeCache) wipeCache();
}

/** The nodes there are traces of, whether or not a definition was ever written. */
function membersFound(layout: Layout): readonly string[] {
  const [group] = groupsOf(layout);
  const dirs = [`${layout.dir}/nodes`, group].filter((dir) => existsSync(dir));
  const names = dirs.flatMap((dir) => readdirSync(dir)).filter((name) => /^db\d+$/.test(name));
  return [...new Set(names)];
}

function wipeCache(): void {
  const users = existsSync(stateRoot) ? readdirSync(stateRoot) : [];
  if (users.length > 0)
    throw new Refusal(`the cache is in use: scripts/testbed down --wipe --name ${users.join(' and --name ')} first`);
  rmSync(cacheRoot, { recursive: true, force: true });
}
