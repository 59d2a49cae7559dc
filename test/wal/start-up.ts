// What one call of archive costs: it is made for every segment.
import { spawnSync } from 'node:child_process';
import { chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { cfha, fill, primary, segmentsIn, untilArchived } from './site.ts';
import type { WalTest } from './tests.ts';

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;

export const startUp: WalTest = {
  core: true,
  name: 'a call that archives a segment costs little more than a start of Node, and less than a start of cfha',
  run: async (site) => {
    const one = await primary(site);
    await fill(one, 1);
    await untilArchived(one);
    const name = segmentsIn(site.archive)[0] ?? '';
    const copy = join(site.root, name);
    copyFileSync(join(site.archive, name), copy);
    chownSync(copy, site.rig.owner.uid, site.rig.owner.gid);
    const timed = (program: string, args: readonly string[]): number => {
      const began = performance.now();
      const { status, stderr } = spawnSync(program, args, { cwd: '/', encoding: 'utf8', ...site.rig.owner });
      if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
      return performance.now() - began;
    };
    const taken = { archive: [] as number[], node: [] as number[], cfha: [] as number[] };
    for (let n = 0; n < 15; n++) {
      taken.archive.push(timed(cfha(), ['wal', 'archive', copy, name, '--directory', site.archive]));
      taken.node.push(timed(process.execPath, ['-e', '0']));
      taken.cfha.push(timed(cfha(), ['--version']));
    }
    const [archive, node, whole] = [median(taken.archive), median(taken.node), median(taken.cfha)];
    console.log(
      `       archive ${archive.toFixed(0)} ms, bare Node ${node.toFixed(0)} ms, cfha --version ${whole.toFixed(0)} ms`,
    );
    return archive < whole * 0.75 && archive < node * 2 + 20 ? [] : ['it takes too long'];
  },
};
