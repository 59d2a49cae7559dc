import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { portsArgv, portsOf, portsProgram, readPorts } from '../../../bootstrap/ports.ts';
import { localExec } from '../../../lib/host/local.ts';
import { aFile, aSpec } from './pretend-hosts.ts';

/** A port of this machine that nobody has just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Two nodes on this machine, at addresses of its loopback. */
async function tried(seconds: number, nodes: readonly string[]) {
  const both = ['db1', 'db2'].map((name, i) => ({ name, address: `127.77.0.${i + 1}` }));
  const postgres = { ...aSpec().postgres, port: await freePort() };
  const ring = portsOf({ nodes: both, postgres });
  const one = async (name: string) => {
    const input = portsProgram(ring, name, { token: 'this-run', seconds });
    return readPorts(ring, await localExec({ argv: portsArgv, input }));
  };
  return Promise.all(nodes.map(one));
}

describe('the ports between two nodes', () => {
  it('that both listen at are open', async () => {
    const [db1 = [], db2 = []] = await tried(20, ['db1', 'db2']);
    const states = (answers: typeof db1) => answers.map(({ to, state }) => `${to} ${state}`);
    expect(states(db1)).toEqual(['db2 open', 'db2 open', 'db2 open']);
    expect(states(db2)).toEqual(['db1 open', 'db1 open', 'db1 open']);
  });

  it('that nobody listens at are not', async () => {
    const [db1 = []] = await tried(1, ['db1']);
    expect(db1.map(({ state }) => state)).toEqual(['refused', 'refused', 'refused']);
  });

  it('are those of pcsd, Corosync and PostgreSQL', () => {
    expect(portsOf(aSpec({ ...aFile })).ports.map(({ kind, port }) => `${kind} ${port}`)).toEqual([
      'tcp 2224',
      'udp 5405',
      'tcp 5432',
    ]);
  });
});
