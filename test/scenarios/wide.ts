// A region with everything there may be two of: fence devices with levels, rings, virtual IPs; a password from the environment.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';
import { untilHealthy, type Stage } from './stage.ts';
import { expect, waitUntil } from './waiting.ts';

// The second network is on the same cable: that the ring is there is what is looked at.
const second = `dev=$(ip -o -4 route get 10.77.0.1 | sed 's/.* dev \\([^ ]*\\).*/\\1/'); ip addr add 10.88.0.$1/24 dev "$dev"`;

/** The same fence device twice, the second one for when the first has failed. */
export function withTwoDevices(text: string): string {
  const short: readonly string[] =
    /fencing:\n {2}agent: (.*)\n {2}options: (.*)\n {2}password: (.*)\n {2}hosts: (.*)\n/.exec(text) ?? [];
  expect(short.length === 5, 'the region file has no fencing as it was');
  const [whole = '', agent = '', options = '', password = '', hosts = ''] = short;
  const device = (name: string, level: number) =>
    `    - { name: ${name}, level: ${level}, agent: ${agent}, options: ${options}, password: ${password}, hosts: ${hosts} }\n`;
  return text.replace(whole, `fencing:\n  devices:\n${device('vcenter', 1)}${device('spare', 2)}`);
}

function widened(text: string): string {
  return withTwoDevices(text)
    .replace(/(name: db1, address: [\d.]+)/, '$1, second_address: 10.88.0.11')
    .replace(/(name: db2, address: [\d.]+)/, '$1, second_address: 10.88.0.12')
    .replace('prefix: 24 }', 'prefix: 24, more: [{ address: 10.77.0.101, prefix: 24 }] }')
    .replace('replication: { ', 'replication: { vip: { address: 10.88.0.100, prefix: 24 }, ')
    .replace(/owner: cloudforms, password: \{[^}]*\}/, 'owner: cloudforms, password: { env: OWNER }');
}

async function play(stage: Stage): Promise<void> {
  for (const [node, last] of [[stage.nodes[0], '11'], [stage.nodes[1], '12']] as const)
    await stage.must(node, ['sh', '-euc', second, 'second', last]);
  const path = join(stage.region.folder, 'wide.yaml');
  writeFileSync(path, widened(stage.region.text));
  const owner = stage.region.passwords.cloudforms.secret;
  // The secret goes over standard input: the command line of the test holds none either.
  const run = (...more: readonly string[]) =>
    stage.on('admin', ['sh', '-c', 'read -r OWNER; export OWNER; exec "$@"', 'run', stage.cfha, 'bootstrap', path, ...more], {
      input: `${owner}\n`,
    });
  const made = await run();
  expect(made.code === 0, `exit code ${String(made.code)}\n${made.stdout}${made.stderr}`);
  await untilHealthy(stage, 30);
  const [first] = stage.nodes;
  const levels = await stage.must(first, ['pcs', 'stonith', 'level', 'config']);
  expect(/Level 1 - vcenter\s+Level 2 - spare/.test(levels), `the levels are not as they should be:\n${levels}`);
  const links = await stage.must(first, ['corosync-cfgtool', '-s']);
  expect(/LINK ID 1 udp\s+addr\s*=\s*10\.88\.0\.11/.test(links), `no second ring:\n${links}`);
  const sender = await stage.must(first, ['runuser', '-u', 'postgres', '--', 'psql', '-XAtqc', 'SELECT client_addr FROM pg_stat_replication']);
  expect(sender.trim().startsWith('10.88.0.'), `the standby comes from ${sender}`);
  const again = await run();
  expect(again.code === 0 && again.stdout.includes('nothing was executed'), `second run:\n${again.stdout}${again.stderr}`);
  await stage.must(first, ['pcs', 'stonith', 'level', 'remove', '2', 'target', first]);
  const check = await run('--check');
  expect(check.code === 3 && check.stdout.includes('fencing level 2'), `--check:\n${check.stdout}${check.stderr}`);
  expect((await run()).code === 0, 'the level is not put back');
  await waitUntil('the addresses are on the primary', async () => {
    const has = await stage.must(first, ['ip', '-4', '-o', 'addr']);
    return ['10.77.0.100/', '10.77.0.101/', '10.88.0.100/'].every((address) => has.includes(address));
  }, 10);
} // prettier-ignore

export const wide: Scenario = {
  name: 'a region with two fence devices, two rings and three virtual IPs, a password from the environment',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
