// What can be seen of a side after an action: exit code, writes in order, attributes, files, servers. Paths of the side
// and positions in WAL, which no two runs share, are replaced, positions by their rank.
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { look } from './servers.ts';
import { dataFolder, nodeFolder, stateFolder, type Side } from './side.ts';

/** Name of a thing that can be seen, and how it is. */
export type Facts = Readonly<Record<string, string>>;

export type Observation = {
  readonly exit: number | undefined;
  /** Writes that changed something, in order. */
  readonly writes: readonly string[];
  /** How many writes changed nothing. */
  readonly idle: number;
  readonly facts: Facts;
};

const position = /\b[0-9A-F]{16}\b/g;
const watchedData = [
  'standby.signal',
  'recovery.signal',
  'recovery.conf',
  'backup_label',
  'backup_label.old',
  'postgresql.conf',
];

function readWrites(side: Side, from: number): { lines: string[][]; end: number } {
  const text = readFileSync(join(side.root, 'state/writes'), 'utf8');
  const lines = text
    .slice(from)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  return { lines, end: text.length };
}

function writeLine([node, name, lifetime, value]: readonly string[]): string {
  const shown = value === '' ? 'deleted' : (value ?? '').replace(position, 'POSITION');
  return `${node ?? ''} ${name ?? ''} (${lifetime ?? ''}) ${shown}`;
}

function attributes(side: Side): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const node of side.nodes) {
    for (const lifetime of ['reboot', 'forever']) {
      const folder = join(stateFolder(side, node), lifetime);
      for (const name of readdirSync(folder)) {
        facts[`attribute ${node} ${name} (${lifetime})`] = readFileSync(join(folder, name), 'utf8').trim();
      }
    }
  }
  return facts;
}

/** The name of a user's number, or of a group's. */
function named(id: number, postgres: number): string {
  if (id === 0) return 'root';
  return id === postgres ? 'postgres' : String(id);
}

function fileFacts(side: Side, path: string, name: string): Record<string, string> {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8);
  const owner = `${named(stat.uid, side.rig.owner.uid)}:${named(stat.gid, side.rig.owner.gid)}`;
  const facts: Record<string, string> = { [`file ${name} owner and mode`]: `${owner} ${mode}` };
  if (stat.isFile()) facts[`file ${name}`] = readFileSync(path, 'utf8').replaceAll(side.root, '@side');
  return facts;
}

function temporaryFiles(side: Side, node: string): Record<string, string> {
  const folder = join(nodeFolder(side, node), 'tmp');
  if (!existsSync(folder)) return {};
  const facts = fileFacts(side, folder, `${node}/tmp`);
  for (const name of readdirSync(folder))
    Object.assign(facts, fileFacts(side, join(folder, name), `${node}/tmp/${name}`));
  return facts;
}

function dataFiles(side: Side, node: string): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const name of watchedData.filter((file) => existsSync(join(dataFolder(side, node), file)))) {
    Object.assign(facts, fileFacts(side, join(dataFolder(side, node), name), `${node}/data/${name}`));
    if (name.startsWith('backup_label')) facts[`file ${node}/data/${name}`] = 'a label';
  }
  facts[`file ${node}/data/postmaster.pid`] = String(existsSync(join(dataFolder(side, node), 'postmaster.pid')));
  return facts;
}

function madeFiles(side: Side, node: string): Record<string, string> {
  const made = ['pg.log', 'stats'].filter((name) => existsSync(join(nodeFolder(side, node), name)));
  return Object.fromEntries(
    made.map((name) => {
      const what = `file ${node}/${name} owner and mode`;
      return [what, fileFacts(side, join(nodeFolder(side, node), name), `${node}/${name}`)[what] ?? ''];
    }),
  );
}

async function servers(side: Side): Promise<Record<string, string>> {
  const facts: Record<string, string> = {};
  const found = await Promise.all(side.nodes.map((n) => look(side, n)));
  found.forEach((server, index) => {
    for (const [what, value] of Object.entries(server))
      facts[`server ${side.nodes[index] ?? ''} ${what}`] = String(value);
  });
  return facts;
}

/** What we record and pgsql has no name for. Nothing of pgsql's reads it, and nothing of ours is in a name of pgsql's. */
export const newNames =
  /cfpgsql-(timeline|xlog-history|sync-point|waits-for|primary-lsn|accept-loss|rejoin|rejoin-word|evidence|slot|obstacle|promoting|lineage)\b/;

/** Positions by their order: the same relations, whatever the numbers. */
function ranked(facts: Record<string, string>): Record<string, string> {
  // What only ours records has positions that upstream has nowhere.
  const shared = Object.entries(facts).filter(([name]) => !newNames.test(name));
  const all = [...new Set(shared.flatMap(([, value]) => value.match(position) ?? []))].sort();
  const rank = (found: string) => `POSITION${all.indexOf(found) + 1}`;
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, value.replace(position, rank)]));
}

/** Looks at a side; `seen` is how much of the record of writes was looked at before. */
export async function observe(side: Side, exit: number | undefined, seen: { writes: number }): Promise<Observation> {
  const { lines, end } = readWrites(side, seen.writes);
  seen.writes = end;
  const facts: Record<string, string> = { ...attributes(side), ...(await servers(side)) };
  for (const node of side.nodes) {
    Object.assign(facts, temporaryFiles(side, node), dataFiles(side, node), madeFiles(side, node));
  }
  const effective = lines.filter((line) => line[4] === 'changed');
  return { exit, writes: effective.map(writeLine), idle: lines.length - effective.length, facts: ranked(facts) };
}
