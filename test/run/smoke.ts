// Builds the executable and starts it in the ways that its surroundings do.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countsLine } from './counts.ts';

const root = join(import.meta.dirname, '../..');
const nobody = 65534;

type Called = Readonly<{ code: number | null; out: string; err: string }>;

/** Runs a copy outside the checkout, so that it cannot find anything beside it. */
function caller(folder: string) {
  copyFileSync(join(root, 'dist/cfha'), join(folder, 'cfha'));
  symlinkSync('cfha', join(folder, 'cfpgsql'));
  chmodSync(folder, 0o755);
  const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  return (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Called => {
    const { status, stdout, stderr } = spawnSync(join(folder, program), args, {
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      encoding: 'utf8',
      timeout: 20_000,
      ...identity,
    });
    return { code: status, out: stdout, err: stderr };
  };
}

type Check = readonly [title: string, seen: Called, holds: (seen: Called) => boolean];

function checks(call: ReturnType<typeof caller>): readonly Check[] {
  const loud = { NODE_OPTIONS: '--require=/nonexistent.js --title=x' };
  return [
    [
      'cfha --version names version, commit and Node version',
      call('cfha', ['--version']),
      ({ code, out }) => code === 0 && /^cfha \d+\.\d+\.\d+ \(commit \S+, Node v26\.\S+\)\n$/.test(out),
    ],
    [
      'NODE_OPTIONS has no effect',
      call('cfha', ['--version'], loud),
      ({ code, out }) => code === 0 && out.startsWith('cfha '),
    ],
    [
      'cfha with an unknown command is refused',
      call('cfha', ['frobnicate']),
      ({ code, err }) => code !== 0 && err !== '',
    ],
    [
      'cfha without an argument that it needs says so, and where help is',
      call('cfha', ['unlock']),
      ({ code, err }) => code === 2 && err === 'cfha: an argument is missing\nTry cfha unlock --help.\n',
    ],
    [
      'called as cfpgsql it prints its metadata, as nobody and without a home',
      call('cfpgsql', ['meta-data']),
      ({ code, out }) =>
        code === 0 && out.includes('<resource-agent name="cfpgsql"') && out.includes('</resource-agent>'),
    ],
    [
      'its environment is that of the call, not of the build',
      call('cfpgsql', ['meta-data'], { OCF_RESKEY_pgdata: '/of/this/call' }),
      ({ code, out }) => code === 0 && out.includes('"/of/this/call/postgresql.conf"'),
    ],
    [
      'cfpgsql methods lists the actions',
      call('cfpgsql', ['methods']),
      ({ code, out }) => code === 0 && ['start', 'promote', 'notify'].every((name) => out.split('\n').includes(name)),
    ],
  ];
}

execFileSync(process.execPath, [join(root, 'scripts/build.ts')], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
const folder = mkdtempSync(join(tmpdir(), 'cfha-smoke-'));
try {
  const results = checks(caller(folder)).map(([title, seen, holds]) => {
    const good = holds(seen);
    process.stdout.write(`${good ? 'ok  ' : 'FAIL'} ${title}\n`);
    if (!good) process.stdout.write(`     exit code ${String(seen.code)}\n     ${seen.out}\n     ${seen.err}\n`);
    return good;
  });
  const megabytes = Math.round(statSync(join(root, 'dist/cfha')).size / 1e6);
  process.stdout.write(`dist/cfha: ${megabytes} MB\n`);
  const failed = results.filter((good) => !good).length;
  process.stdout.write(`${countsLine({ passed: results.length - failed, failed })}\n`);
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
