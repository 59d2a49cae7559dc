// The goal on each node's firewall: only if the file asks for it.
import type { Context } from '../context.ts';
import { on, type Facts, type HostFacts } from '../facts.ts';
import type { Goal } from '../goal.ts';
import { firewallUnit } from '../paths.ts';
import { isAs, lackingOn, nodeNames, put } from './nodes.ts';

export function firewall(context: Context): Goal {
  const { firewallFiles, spec } = context;
  const all = nodeNames(context);
  const missing = (host: HostFacts) => firewallFiles.filter((file) => !isAs(file, host));
  const lacking = (host: HostFacts): string[] => {
    if (firewallFiles.length === 0) return [];
    const unit = host.units[firewallUnit];
    return [
      ...missing(host).map((file) => `${file.path} is not as it must be`),
      ...(unit?.active === true && unit.enabled ? [] : [`${firewallUnit} is not active and enabled`]),
      ...(host.firewall ? [] : ['the rules are not in force']),
    ];
  };
  const open = (facts: Facts) => all.filter((name) => lacking(on(facts, name)).length > 0);
  return {
    id: 'nodes/firewall',
    says: `the ports of cluster and PostgreSQL are open for their sources only (${spec.firewall?.program ?? 'not asked for'})`,
    lacks: (facts) => lackingOn(all, facts, lacking),
    commands: (facts) =>
      open(facts).flatMap((name) => [
        ...missing(on(facts, name)).map((file) => put(name, file)),
        { on: name, says: 'let systemd read its unit', run: ['systemctl', 'daemon-reload'] as const },
        { on: name, says: 'enable the rules', run: ['systemctl', 'enable', firewallUnit] as const },
        { on: name, says: 'put the rules into force', run: ['systemctl', 'restart', firewallUnit] as const },
      ]),
  };
}
