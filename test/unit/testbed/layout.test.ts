import { expect, test } from '@jest/globals';
import { hierarchies } from '../../testbed/cgroups.ts';
import { addressOf, hardwareAddress, hostsFile, layoutOf, nodeNames, nodeNumber } from '../../testbed/layout.ts';

test('nodes are db1, db2, … from 10.77.0.11 on; admin is 10.77.0.200', () => {
  expect([...nodeNames(2), 'admin'].map(addressOf)).toEqual(['10.77.0.11', '10.77.0.12', '10.77.0.200']);
  expect(hardwareAddress('db1')).toBe('02:77:00:00:00:0b');
  expect(hostsFile(nodeNames(2))).toContain('10.77.0.12 db2\n');
});

test('what is no node has no number', () => {
  expect(['db0', 'db', 'admin', 'db1x', 'xdb1'].map(nodeNumber)).toEqual([0, 0, 0, 0, 0]);
});

test.each(['', 'A', '../x', 'a b', 'x'.repeat(21)])('a testbed is not called %j', (name) => {
  expect(() => layoutOf(name)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test('control groups are found where the machine has them, old and new', () => {
  const hybrid = `cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0`;
  expect(hierarchies(hybrid)).toEqual(['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']);
  expect(hierarchies('cgroup2 /sys/fs/cgroup cgroup2 rw 0 0')).toEqual(['/sys/fs/cgroup']);
  expect(() => hierarchies('')).toThrow('no cgroup2');
});
