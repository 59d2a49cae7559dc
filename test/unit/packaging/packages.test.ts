import { spawnSync } from 'node:child_process';
import { describe, expect, it, test } from '@jest/globals';
import { agentPath, executablePath } from '../../../bootstrap/paths.ts';
import { beforeRemoval, contents, versionOf } from '../../../packaging/contents.ts';
import { control, prerm } from '../../../packaging/deb.ts';
import { spec } from '../../../packaging/rpm.ts';

const files = contents(['README.md', 'docs/wal.md']);

/** Whether dpkg sorts the first before the second. */
const older = (a: string, b: string): boolean => spawnSync('dpkg', ['--compare-versions', a, 'lt', b]).status === 0;

describe('a package', () => {
  it('puts the executable and the agent where bootstrap does, so that it finds nothing to do', () => {
    expect(files).toContainEqual({ path: executablePath, from: 'dist/cfha', mode: 0o755 });
    expect(files).toContainEqual({ path: agentPath, from: 'dist/launcher', mode: 0o755 });
    expect(files.map(({ path }) => path)).toContain('/usr/share/doc/cfha/docs/wal.md');
  });

  it('of a commit is older than the release that it leads to, and newer than those of earlier commits', () => {
    const since = { committed: new Date('2026-11-26T11:27:51Z'), commit: '07d3323e' };
    const later = { committed: new Date('2026-11-27T00:00:00Z'), commit: '00000000' };
    const of = (one?: typeof since) => versionOf({ version: '0.2.0', since: one });
    expect(of(since)).toBe('0.2.0~git20261126112751.07d3323e');
    expect([older(of(since), of()), older(of(since), of(later)), older('0.1.9', of(since))]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('says to dpkg what it is and needs', () => {
    const text = control({ version: '0.1.0', architecture: 'amd64', installedKiB: 123 });
    expect(text).toMatch(/^Package: cfha\nVersion: 0\.1\.0\nArchitecture: amd64\n/);
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^([A-Z][A-Za-z-]+: \S| \S)/);
  });

  it('lists for rpm each file with its mode', () => {
    const text = spec({ version: '0.1.0', architecture: 'x86_64', files });
    expect(text).toContain(
      `%attr(0755, root, root) ${executablePath}\n%attr(0755, root, root) ${agentPath}\n%attr(0644, root, root) /usr/share/doc`,
    );
    expect(text).toContain('%global __os_install_post %{nil}');
  });
});

describe('before its removal', () => {
  const systemctl = (active: string) => `systemctl() { case "$*" in *${active}*) return 0 ;; esac; return 1; }`;
  const run = (script: string, ...args: readonly string[]) =>
    spawnSync('sh', ['-s', ...args], { input: script, encoding: 'utf8' });

  test.each([
    ['a cluster runs the agent', 'pacemaker', 'grep() { return 0; }', 1, 'ocf:custom:cfpgsql'],
    ['a cluster runs something else', 'pacemaker', 'grep() { return 1; }', 0, ''],
    ['this host is one of a pair of sites', 'cfha-global-gate', '', 1, 'pair of sites'],
    ['nothing runs', 'nothing', '', 0, ''],
  ])('%s', (_name, ...[active, grep, code, says]) => {
    const { status, stderr } = run(`${systemctl(active)}\n${grep}\n${beforeRemoval}`);
    expect([status, stderr]).toEqual([code, says === '' ? '' : expect.stringContaining(says)]);
  });

  it('an upgrade asks nothing', () => {
    expect(run(`${systemctl('pacemaker')}\ngrep() { return 0; }\n${prerm}`, 'upgrade').status).toBe(0);
    expect(run(`${systemctl('pacemaker')}\ngrep() { return 0; }\n${prerm}`, 'remove').status).toBe(1);
  });
});
