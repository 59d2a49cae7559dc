// Builds dist/cfha, one sealed executable (Node's single executable application), and the files that Pacemaker calls as the
// agent: dist/cfpgsql, of this very executable, and dist/launcher, of an installed one.
// https://nodejs.org/docs/latest-v26.x/api/single-executable-applications.html
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { build, type Plugin } from 'esbuild';
import { executablePath } from '../bootstrap/paths.ts';
import { launcherText } from '../meta/launcher.ts';
import { setStage } from './rehearsal.ts';
import { shedCodeCache } from './shed-code-cache.ts';
import { shedDeadlockCheck } from './shed-deadlock-check.ts';
import { shedLibatomic } from './shed-libatomic.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
  try {
    const changed =
      git(
        'status',
        '--porcelain',
        '--untracked-files=no',
        '--',
        'agent',
        'bootstrap',
        'cli',
        'global',
        'health',
        'lib',
        'meta',
        'wal',
      ) !== '';
    return git('rev-parse', '--short=12', 'HEAD') + (changed ? '+changes' : '');
  } catch {
    return 'unknown'; // an exported tree without git
  }
}

/**
 * pg loads node:crypto, for passwords: the agent's connection through the socket needs none, and would pay for it with
 * every monitor. So it is loaded when it is used.
 */
const lateCrypto: Plugin = {
  name: 'late-crypto',
  setup: (builder) => {
    builder.onLoad({ filter: /\/pg\/lib\/crypto\/utils\.js$/ }, ({ suffix }) =>
      suffix === ''
        ? { contents: "module.exports = new Proxy({}, { get: (_, name) => require('./utils.js?when-used')[name] });" }
        : undefined,
    );
  },
};

/** The two bundles: what is sealed as a snapshot, and cfha. */
async function bundle(outdir: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  await build({
    entryPoints: { entry: join(root, 'cli/entry.ts'), cfha: join(root, 'cli/main.ts') },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node26',
    format: 'cjs',
    plugins: [lateCrypto],
    external: ['pg-native', 'pg-cloudflare'],
    define: {
      // yargs is ESM and asks where it lies.
      'import.meta.url': 'cfhaUrl',
      // pg probes for Cloudflare with `new Response`, which loads Node's whole fetch stack: 48 ms of a 60 ms start.
      Response: 'undefined',
      CFHA_VERSION: JSON.stringify(version),
      CFHA_COMMIT: JSON.stringify(commit()),
    },
    banner: { js: 'const cfhaUrl=require("node:url").pathToFileURL(__filename).href;' },
    logLevel: 'warning',
  });
}

function strip(from: string, to: string): void {
  execFileSync('strip', ['-o', to, from], { stdio: 'inherit' });
  change(to, shedLibatomic);
  const symbols = execFileSync('nm', [from], { encoding: 'utf8', maxBuffer: 1 << 30 });
  change(to, (elf) => shedDeadlockCheck(elf, symbols));
}

function change(file: string, shed: (bytes: Buffer) => void): void {
  const bytes = readFileSync(file);
  shed(bytes);
  writeFileSync(file, bytes);
}

async function seal(node: string): Promise<void> {
  const stage = await setStage(work);
  try {
    // Node warns that a snapshot with node:child_process is not fully verified: all our tests run on this executable.
    const stdio = ['ignore', 'ignore', 'inherit', 'pipe'] as const;
    const child = spawn(node, ['--no-warnings', '--build-sea', join(work, 'sea.json')], {
      env: stage.env,
      stdio: [...stdio],
    });
    const pipe = child.stdio[3] as Writable;
    pipe.on('error', () => undefined); // a build that fails closes it
    pipe.end(stage.cib);
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the build of the executable ended with ${String(code)}`);
  } finally {
    stage.end();
  }
}

mkdirSync(dist, { recursive: true });
const work = mkdtempSync(join(dist, '.build-'));
try {
  const node = realpathSync(process.execPath);
  await bundle(work);
  strip(node, join(work, 'node'));
  writeFileSync(
    join(work, 'sea.json'),
    JSON.stringify({
      main: join(work, 'entry.cjs'),
      output: join(work, 'cfha'),
      executable: join(work, 'node'),
      useSnapshot: true,
      assets: { 'cfha.cjs': join(work, 'cfha.cjs') },
      disableExperimentalSEAWarning: true,
      // Of the agent's functions none is called so often that a compiler is worth a thread's start.
      execArgv: ['--v8-pool-size=1', '--no-sparkplug', '--disable-sigusr1', '--no-rehash-snapshot'],
      // Otherwise NODE_OPTIONS in somebody's environment reaches a program that runs as root.
      execArgvExtension: 'none',
    }),
  );
  await seal(node);
  change(join(work, 'cfha'), shedCodeCache);
  renameSync(join(work, 'cfha'), join(dist, 'cfha'));
  rmSync(join(dist, 'cfpgsql'), { force: true });
  writeFileSync(join(dist, 'cfpgsql'), launcherText(join(dist, 'cfha')), { mode: 0o755 });
  writeFileSync(join(dist, 'launcher'), launcherText(executablePath), { mode: 0o755 });
} finally {
  rmSync(work, { recursive: true, force: true });
}
