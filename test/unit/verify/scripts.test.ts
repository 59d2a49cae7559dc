import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import type { Result } from '../../../lib/host/exec.ts';
import { differencesOf } from '../../../verify/as-it-was.ts';
import { devicesOf } from '../../../verify/cib-words.ts';
import { fenceOptions, nodeScript, restoreWalScript } from '../../../verify/node-script.ts';
import { readNode, readTried } from '../../../verify/read-node.ts';
import type { Places } from '../../../verify/places.ts';
import { record, undoing } from '../../../verify/undo.ts';
import { facts } from './pretend-nodes.ts';

const { cib } = facts();

/** Nodes that read what they are told, and do nothing. */
function readers(): { places: Places; told: string[] } {
  const told: string[] = [];
  const run: Places['run'] = (node, { input = '' }) => {
    told.push(`${node}: ${input}`);
    const { status, stderr } = spawnSync('sh', ['-n'], { input, encoding: 'utf8' });
    return Promise.resolve({ code: status ?? undefined, stdout: '', stderr } satisfies Result);
  };
  return { places: { names: ['db1', 'db2'], run }, told };
}

test.each([
  ['that asks a node', nodeScript(cib)],
  ['that gets a WAL file', restoreWalScript(cib, 'test ! -e x && cp \'/a b/%f\' "%p"', '000000010000000000000003')],
])('the script %s can be read by a shell', (_, text) => {
  expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('a fence agent is told what Pacemaker would tell it, and of what to do only what is asked', () => {
  const [device] = devicesOf(cib);
  const options = device === undefined ? '' : fenceOptions(device, 'dc1-db2-vm', 'status');
  expect(options.split('\n')).toEqual([
    ...['ip=10.77.0.1', 'password_script=/etc/cfha/fencing-password', 'ssl_insecure=1', 'username=cfha'],
    ...['action=status', 'plug=dc1-db2-vm', ''],
  ]);
});

test('what is to be undone is on each node before anything is broken, with all that is to be done there', async () => {
  const { places, told } = readers();
  expect(await record(places, [{ on: 'db1', script: 'true' }, { on: 'db2', script: "echo 'it''s'" }, { on: 'db1', script: 'ip route' }])).toBeUndefined(); // prettier-ignore
  expect(told).toHaveLength(2);
  expect(told[0]).toContain('true\nip route');
  await undoing(places, 'db2');
  expect(told[2]).toMatch(/^db2: .*undo\.sh/);
});

test('what could not be recorded is said, so that it is not broken', async () => {
  const places: Places = {
    names: ['db1'],
    run: () => Promise.resolve({ code: 1, stdout: '', stderr: 'no space left' }),
  };
  expect(await record(places, [{ on: 'db1', script: 'true' }])).toBe('db1: what is to be undone could not be recorded: no space left'); // prettier-ignore
});

test('the answer of a node is read; a login that was refused has its reason', () => {
  const stdout = `agent abc
version pacemaker 2.1.5
cmap runtime.config.totem.token 3000
link 2 connected
unit pacemaker.service active active enabled enabled
synchronised no
container systemd-nspawn
lock yes
address eth0 10.77.0.11/24
mac eth0 02:77:00:00:00:0b
name db2 10.77.0.12
disk WAL 10 100
port db2 yes
login db2 FATAL: password authentication failed
fence db2 yes
certificate 12 /var/lib/pcsd/pcsd.crt
end
`;
  const node = readNode('db1', { code: 0, stdout, stderr: '' }, { askedMs: 1000, answeredMs: 1020, saysMs: 61_010 });
  expect(node).toMatchObject({
    ...{ clockMs: 60_000, clockErrorMs: 10, synchronised: false, container: 'systemd-nspawn', lock: true, server: undefined },
    ...{ links: [{ to: '2', ok: true }], units: { 'pacemaker.service': 'active enabled' }, macs: { eth0: '02:77:00:00:00:0b' } },
    logins: [{ to: 'db2', ok: false, says: 'FATAL: password authentication failed' }],
    ...{ certificates: [{ days: 12, file: '/var/lib/pcsd/pcsd.crt' }], disks: [{ what: 'WAL', freeBytes: 10, bytes: 100 }] },
  }); // prettier-ignore
  expect(() => readNode('db1', { code: 0, stdout: 'agent abc\n', stderr: '' }, { askedMs: 0, answeredMs: 0, saysMs: 0 })).toThrow('not whole'); // prettier-ignore
  expect(readTried('db2 yes')).toEqual({ to: 'db2', ok: true, says: 'yes' });
});

test('what a drill has changed is what is different, either way', () => {
  expect(differencesOf(['a', 'b'], ['b', 'c'])).toEqual(['no more: a', 'new: c']);
});
