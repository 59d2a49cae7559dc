// What must be true between keys of the region file. Works on whatever the file holds, so that one wrong key hides no other.
import type { Problem } from '../lib/yaml/read.ts';
import { addressProblems } from './cross/addresses.ts';
import { fencingProblems } from './cross/fencing.ts';
import { listOf, mappingOf, textOf, type Loose, type NamedNode } from './cross/loose.ts';
import { secretProblems } from './cross/secrets.ts';

/** All problems between keys. */
export function crossChecks(file: unknown): Problem[] {
  const top = mappingOf(file);
  const nodes: NamedNode[] = listOf(top['nodes']).map((node, index) => ({
    index,
    name: textOf(mappingOf(node)['name']),
    address: textOf(mappingOf(node)['address']),
    second: textOf(mappingOf(node)['second_address']),
  }));
  return [
    ...alike(nodes, 'name'),
    ...alike(nodes, 'address'),
    ...addressProblems(top, nodes),
    ...fencingProblems(mappingOf(top['fencing']), nodes),
    ...secretProblems(top),
    ...sourceProblems(mappingOf(top['postgres'])['source']),
    ...roleProblems(mappingOf(top['postgres'])),
    ...packageProblems(top),
    ...archiveProblems(mappingOf(top['postgres'])),
    ...slotProblems(mappingOf(top['postgres'])),
    ...standbyProblems(mappingOf(mappingOf(top['postgres'])['replication']), nodes.length),
  ];
}

function alike(nodes: readonly NamedNode[], key: 'name' | 'address'): Problem[] {
  return nodes.flatMap((node) => {
    const before = nodes.find((other) => other.index < node.index && other[key] === node[key]);
    if (before === undefined || node[key] === undefined) return [];
    return [
      {
        path: `nodes[${String(node.index)}].${key}`,
        given: `"${node[key]}"`,
        expected: `another ${key} than nodes[${String(before.index)}] has`,
      },
    ];
  });
}

/** What is installed is the same again and again. */
function packageProblems(top: Loose): Problem[] {
  if (top['packages'] !== 'install' || mappingOf(top['postgres'])['version'] !== undefined) return [];
  return [{ path: 'postgres.version', given: 'nothing', expected: 'the major version that packages: install is to install' }];
} // prettier-ignore

/** A directory, or both commands; and one word about how WAL is restored. */
function archiveProblems(postgres: Loose): Problem[] {
  if (postgres['archive'] === undefined) return [];
  const archive = mappingOf(postgres['archive']);
  const given = ['directory', 'mount', 'keep_days', 'keepDays', 'archive_command', 'restore_command'].filter(
    (key) => archive[key] !== undefined,
  );
  const mountless = given.filter((key) => key !== 'mount');
  const forms = ['directory', 'directory,keep_days', 'directory,keepDays', 'archive_command,restore_command'];
  const restore = mappingOf(postgres['parameters'])['restore_command'];
  return [
    ...(forms.includes(mountless.join()) && (!given.includes('mount') || given[0] === 'directory') ? [] : [
      { path: 'postgres.archive', given: given.join(' and ') || 'none of its keys', expected: 'directory, with or without mount and keep_days; or archive_command and restore_command' },
    ]),
    ...(restore === undefined ? [] : [
      { path: 'postgres.parameters.restore_command', given: 'a command', expected: 'nothing: postgres.archive gives it' },
    ]),
  ]; // prettier-ignore
}

/** The server's settings are unknown to earlier versions, and a server does not start with what it does not know. */
function slotProblems(postgres: Loose): Problem[] {
  const wanted = mappingOf(postgres['replication'])['logical_slots'] === 'synchronised';
  const { version } = postgres;
  if (!wanted || (typeof version === 'number' && version >= 17)) return [];
  const expected = 'local, or postgres.version 17 or later';
  return [{ path: 'postgres.replication.logical_slots', given: 'synchronised', expected }];
}

/** How many standbys commits wait for: only in synchronous mode, and not more than there are. */
function standbyProblems(replication: Loose, nodes: number): Problem[] {
  const given = replication['synchronous_standbys'];
  if (typeof given !== 'number') return [];
  const path = 'postgres.replication.synchronous_standbys';
  const problem = (expected: string): Problem[] => [{ path, given: String(given), expected }];
  if (replication['mode'] !== 'sync') return problem('nothing, or mode: sync beside it');
  return nodes > 0 && given >= nodes ? problem(`at most the number of standbys, ${String(nodes - 1)}`) : [];
}

function sourceProblems(source: unknown): Problem[] {
  const ways = Object.keys(mappingOf(source)).filter((way) => ['in_place', 'tar', 'clone'].includes(way));
  if (source === undefined || ways.length === 1) return [];
  const given = ways.length === 0 ? 'none of them' : ways.join(' and ');
  return [{ path: 'postgres.source', given, expected: 'one of in_place, tar and clone' }];
}

function roleProblems(postgres: Loose): Problem[] {
  const user = textOf(mappingOf(postgres['replication'])['user']);
  const owner = textOf(mappingOf(postgres['database'])['owner']);
  if (user === undefined || user !== owner) return [];
  return [
    { path: 'postgres.database.owner', given: `"${owner}"`, expected: 'another role than postgres.replication.user' },
  ];
}
