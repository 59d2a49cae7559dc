// Goals on what is prepared on the nodes: storage, routes, the mount of the WAL archive. Only what the file asks for.
import type { Context } from '../context.ts';
import { on, type Facts, type HostFacts } from '../facts.ts';
import type { Command, Goal } from '../goal.ts';
import { labelRule, labelScript, postgresType } from '../labels.ts';
import { routesUnit } from '../paths.ts';
import { archiveMount, type Mount } from '../mounts.ts';
import { mountScript, storageOf, storageScript } from '../provision.ts';
import { isAs, lackingOn, nodeNames, put } from './nodes.ts';

export function storage(context: Context): Goal[] {
  const { spec, layout } = context;
  if (spec.storage === undefined) return [];
  const all = nodeNames(context);
  const wanted = (name: string) => storageOf(spec, layout, name);
  const unmade = ({ storage: found }: HostFacts): string[] =>
    found?.state === 'made' ? [] : [`${spec.storage?.device ?? ''} has no file system of the region (it is ${found?.state ?? 'unknown'})`];
  return [
    {
      id: 'storage/made',
      says: `${spec.storage.device} has a file system for the data on all nodes`,
      lacks: (facts) => lackingOn(all, facts, unmade),
      commands: (facts) =>
        all.flatMap((name) => {
          const one = wanted(name);
          if (one === undefined || unmade(on(facts, name)).length === 0) return [];
          const what = one.group === '' ? one.device : `/dev/${one.group}/${one.volume} on ${one.device}`;
          return [{ on: name, says: `make ${one.filesystem} on ${what}, if that is blank`, run: ['sh', '-c', storageScript(one), 'storage'] as const }];
        }),
    },
    mounted(context, 'storage/mounted', (name) => wanted(name)?.mount),
  ];
} // prettier-ignore

export function archive(context: Context): Goal[] {
  const mount = archiveMount(context.spec);
  return mount === undefined ? [] : [mounted(context, 'archive/mounted', () => mount)];
}

function mounted(context: Context, id: string, of: (name: string) => Mount | undefined): Goal {
  const all = nodeNames(context);
  const first = of(context.layout.first.name);
  const lacking = (host: HostFacts, name: string): string[] => {
    const mount = of(name);
    return mount === undefined ? [] : mountLacks(mount, host);
  };
  const open = (facts: Facts) => all.filter((name) => lacking(on(facts, name), name).length > 0);
  return {
    id,
    says: `${first?.at ?? ''} is mounted on all nodes, now and at boot, and is PostgreSQL’s`,
    lacks: (facts) => lackingOn(all, facts, lacking),
    commands: (facts) => open(facts).flatMap((name) => mountCommands(name, of(name))),
  };
}

function mountLacks({ at, mode }: Mount, { folders = {} }: HostFacts): string[] {
  const found = folders[at] ?? { owner: '', mode: '' };
  const lacks: readonly (readonly [boolean, string])[] = [
    [found.fstab === undefined, `${at} is not in /etc/fstab`],
    [found.from === undefined, `${at} is not mounted`],
    [found.owner !== 'postgres' || found.mode !== mode, `${at} is not postgres’ with mode ${mode}`],
  ];
  return lacks.flatMap(([is, what]) => (is ? [what] : []));
}

function mountCommands(name: string, mount: Mount | undefined): Command[] {
  if (mount === undefined) return [];
  const { at, from, type, options, pass, mode } = mount;
  const own = 'chown postgres:postgres "$1"; chmod "$2" "$1"';
  return [
    { on: name, says: `mount ${from} at ${at}, at every boot`, run: ['sh', '-euc', mountScript, 'mount', at, from, type, options, pass] },
    { on: name, says: `give ${at} to postgres`, run: ['sh', '-euc', own, 'own', at, mode] },
  ];
} // prettier-ignore

/** Where SELinux enforces, PostgreSQL is let into what is its own. */
export function labelled(context: Context): Goal {
  const all = nodeNames(context);
  const lacks = (host: HostFacts): (readonly [folder: string, what: string])[] =>
    Object.entries(host.labels ?? {}).flatMap(([folder, found]): [string, string][] => {
      if (found === undefined) return [];
      if (found.wanted !== postgresType) return [[folder, `the policy has ${found.wanted} for ${folder}`]];
      return found.is === undefined || found.is === postgresType ? [] : [[folder, `${folder} is labelled ${found.is}`]];
    });
  return {
    id: 'nodes/labels',
    says: `where SELinux enforces, the data are labelled ${postgresType}`,
    lacks: (facts) => lackingOn(all, facts, (host) => lacks(host).map(([, what]) => what)),
    commands: (facts) =>
      all.flatMap((name) =>
        lacks(on(facts, name)).map(([folder]) => ({
          on: name,
          says: `label ${folder}, and let the policy know`,
          run: ['sh', '-euc', labelScript, 'label', postgresType, labelRule(folder), folder] as const,
        })),
      ),
  };
}

export function routes(context: Context): Goal[] {
  const { spec, routeFiles } = context;
  const nodes = spec.nodes.filter(({ routes: wanted }) => wanted.length > 0);
  if (nodes.length === 0) return [];
  const names = nodes.map(({ name }) => name);
  const missing = (host: HostFacts, name: string) => (routeFiles[name] ?? []).filter((file) => !isAs(file, host));
  const lacking = (host: HostFacts, name: string): string[] => {
    const wanted = nodes.find((node) => node.name === name)?.routes ?? [];
    const unit = host.units[routesUnit];
    const has = (to: string, via: string) => (host.routes ?? []).some((route) => route.to === to && route.via === via);
    return [
      ...missing(host, name).map((file) => `${file.path} is not as it must be`),
      ...(unit?.active === true && unit.enabled ? [] : [`${routesUnit} is not active and enabled`]),
      ...wanted.filter(({ to, via }) => !has(to, via)).map(({ to, via }) => `no route to ${to} via ${via}`),
    ];
  };
  return [
    {
      id: 'nodes/routes',
      says: `the routes of ${names.join(', ')} are there, now and at boot`,
      lacks: (facts) => lackingOn(names, facts, lacking),
      commands: (facts) =>
        names
          .filter((name) => lacking(on(facts, name), name).length > 0)
          .flatMap((name) => [
            ...missing(on(facts, name), name).map((file) => put(name, file)),
            { on: name, says: 'let systemd read its unit', run: ['systemctl', 'daemon-reload'] as const },
            { on: name, says: 'enable the routes', run: ['systemctl', 'enable', routesUnit] as const },
            { on: name, says: 'put the routes into force', run: ['systemctl', 'restart', routesUnit] as const },
          ]),
    },
  ];
}
