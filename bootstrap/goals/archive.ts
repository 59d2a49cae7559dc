// Goals on the WAL archive: its files on every node, one archive that all nodes see, the timer that prunes it.
import { archiveOf, ownPrograms, pruneTimer, type Archive } from '../archive.ts';
import type { Context } from '../context.ts';
import { on, type Facts, type HostFacts } from '../facts.ts';
import type { Goal } from '../goal.ts';
import { executablePath } from '../paths.ts';
import { isAs, lackingOn, nodeNames, put } from './nodes.ts';

/** What must be there before a server is started that archives. */
export function archivePrepared(context: Context): Goal[] {
  const archive = archiveOf(context.spec);
  if (archive === undefined) return [];
  return [archive.by === 'own' ? programs(context) : files(context)];
}

/** What an instance must be there for. */
export function archiveReady(context: Context): Goal[] {
  const archive = archiveOf(context.spec);
  return archive?.by === 'cfha' ? [ready(context, archive), timer(context)] : [];
}

function programs(context: Context): Goal {
  const wanted = ownPrograms(context.spec);
  return {
    id: 'archive/programs',
    says: `postgres may run ${wanted.join(' and ')} on all nodes`,
    lacks: (facts) =>
      lackingOn(nodeNames(context), facts, ({ runs = [] }) =>
        wanted.filter((one) => !runs.includes(one)).map((one) => `${one} is not there, or not for postgres to run`),
      ),
    commands: () => [],
  };
}

function files(context: Context): Goal {
  const { archiveFiles } = context;
  const all = nodeNames(context);
  const missing = (host: HostFacts) => archiveFiles.filter((file) => !isAs(file, host));
  return {
    id: 'archive/files',
    says: 'cfha knows on all nodes where the WAL archive is, and systemd when to prune it',
    lacks: (facts) => lackingOn(all, facts, (host) => missing(host).map((file) => `${file.path} is not as it must be`)),
    commands: (facts) =>
      all.flatMap((name) => {
        const wanted = missing(on(facts, name));
        if (wanted.length === 0) return [];
        const reload = { on: name, says: 'let systemd read them', run: ['systemctl', 'daemon-reload'] as const };
        return [...wanted.map((file) => put(name, file)), reload];
      }),
  };
}

type Ours = Extract<Archive, { by: 'cfha' }>;

function ready({ spec, layout: { first } }: Context, { directory }: Ours): Goal {
  const marked = (facts: Facts) => on(facts, first.name).archive;
  const ofFirst = (facts: Facts): string[] => {
    const { archive, data } = on(facts, first.name);
    if (archive === undefined) return [`${first.name}: ${directory} is not marked as its archive`];
    return data.state !== 'ours' || data.systemId === archive.systemId
      ? []
      : [
          `${first.name}: ${directory} is the archive of another system, ${archive.systemId}: give this region an empty one`,
        ];
  };
  const ofOthers = (facts: Facts): string[] =>
    spec.nodes
      .filter(({ name }) => name !== first.name && on(facts, name).archive?.id !== marked(facts)?.id)
      .map(({ name }) => `${name}: ${directory} is not the archive that ${first.name} sees: mount the same one there`);
  return {
    id: 'archive/ready',
    says: `${directory} is the region’s WAL archive, the same one on all nodes`,
    lacks: (facts) => [...ofFirst(facts), ...ofOthers(facts)],
    commands: (facts) =>
      marked(facts) === undefined
        ? [{ on: first.name, says: 'mark it', run: ['env', '-C', '/', 'runuser', '-u', 'postgres', '--', executablePath, 'wal', 'init'] }]
        : [],
  }; // prettier-ignore
}

function timer(context: Context): Goal {
  const all = nodeNames(context);
  const runs = ({ units }: HostFacts) => units[pruneTimer]?.active === true && units[pruneTimer].enabled;
  return {
    id: 'archive/timer',
    says: `${pruneTimer} runs on all nodes and is enabled`,
    lacks: (facts) => lackingOn(all, facts, (host) => (runs(host) ? [] : [`${pruneTimer} does not run or is not enabled`])),
    commands: (facts) =>
      all
        .filter((name) => !runs(on(facts, name)))
        .map((name) => ({ on: name, says: `enable and start ${pruneTimer}`, run: ['systemctl', 'enable', '--now', pruneTimer] })),
  }; // prettier-ignore
}
