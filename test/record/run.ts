// Records what the real pcs of a Debian release makes of our commands:  scripts/with-node test/record/run.ts SUITE…
// In a copy of the testbed's root filesystem, without a cluster: a region is built in a file, spoiled, and repaired.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences, mendCommands } from '../../bootstrap/pacemaker/differences.ts';
import { wantedConfiguration } from '../../bootstrap/pacemaker/wanted.ts';
import { layoutOf } from '../../bootstrap/layout.ts';
import { schema } from '../../bootstrap/spec.ts';
import { readSurvey, surveyScript } from '../../bootstrap/survey.ts';
import { readConfiguration } from '../../lib/pacemaker/configuration.ts';
import { dialectOf } from '../../lib/pacemaker/dialect.ts';
import { onFile } from '../../lib/pacemaker/pcs.ts';
import { must, run } from '../testbed/processes.ts';
import { asSuite, ensureRootfs, type Suite } from '../testbed/rootfs.ts';
import { recordedRegion, spoiled } from './region.ts';

const file = '/run/changed.xml';
const here = import.meta.dirname;

type Root = { readonly dir: string; readonly close: () => Promise<void> };

/** A root that may be written to, over the shared one. */
async function openRoot(suite: Suite): Promise<Root> {
  const lower = await ensureRootfs(suite, console.log);
  const work = mkdtempSync(join(tmpdir(), 'cfha-record-'));
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(work, name));
  const dir = join(work, 'root');
  const layers = `lowerdir=${lower},upperdir=${join(work, 'upper')},workdir=${join(work, 'work')}`;
  await must('mount', ['-t', 'tmpfs', 'none', work]);
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(work, name));
  await must('mount', ['-t', 'overlay', 'overlay', '-o', layers, dir]);
  await must('mount', ['-t', 'proc', 'proc', join(dir, 'proc')]);
  await must('mount', ['--bind', '/dev', join(dir, 'dev')]);
  copyFileSync(join(here, '../../dist/cfha'), join(dir, 'usr/sbin/cfha'));
  mkdirSync(join(dir, 'usr/lib/ocf/resource.d/custom'), { recursive: true });
  symlinkSync('/usr/sbin/cfha', join(dir, 'usr/lib/ocf/resource.d/custom/cfpgsql'));
  return {
    dir,
    close: async () => {
      for (const place of ['dev', 'proc', '']) await run({ file: 'umount', args: [join(dir, place)] });
      await run({ file: 'umount', args: [work] });
      rmSync(work, { recursive: true });
    },
  };
}

async function record(suite: Suite): Promise<void> {
  const root = await openRoot(suite);
  try {
    const chroot = (argv: readonly string[]) => run({ file: 'chroot', args: [root.dir, ...argv] });
    const asked = await run({ file: 'chroot', args: [root.dir, 'sh', '-c', surveyScript([])] });
    const survey = readSurvey({ ...asked, code: asked.code });
    const spec = schema.parse(recordedRegion);
    const wanted = wantedConfiguration(
      spec,
      layoutOf(spec, { ...survey, servers: { 15: '/usr/lib/postgresql/15/bin' } }, 15),
    );
    const editor = onFile(file, dialectOf(survey.versions));
    const commands: string[] = [];
    const mend = async (): Promise<string> => {
      const found = await readConfiguration(readFileSync(join(root.dir, file), 'utf8'));
      for (const argv of mendCommands(differences(wanted, found), editor)) {
        const { code, stdout, stderr } = await chroot(argv);
        commands.push(argv.join(' '));
        if (code !== 0) throw new Error(`${suite}: ${argv.join(' ')}: exit code ${String(code)}\n${stdout}${stderr}`);
      }
      const xml = readFileSync(join(root.dir, file), 'utf8');
      const left = differences(wanted, await readConfiguration(xml)).flatMap(({ says }) => says);
      if (left.length > 0) throw new Error(`${suite}: not mended: ${left.join('; ')}\n${xml}`);
      return xml;
    };
    const empty = await chroot(['cibadmin', '--empty']);
    writeFileSync(join(root.dir, file), empty.stdout);
    const built = await mend();
    const n = commands.length;
    writeFileSync(join(root.dir, file), spoiled(built));
    await mend();
    const out = join(here, '../recordings/pcs', survey.versions['pcs'] ?? suite);
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'versions.json'), `${JSON.stringify({ system: survey.system, ...survey.versions })}\n`);
    writeFileSync(join(out, 'region.xml'), built);
    writeFileSync(join(out, 'build.txt'), commands.slice(0, n).join('\n') + '\n');
    writeFileSync(join(out, 'repair.txt'), commands.slice(n).join('\n') + '\n');
    console.log(
      `${suite}: pcs ${survey.versions['pcs'] ?? '?'}, Pacemaker ${survey.versions['pacemaker'] ?? '?'}: ${commands.length} commands recorded`,
    );
  } finally {
    await root.close();
  }
}

for (const suite of process.argv.slice(2)) await record(asSuite(suite));
