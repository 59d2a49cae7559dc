// Who is ended when a fast shutdown waits for it: nobody of the cluster's, and no process but the one that was seen.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { endArchiver, endStrangers } from '../../../agent/holdups.ts';
import { knownStandbys } from '../../../agent/rules/sync.ts';
import { findProcess } from '../../../lib/host/processes.ts';
import { aCall } from './pretend-region.ts';

it('a receiver is ended, and a later process with its number is let be', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const process = findProcess(child.pid ?? 0);
  if (process === undefined) throw new Error('it does not run');
  expect(endStrangers([{ process: { ...process, startTicks: '1' }, name: 'other' }])).toEqual([]);
  expect(findProcess(process.pid)).toEqual(process);
  const ended = once(child, 'exit');
  expect(endStrangers([{ process, name: 'app' }])).toEqual(['receiver app']);
  expect(await ended).toEqual([null, 'SIGTERM']);
  expect(endStrangers([{ process, name: 'app' }])).toEqual([]);
});

it('a process without an archiver has none to end', () => {
  expect(endArchiver({ pid: process.pid, parent: 1, startTicks: '1' })).toEqual([]);
});

it('standbys outside the cluster are known as well', () => {
  const call = aCall({ rep_mode: 'sync', node_list: 'db1 db2 db3', external_standby_node_list: 'far1  far2' });
  expect([...knownStandbys(call)].toSorted()).toEqual(['db1', 'db2', 'db3', 'far1', 'far2']);
});
