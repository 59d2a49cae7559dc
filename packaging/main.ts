// Makes the packages: the tree of files, then dpkg-deb and rpmbuild. scripts/package --help
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { contents, versionOf, type File, type Release } from './contents.ts';
import { control, prerm } from './deb.ts';
import { spec } from './rpm.ts';

const usage = `scripts/package [deb] [rpm]

  Packages of dist/cfha, which is built unless it is of this commit: dist/cfha_VERSION_ARCH.deb and
  dist/cfha-VERSION-1.ARCH.rpm. Prints their paths. The same executable gives the same package, byte for byte.`;

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const kinds = ['deb', 'rpm'] as const;
type Kind = (typeof kinds)[number];

const architectures = { x64: { deb: 'amd64', rpm: 'x86_64' }, arm64: { deb: 'arm64', rpm: 'aarch64' } } as const;

type Made = Readonly<{ tree: string; work: string; files: readonly File[]; version: string; committed: Date }>;

function git(...args: string[]): string {
  return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
}

function release(): Release & { committed: Date } {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const committed = new Date(Number(git('log', '-1', '--format=%ct')) * 1000);
  const released = git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`);
  return { version, committed, since: released ? undefined : { committed, commit: git('rev-parse', '--short=8', 'HEAD') } }; // prettier-ignore
}

/** README and CHANGELOG, and the folder that they point to. */
function pages(): readonly string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true });
  const files = docs.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(root.length + 1));
  return ['README.md', 'CHANGELOG.md', ...files.sort()];
}

function place(tree: string, file: File): void {
  const to = join(tree, file.path);
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  copyFileSync(join(root, file.from), to);
  chmodSync(to, file.mode);
}

/** With the commit's time on every file, as both package formats keep it. */
function made(work: string): Made {
  const { committed, ...rest } = release();
  const tree = join(work, 'tree');
  const files = contents(pages());
  files.forEach((file) => place(tree, file));
  execFileSync('find', [tree, '-exec', 'touch', '-h', '-d', `@${committed.getTime() / 1000}`, '{}', '+']);
  return { tree, work, files, version: versionOf(rest), committed };
}

function environment({ committed }: Made): NodeJS.ProcessEnv {
  return { ...process.env, SOURCE_DATE_EPOCH: String(committed.getTime() / 1000), LC_ALL: 'C' };
}

function architecture(): (typeof architectures)['x64' | 'arm64'] {
  const found = architectures[process.arch as 'x64' | 'arm64'] as (typeof architectures)['x64' | 'arm64'] | undefined;
  if (found === undefined) throw new Error(`no package for ${process.arch} machines`);
  return found;
}

function makeDeb(all: Made): string {
  const { tree, work, files, version } = all;
  const name = `cfha_${version}_${architecture().deb}.deb`;
  const bytes = files.flatMap((file) => ('from' in file ? statSync(join(root, file.from)).size : []));
  const installedKiB = Math.ceil(bytes.reduce((sum, one) => sum + one, 0) / 1024);
  const debian = join(tree, 'DEBIAN');
  mkdirSync(debian, { mode: 0o755 });
  writeFileSync(join(debian, 'control'), control({ version, architecture: architecture().deb, installedKiB }));
  writeFileSync(join(debian, 'prerm'), prerm, { mode: 0o755 });
  // xz: dpkg of Debian 11 knows no zstd
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, join(work, name)], { env: environment(all), stdio: ['ignore', 'ignore', 'inherit'] }); // prettier-ignore
  rmSync(debian, { recursive: true });
  return join(work, name);
}

function makeRpm(all: Made): string {
  const { tree, work, files, version } = all;
  const text = spec({ version, architecture: architecture().rpm, files });
  const file = join(work, 'cfha.spec');
  writeFileSync(file, text);
  // rpmbuild empties its build root: it gets a copy
  const buildRoot = join(work, 'buildroot');
  execFileSync('cp', ['-a', tree, buildRoot]);
  const defines = { _topdir: join(work, 'rpm'), _rpmdir: work, _rpmfilename: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm', _binary_payload: 'w1.xzdio', _buildhost: 'cfha', use_source_date_epoch_as_buildtime: '1', clamp_mtime_to_source_date_epoch: '1' }; // prettier-ignore
  const options = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  execFileSync('rpmbuild', ['-bb', '--quiet', '--noclean', '--buildroot', buildRoot, ...options, file], { env: environment(all), stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
  return join(work, `cfha-${version}-1.${architecture().rpm}.rpm`);
}

const makers: Readonly<Record<Kind, (all: Made) => string>> = { deb: makeDeb, rpm: makeRpm };

/** The executable says of which commit it is, and of changes that are in none. */
function isCurrent(): boolean {
  if (!existsSync(join(dist, 'cfha'))) return false;
  const { stdout } = spawnSync(join(dist, 'cfha'), ['--version'], { encoding: 'utf8' });
  return stdout.includes(`(commit ${git('rev-parse', '--short=12', 'HEAD')},`) && git('status', '--porcelain', '--untracked-files=no') === ''; // prettier-ignore
}

function packages(wanted: readonly Kind[]): void {
  if (!isCurrent()) execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' });
  const work = mkdtempSync(join(dist, '.package-'));
  try {
    const all = made(work);
    for (const kind of wanted) {
      const file = makers[kind](all);
      const to = join(dist, file.slice(work.length + 1));
      renameSync(file, to);
      process.stdout.write(`${to}\n`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function main(argv: readonly string[]): number {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } }); // prettier-ignore
    if (values.help) return (process.stdout.write(`${usage}\n`), 0);
    const unknown = positionals.find((one) => !kinds.includes(one as Kind));
    if (unknown !== undefined) throw new Error(`no kind of package: ${unknown}; expected deb or rpm`);
    packages(positionals.length === 0 ? kinds : (positionals as Kind[]));
    return 0;
  } catch (problem) {
    process.stderr.write(`scripts/package: ${problem instanceof Error ? problem.message : String(problem)}\n`);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
