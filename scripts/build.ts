// Builds dist/cfha, one sealed executable (Node's single executable application), and dist/cfpgsql, a link to it.
// https://nodejs.org/docs/latest-v26.x/api/single-executable-applications.html
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { shedLibatomic } from './shed-libatomic.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
  try {
    const changed =
      git('status', '--porcelain', '--untracked-files=no', '--', 'agent', 'bootstrap', 'cli', 'lib', 'meta') !== '';
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

async function bundle(outfile: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const result = await build({
    entryPoints: [join(root, 'cli/entry.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node26',
    format: 'cjs',
    metafile: true,
    plugins: [lateCrypto],
    external: ['pg-native', 'pg-cloudflare'],
    banner: { js: 'const cfhaUrl=require("node:url").pathToFileURL(__filename).href;' },
    define: {
      // yargs is ESM and asks where it lies.
      'import.meta.url': 'cfhaUrl',
      // pg probes for Cloudflare with `new Response`, which loads Node's whole fetch stack: 48 ms of a 60 ms start.
      Response: 'undefined',
      CFHA_VERSION: JSON.stringify(version),
      CFHA_COMMIT: JSON.stringify(commit()),
    },
    logLevel: 'warning',
  });
  writeFileSync(join(dist, 'metafile.json'), JSON.stringify(result.metafile));
}

function strip(from: string, to: string): void {
  execFileSync('strip', ['-o', to, from], { stdio: 'inherit' });
  const elf = readFileSync(to);
  shedLibatomic(elf);
  writeFileSync(to, elf);
}

mkdirSync(dist, { recursive: true });
const work = mkdtempSync(join(dist, '.build-'));
try {
  const node = realpathSync(process.execPath);
  await bundle(join(work, 'cfha.cjs'));
  strip(node, join(work, 'node'));
  writeFileSync(
    join(work, 'sea.json'),
    JSON.stringify({
      main: join(work, 'cfha.cjs'),
      output: join(work, 'cfha'),
      executable: join(work, 'node'),
      useCodeCache: true,
      disableExperimentalSEAWarning: true,
      // Otherwise NODE_OPTIONS in somebody's environment reaches a program that runs as root.
      execArgvExtension: 'none',
    }),
  );
  execFileSync(node, ['--build-sea', join(work, 'sea.json')], { stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(join(work, 'cfha'), join(dist, 'cfha'));
  rmSync(join(dist, 'cfpgsql'), { force: true });
  symlinkSync('cfha', join(dist, 'cfpgsql'));
} finally {
  rmSync(work, { recursive: true, force: true });
}
