// What there is of a testbed, for people and programs.
import { isOccupied } from './cgroups.ts';
import { definitionOf, nodesOf, vmName } from './definition.ts';
import { addressOf, switchAddress, vipAddress, type Layout } from './layout.ts';
import { isCut } from './network.ts';
import { isOn } from './node.ts';
import { savesOf } from './saves.ts';

export type Status = ReturnType<typeof statusOf>;

export function statusOf(layout: Layout) {
  const definition = definitionOf(layout);
  const nodes = nodesOf(layout).map((name) => ({
    name,
    address: addressOf(name),
    power: isOn(layout, name) ? 'on' : 'off',
    network: isCut(layout, name) ? 'cut' : 'connected',
    vm: definition ? vmName(definition, name) : '',
  }));
  return {
    name: layout.name,
    suite: definition?.suite ?? null,
    rootfs: definition?.rootfs ?? null,
    nodes,
    vip: vipAddress,
    vcenter: {
      address: switchAddress,
      running: isOccupied(layout, 'vcenter'),
      user: 'cfha',
      passwordFile: layout.vcenter.password,
      log: layout.vcenter.log,
    },
    ssh: { key: layout.key, knownHosts: layout.knownHosts },
    saves: savesOf(layout),
  };
}

export function statusText(status: Status): string {
  if (!status.suite) return `testbed ${status.name}: not there (scripts/testbed up --name ${status.name})`;
  const nodes = status.nodes.map((n) => `  ${n.name}  ${n.address}  ${n.power.padEnd(3)}  ${n.network}  ${n.vm}`);
  return [
    `testbed ${status.name}: Debian ${status.suite}`,
    ...nodes,
    `vCenter   https://${status.vcenter.address}/sdk  ${status.vcenter.running ? 'running' : 'stopped'}  user ${status.vcenter.user}, password in ${status.vcenter.passwordFile}`,
    `ssh       key ${status.ssh.key}, known hosts ${status.ssh.knownHosts}`,
    `saves     ${status.saves.join(', ') || 'none'}`,
  ].join('\n');
}
