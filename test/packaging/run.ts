// The packages, made and used: on nodes without a cluster, on a region, and as RPM tools see them.
//   scripts/with-node test/packaging/run.ts [--name NAME] [--keep]
import { execFileSync, spawnSync, type ExecFileSyncOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launcherText } from '../../meta/launcher.ts';
import { shell } from '../endings/words.ts';
import { onTestbed } from '../scenarios/on-testbed.ts';
import { concluded } from '../scenarios/scenario.ts';
import { begin, untilHealthy, type Stage } from '../scenarios/stage.ts';
import { expect } from '../scenarios/waiting.ts';
import { addressOf } from '../testbed/layout.ts';

const { values } = parseArgs({
  options: { name: { type: 'string', default: 'packages' }, keep: { type: 'boolean', default: false } },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const root = join(import.meta.dirname, '../..');

type Packages = Readonly<{ deb: string; rpm: string }>;

function make(): Packages {
  const made = execFileSync(join(root, 'scripts/package'), { encoding: 'utf8' }).trim().split('\n');
  const ending = (with_: string): string => made.find((path) => path.endsWith(with_)) ?? '';
  return { deb: ending('.deb'), rpm: ending('.rpm') };
}

/** Debian's rpm warns on standard error that it is not Debian's way. */
const quiet: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'pipe'] };

const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** A Debian package on a node, by ssh as an administrator has it. */
async function copyTo(stage: Stage, node: string, deb: string): Promise<void> {
  await stage.must('admin', ['sh', '-euc', 'ssh -o BatchMode=yes "root@$1" "cat >/root/cfha.deb" <"$2"', 'sh', addressOf(node), deb]); // prettier-ignore
}

type Case = readonly [name: string, play: (stage: Stage, made: Packages) => Promise<void> | void];

const cases: readonly Case[] = [
  [
    'the same executable gives the same packages',
    (_stage, made) => {
      const before = [hash(made.deb), hash(made.rpm)];
      const again = make();
      expect([hash(again.deb), hash(again.rpm)].join() === before.join(), 'they differ');
    },
  ],
  [
    'a bare server gets the agent and cfha from the Debian package, and loses all of it again',
    async (stage, { deb }) => {
      await begin(stage, 'bare');
      const [node] = stage.nodes;
      await copyTo(stage, node, deb);
      await shell(stage, node, 'dpkg -i /root/cfha.deb && dpkg --verify cfha');
      await shell(stage, node, 'cfha --version && OCF_ROOT=/usr/lib/ocf /usr/lib/ocf/resource.d/custom/cfpgsql meta-data | grep -q "</resource-agent>" && dpkg -L cfha | grep -q docs/operations.md'); // prettier-ignore
      await shell(stage, node, 'dpkg --purge cfha; ! ls -d /usr/sbin/cfha /usr/lib/ocf/resource.d/custom/cfpgsql /usr/share/doc/cfha 2>/dev/null'); // prettier-ignore
    },
  ],
  [
    'a region takes it as its own, and keeps it as long as its cluster runs the agent',
    async (stage, { deb }) => {
      await begin(stage, 'bootstrapped');
      for (const node of stage.nodes) {
        await copyTo(stage, node, deb);
        await shell(stage, node, 'dpkg -i /root/cfha.deb');
      }
      const checked = await stage.on('admin', [stage.cfha, 'bootstrap', stage.region.path, '--check']);
      expect(checked.code === 0, `drift: exit code ${checked.code}\n${checked.stdout}`);
      const [node] = stage.nodes;
      const refused = await stage.on(node, ['dpkg', '--remove', 'cfha']);
      expect(refused.code !== 0 && refused.stderr.includes('runs ocf:custom:cfpgsql'), `it went: ${refused.stdout}${refused.stderr}`); // prettier-ignore
      await shell(stage, node, 'test -x /usr/sbin/cfha && dpkg -i /root/cfha.deb'); // an upgrade is none
      await untilHealthy(stage, 60);
      await shell(stage, node, `pcs cluster stop ${node} && dpkg --remove cfha && ! test -e /usr/sbin/cfha`);
    },
  ],
  [
    'the RPM holds the same, and removes itself as carefully',
    (_stage, { rpm }) => {
      const folder = mkdtempSync(join(tmpdir(), 'cfha-rpm-'));
      try {
        execFileSync('rpm', ['--root', folder, '--initdb'], quiet);
        execFileSync('rpm', ['--root', folder, '--nodeps', '--noscripts', '-i', rpm], quiet);
        const verified = spawnSync('rpm', ['--root', folder, '-V', '--nodeps', 'cfha'], { encoding: 'utf8' });
        expect(verified.status === 0, `rpm -V: ${verified.stdout}`);
        expect(hash(join(folder, 'usr/sbin/cfha')) === hash(join(root, 'dist/cfha')), 'the executable was changed');
        expect(
          readFileSync(join(folder, 'usr/lib/ocf/resource.d/custom/cfpgsql'), 'utf8') ===
            launcherText('/usr/sbin/cfha'),
          'no agent',
        );
        const scripts = execFileSync('rpm', ['-qp', '--scripts', rpm], { encoding: 'utf8' });
        expect(scripts.startsWith('preuninstall') && scripts.includes('runs ocf:custom:cfpgsql'), scripts);
        execFileSync('rpm', ['--root', folder, '--noscripts', '-e', 'cfha'], quiet);
        const left = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /cfha|cfpgsql|custom/.test(path)); // prettier-ignore
        expect(left.length === 0, `left is ${left.join(', ')}`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  ],
];

async function main(stage: Stage, made: Packages): Promise<number> {
  const counts = { passed: 0, failed: 0 };
  for (const [name, play] of cases) {
    const wrong = await Promise.resolve()
      .then(() => play(stage, made))
      .then(() => undefined, String);
    counts[wrong === undefined ? 'passed' : 'failed']++;
    say(wrong === undefined ? `ok   ${name}` : `FAIL ${name}\n${wrong}`);
  }
  return concluded(counts);
}

// Before the stage takes the executable: the region must have the one that is in the packages.
const made = make();
await onTestbed({ ...values, say }, (stage) => main(stage, made));
