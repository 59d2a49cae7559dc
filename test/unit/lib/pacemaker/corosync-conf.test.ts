import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCorosyncConf } from '../../../../lib/pacemaker/corosync-conf.ts';

// As pcs 0.11 writes it for two nodes.
const pair = `totem {
    version: 2
    cluster_name: dc1
    transport: knet
}

nodelist {
    node {
        ring0_addr: 10.77.0.11
        name: db1
        nodeid: 1
    }

    node {
        ring0_addr: 10.77.0.12
        ring1_addr: 10.88.0.12
        name: db2
        nodeid: 2
    }
}

quorum {
    provider: corosync_votequorum
    two_node: 1
}
`;

describe('corosync.conf', () => {
  it('is read as pcs writes it', () => {
    expect(readCorosyncConf(pair)).toEqual({
      name: 'dc1',
      nodes: [
        { name: 'db1', address: '10.77.0.11' },
        { name: 'db2', address: '10.77.0.12', second: '10.88.0.12' },
      ],
      twoNode: true,
      waitForAll: true,
    });
  });

  it.each<[string, string, { twoNode: boolean; waitForAll: boolean }]>([
    ['two_node means wait_for_all', 'two_node: 1', { twoNode: true, waitForAll: true }],
    ['unless that is taken back', 'two_node: 1\n    wait_for_all: 0', { twoNode: true, waitForAll: false }],
    ['which more nodes may ask for', 'wait_for_all: 1', { twoNode: false, waitForAll: true }],
    ['a comment says nothing', '# two_node: 1', { twoNode: false, waitForAll: false }],
  ])('votes: %s', (_, line, votes) => {
    expect(readCorosyncConf(pair.replace('two_node: 1', line))).toMatchObject(votes);
  });

  it('of any text is read without an error', () => {
    fc.assert(fc.property(fc.string(), (text) => void readCorosyncConf(text)));
  });

  it('that is cut off anywhere, or none, is read without a failure, and never with votes it does not have', () => {
    for (let end = 0; end < pair.indexOf('two_node: 1'); end += 1)
      expect(readCorosyncConf(pair.slice(0, end))).toMatchObject({ twoNode: false, waitForAll: false });
    for (const text of ['}}}}', 'quorum {{\n}', '\u0000\n'.repeat(9), 'two_node: 1', 'quorum {\n'.repeat(1000)])
      expect(readCorosyncConf(text)).toMatchObject({ name: '', nodes: [], twoNode: false });
  });
});
