// Each member of a testbed (node, vCenter) lives in a control group of its own. The group is the record of what runs:
// no pid files, so no reused pid can be mistaken for ours.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { Refusal } from './refusal.ts';
import { until } from './processes.ts';
import type { Layout } from './layout.ts';

/** The mount points that systemd in a node needs: cgroup2, and the old name=systemd where the host still has it. */
export function hierarchies(mounts = readFileSync('/proc/self/mounts', 'utf8')): readonly string[] {
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const found = [
    ...lines.filter(([, , type]) => type === 'cgroup2'),
    ...lines.filter(([, , type, options]) => type === 'cgroup' && options?.split(',').includes('name=systemd')),
  ];
  if (found[0]?.[2] !== 'cgroup2')
    throw new Refusal('this machine has no cgroup2 mounted: mount -t cgroup2 none /sys/fs/cgroup/unified');
  return found.map(([, at = '']) => at);
}

/** The directories of a member's group, cgroup2 first. */
export function groupsOf(layout: Layout, member = ''): readonly [string, ...string[]] {
  const [first = '', ...rest] = hierarchies().map((at) => `${at}/cfha-testbed/${layout.name}${member && `/${member}`}`);
  return [first, ...rest];
}

export function createGroups(layout: Layout, member: string): readonly string[] {
  const groups = groupsOf(layout, member);
  for (const group of groups) mkdirSync(group, { recursive: true });
  return groups;
}

export function isOccupied(layout: Layout, member: string): boolean {
  const events = `${groupsOf(layout, member)[0]}/cgroup.events`;
  return existsSync(events) && readFileSync(events, 'utf8').includes('populated 1');
}

/** SIGKILL for all that runs in the group, at once, and wait until it is gone. */
export async function killGroup(layout: Layout, member: string): Promise<void> {
  if (!isOccupied(layout, member)) return;
  writeFileSync(`${groupsOf(layout, member)[0]}/cgroup.kill`, '1');
  const gone = await until(() => !isOccupied(layout, member), { seconds: 20, everyMs: 10 });
  if (!gone)
    throw new Refusal(
      `${member} of testbed ${layout.name} does not die; see ${groupsOf(layout, member)[0]}/cgroup.procs`,
    );
}

export async function removeGroups(layout: Layout, member = ''): Promise<void> {
  for (const group of groupsOf(layout, member)) {
    // a killed process leaves its group a moment after it left the process table
    const removed = await until(() => removeTree(group), { seconds: 5, everyMs: 10 });
    if (!removed) throw new Refusal(`cannot remove ${group}: something still runs in it`);
  }
}

/** Removes the directory all testbeds share, if ours was the last. */
export function removeSharedGroups(): void {
  for (const at of hierarchies()) removeTree(`${at}/cfha-testbed`, false);
}

function removeTree(dir: string, deep = true): boolean {
  if (!existsSync(dir)) return true;
  try {
    const entries = deep ? readdirSync(dir, { withFileTypes: true }) : [];
    for (const entry of entries.filter((e) => e.isDirectory())) removeTree(`${dir}/${entry.name}`);
    rmdirSync(dir);
    return true;
  } catch {
    return false; // busy: the caller asks again
  }
}
