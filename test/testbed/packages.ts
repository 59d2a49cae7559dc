// Packages for nodes, which reach no mirror: fetched by this machine's apt, and given to a node as a source of its own.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nodeFiles, type Layout } from './layout.ts';
import { must } from './processes.ts';
import { sourcesOf, type Suite } from './rootfs.ts';

const onNode = '/srv/packages';

export type Wanted = Readonly<{
  suite: Suite;
  names: readonly string[];
  /** Root filesystem whose packages are there already: the node's own, if not given. */
  beside?: string | undefined;
}>;

/**
 * Makes packages, and what they depend on and the node lacks, the only ones that a node's apt knows: real ones, of the suite,
 * from Debian. Nothing is installed. The node's own sources are put away.
 */
export async function offerPackages(layout: Layout, node: string, wanted: Wanted): Promise<void> {
  const { root } = nodeFiles(layout, node);
  const folder = join(layout.dir, 'packages', node);
  await fetched({ ...wanted, folder, status: join(wanted.beside ?? root, 'var/lib/dpkg/status') });
  const debs = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  const index = await Promise.all(debs.map((name) => stanza(join(folder, name))));
  writeFileSync(join(folder, 'Packages'), index.join('\n'));
  rmSync(join(root, onNode), { recursive: true, force: true });
  cpSync(folder, join(root, onNode), { recursive: true });
  const sources = join(root, 'etc/apt/sources.list.d');
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources);
  writeFileSync(join(root, 'etc/apt/sources.list'), `deb [trusted=yes] file:${onNode} ./\n`);
}

type Fetching = Wanted & Readonly<{ folder: string; /** dpkg's, of the node. */ status: string }>;

/** The packages lie in the folder afterwards, and no others. */
async function fetched({ suite, names, folder, status }: Fetching): Promise<void> {
  const state = `${folder}.apt`;
  rmSync(folder, { recursive: true, force: true });
  for (const dir of ['lists/partial', 'archives/partial']) mkdirSync(join(state, dir), { recursive: true });
  mkdirSync(join(folder, 'partial'), { recursive: true });
  const sources = join(state, 'debian.sources');
  writeFileSync(sources, sourcesOf(suite, ['', '-updates', '-security']));
  const options = [
    ...[`Dir::Etc::sourcelist=${sources}`, 'Dir::Etc::sourceparts=-', `Dir::State::lists=${state}/lists`],
    ...[`Dir::State::status=${status}`, `Dir::Cache=${state}`, `Dir::Cache::archives=${folder}`],
    // by root, into folders of root
    ...['APT::Sandbox::User=root', 'APT::Install-Recommends=false', 'Debug::NoLocking=true'],
  ].flatMap((option) => ['-o', option]);
  await must('apt-get', [...options, '-q', 'update']);
  await must('apt-get', [...options, '-q', '-y', '--download-only', 'install', ...names]);
  rmSync(join(folder, 'partial'), { recursive: true });
}

/** What an index says of a package. */
async function stanza(file: string): Promise<string> {
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const fields = await must('dpkg-deb', ['--field', file]);
  return `${fields.trimEnd()}\nFilename: ./${basename(file)}\nSize: ${statSync(file).size}\nSHA256: ${sha256}\n`;
}
