import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lockNodes, lockScript } from '../../../bootstrap/lock.ts';
import { hold } from '../../../lib/host/held.ts';

/** Nodes that are folders of this machine. */
function pretendNodes() {
  const folder = mkdtempSync(join(tmpdir(), 'cfha-lock-'));
  const asked: string[] = [];
  return {
    asked,
    hold: (name: string, argv: readonly string[]) => {
      asked.push(name);
      return hold(['sh', '-c', lockScript.replaceAll('/run/', `${folder}/${name}-`), ...argv.slice(3)]);
    },
  };
}

describe('the lock of a region', () => {
  it('is one administrator’s at a time; the second is told whose', async () => {
    const nodes = pretendNodes();
    const first = await lockNodes(nodes, 'anna on host1', ['db2', 'db1']);
    expect(nodes.asked).toEqual(['db1', 'db2']);
    expect(await lockNodes(nodes, 'ben on host2', ['db1', 'db2'])).toEqual({
      code: 'LOCKED',
      host: 'db1',
      holder: 'anna on host1',
    });
    if ('release' in first) await first.release();
    const again = await lockNodes(nodes, 'ben on host2', ['db1', 'db2']);
    expect(again).toHaveProperty('release');
    if ('release' in again) await again.release();
  });

  it('that cannot be had on one node is held on none', async () => {
    const nodes = pretendNodes();
    const other = await lockNodes(nodes, 'anna', ['db2']);
    expect(await lockNodes(nodes, 'ben', ['db1', 'db2'])).toMatchObject({
      code: 'LOCKED',
      host: 'db2',
      holder: 'anna',
    });
    const free = await lockNodes(nodes, 'carl', ['db1']);
    expect(free).toHaveProperty('release');
    for (const lock of [other, free]) if ('release' in lock) await lock.release();
  });

  it('tells why a node does not answer', async () => {
    const nodes = { hold: () => hold(['sh', '-c', 'echo no route to host >&2; exit 255']) };
    expect(await lockNodes(nodes, 'anna', ['db1'])).toMatchObject({ code: 'LOCKED', holder: 'no route to host' });
  });
});
