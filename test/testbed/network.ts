// The network of a testbed: a bridge in a namespace of its own (the switch), and the administrator's namespace on it.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { adminAddress, nodeFiles, prefixLength, switchAddress, type Layout } from './layout.ts';
import { must, run } from './processes.ts';

/** The switch and the administrator's place on it, as far as they are missing. */
export async function ensureSwitch(layout: Layout): Promise<void> {
  const switchNs = layout.netns('switch');
  await ensureNamespace(switchNs);
  if (!(await hasLink(switchNs, 'br0')))
    await must('ip', [
      '-n',
      switchNs,
      'link',
      'add',
      'br0',
      'address',
      '02:77:00:00:00:01',
      'type',
      'bridge',
      'mcast_snooping',
      '0',
    ]);
  await must('ip', ['-n', switchNs, 'address', 'replace', `${switchAddress}/${prefixLength}`, 'dev', 'br0']);
  await must('ip', ['-n', switchNs, 'link', 'set', 'br0', 'up']);
  await ensureAdmin(layout);
}

async function ensureAdmin(layout: Layout): Promise<void> {
  const [switchNs, adminNs] = [layout.netns('switch'), layout.netns('admin')];
  await ensureNamespace(adminNs);
  if (!(await hasLink(adminNs, 'eth0'))) {
    await run({ file: 'ip', args: ['-n', switchNs, 'link', 'delete', 'admin'] });
    await must('ip', [
      '-n',
      switchNs,
      'link',
      'add',
      'admin',
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      adminNs,
    ]);
  }
  await must('ip', ['-n', switchNs, 'link', 'set', 'admin', 'master', 'br0', 'up']);
  await must('ip', ['-n', adminNs, 'address', 'replace', `${adminAddress}/${prefixLength}`, 'dev', 'eth0']);
  await must('ip', ['-n', adminNs, 'link', 'set', 'eth0', 'up']);
}

async function ensureNamespace(name: string): Promise<void> {
  // a run killed between creating the file and mounting the namespace on it leaves a name without a namespace
  if ((await run({ file: 'ip', args: ['-n', name, 'link'] })).code !== 0) {
    await deleteNamespace(name);
    await must('ip', ['netns', 'add', name]);
  }
  await must('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
}

export async function deleteNamespace(name: string): Promise<void> {
  if (existsSync(`/run/netns/${name}`)) await must('ip', ['netns', 'delete', name]);
}

async function hasLink(namespace: string, link: string): Promise<boolean> {
  return (await run({ file: 'ip', args: ['-n', namespace, 'link', 'show', link] })).code === 0;
}

/** Whether a node's cable is there, in the switch or cut. */
export function isWired(layout: Layout, node: string): Promise<boolean> {
  return hasLink(layout.netns('switch'), node);
}

/** Takes a node's cable away at once, so that not even the farewell of its dying processes gets through. */
export async function unplug(layout: Layout, node: string): Promise<void> {
  await run({ file: 'ip', args: ['-n', layout.netns('switch'), 'link', 'delete', node] }); // fails when it is off: then there is no cable
  await deleteNamespace(layout.netns(node));
}

/** Pulls the network cable; it stays out over power cycles, as a cable does. */
export async function cut(layout: Layout, node: string): Promise<void> {
  mkdirSync(nodeFiles(layout, node).dir, { recursive: true });
  writeFileSync(nodeFiles(layout, node).cut, '');
  if (await hasLink(layout.netns('switch'), node))
    await must('ip', ['-n', layout.netns('switch'), 'link', 'set', node, 'nomaster']);
}

export async function heal(layout: Layout, node: string): Promise<void> {
  rmSync(nodeFiles(layout, node).cut, { force: true });
  if (await hasLink(layout.netns('switch'), node))
    await must('ip', ['-n', layout.netns('switch'), 'link', 'set', node, 'master', 'br0']);
}

export function isCut(layout: Layout, node: string): boolean {
  return existsSync(nodeFiles(layout, node).cut);
}
