// The region that recordings are made of, and how it is spoiled to have it repaired.
export const recordedRegion = {
  region: 'dc1',
  nodes: [
    { name: 'db1', address: '10.77.0.11' },
    { name: 'db2', address: '10.77.0.12' },
  ],
  vip: { address: '10.77.0.100', prefix: 24 },
  fencing: {
    agent: 'fence_vmware_soap',
    options: { ip: '10.77.0.1', username: 'cfha', ssl_insecure: 1 },
    password: { file: 'fencing.password' },
    hosts: { db1: 'dc1-db1-vm', db2: 'dc1-db2-vm' },
  },
  postgres: {
    replication: { user: 'replicator', password: { file: 'replication.password' } },
    database: { name: 'vmdb_production', owner: 'cloudforms', password: { file: 'owner.password' } },
    clients: ['10.77.0.0/24'],
  },
};

const changes: readonly (readonly [string | RegExp, string])[] = [
  ['name="priority-fencing-delay" value="5s"', 'name="priority-fencing-delay" value="0"'],
  ['name="resource-stickiness" value="100"', 'name="resource-stickiness" value="1"'],
  ['name="cidr_netmask" value="24"', 'name="cidr_netmask" value="22"'],
  ['name="migration-threshold" value="1"', 'name="migration-threshold" value="3"'],
  ['name="notify" value="true"', 'name="notify" value="false"'],
  [/interval="4s"/, 'interval="20s"'],
  [/<rsc_order [^>]*promote[^>]*\/>/, ''],
];

/** The same with something changed of every kind that is repaired. */
export function spoiled(xml: string): string {
  return changes.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    if (after === before) throw new Error(`the recording has no ${String(from)}`);
    return after;
  }, xml);
}
