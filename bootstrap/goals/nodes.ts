// Goals on each node by itself: executable, names, password files, services.
import { putArgv } from '../../lib/host/files.ts';
import type { Context, WantedFile } from '../context.ts';
import { on, type Facts, type HostFacts } from '../facts.ts';
import type { Command, Goal } from '../goal.ts';
import { executablePath } from '../paths.ts';

type Names = readonly string[];
export const nodeNames = ({ spec }: Context): Names => spec.nodes.map((node) => node.name);

/** What is missing on each node, with the node's name before it. */
export function lackingOn(
  names: Names,
  facts: Facts,
  missing: (host: HostFacts, name: string) => readonly string[],
): string[] {
  return names.flatMap((name) => missing(on(facts, name), name).map((what) => `${name}: ${what}`));
}

/** Commands for those nodes on which something is missing. */
function whereLacking(
  goal: Pick<Goal, 'lacks'>,
  names: Names,
  commands: (name: string) => readonly Command[],
): Goal['commands'] {
  return (facts) =>
    names.filter((name) => goal.lacks(facts).some((what) => what.startsWith(`${name}: `))).flatMap(commands);
}

export function executable(context: Context): Goal {
  const { agentFile } = context;
  const { path, bytes, sha256 } = context.executable;
  const names = nodeNames(context);
  const lacks: Goal['lacks'] = (facts) =>
    lackingOn(names, facts, (host) => {
      const file = host.files[executablePath];
      return [
        ...(file?.sha256 === sha256 && file.mode === '0755' && file.owner === 'root'
          ? []
          : [`${executablePath} is not this cfha`]),
        ...(isAs(agentFile, host) ? [] : [`${agentFile.path} is not the agent`]),
      ];
    });
  return {
    id: 'nodes/executable',
    says: 'cfha and the resource agent are installed',
    lacks,
    commands: whereLacking({ lacks }, names, (name) => [
      {
        on: name,
        says: `install ${executablePath}`,
        run: putArgv({ path: executablePath, mode: '0755', owner: 'root', bytes }),
        inputFile: path,
      },
      put(name, agentFile),
    ]),
  };
}

export function names(context: Context): Goal {
  const { nodes } = context.spec;
  const missing = ({ names: known }: HostFacts) => nodes.filter((node) => (known[node.name] ?? []).length === 0);
  const all = nodeNames(context);
  const lacks: Goal['lacks'] = (facts) =>
    lackingOn(all, facts, (host) => missing(host).map(({ name }) => `${name} is not known`));
  return {
    id: 'nodes/names',
    says: 'every node knows the names of all nodes',
    lacks,
    commands: (facts) =>
      all.flatMap((name) =>
        missing(on(facts, name)).map(({ name: other, address }) => ({
          on: name,
          says: `add ${other} to /etc/hosts`,
          run: ['sh', '-euc', 'printf "%s %s\\n" "$1" "$2" >>/etc/hosts', 'hosts', address, other] as const,
        })),
      ),
  };
}

export function isAs(wanted: WantedFile, { files }: HostFacts): boolean {
  const file = files[wanted.path];
  return file?.sha256 === wanted.sha256 && file.mode === wanted.mode && file.owner === wanted.owner;
}

export function put(name: string, file: WantedFile): Command {
  return {
    on: name,
    says: `write ${file.path}, ${file.says}`,
    run: putArgv(file, file.folderMode),
    input: file.content,
  };
}

export function secrets(context: Context): Goal {
  const { secretFiles } = context;
  const missing = (host: HostFacts) => secretFiles.filter((file) => !isAs(file, host));
  const all = nodeNames(context);
  return {
    id: 'nodes/secrets',
    says: 'passwords are in files that only those who need them can read',
    lacks: (facts) => lackingOn(all, facts, (host) => missing(host).map((file) => `${file.path} is not as it must be`)),
    commands: (facts) => all.flatMap((name) => missing(on(facts, name)).map((file) => put(name, file))),
  };
}

export function ownService(context: Context): Goal {
  const { unit } = context.layout;
  const all = nodeNames(context);
  const lacks: Goal['lacks'] = (facts) =>
    lackingOn(all, facts, ({ units }) => (units[unit]?.enabled === true ? [`${unit} is enabled`] : []));
  return {
    id: 'postgres/service',
    says: `${unit} does not start PostgreSQL at boot: only the cluster does`,
    lacks,
    commands: whereLacking({ lacks }, all, (name) => [
      { on: name, says: `disable ${unit}`, run: ['systemctl', 'disable', unit] },
    ]),
  };
}

export function pcsd(context: Context): Goal {
  const all = nodeNames(context);
  const lacks: Goal['lacks'] = (facts) =>
    lackingOn(all, facts, ({ units }) =>
      units['pcsd.service']?.active === true && units['pcsd.service'].enabled
        ? []
        : ['pcsd does not run or is not enabled'],
    );
  return {
    id: 'cluster/pcsd',
    says: 'pcsd runs and is enabled',
    lacks,
    commands: whereLacking({ lacks }, all, (name) => [
      { on: name, says: 'enable and start pcsd', run: ['systemctl', 'enable', '--now', 'pcsd.service'] },
    ]),
  };
}
