// Two PostgreSQL resources that were given one tmpdir, the default among them.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { act } from '../../differential/scenario.ts';
import { nodeFolder } from '../../differential/side.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

export const cases: readonly ServersCase[] = [
  {
    number: 13,
    kind: 6,
    setup: 'servers',
    title: 'a second resource in a tmpdir is not started, is stopped, and goes on with nobody’s rewind',
    before:
      'The second one read the lock of the first, included its settings, and went on with its rewind on its own data.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({});
      await pair.replicates();
      const tmpdir = join(nodeFolder(pair.side, 'n1'), 'tmp');
      const other = { OCF_RESOURCE_INSTANCE: 'other', OCF_RESKEY_tmpdir: tmpdir };
      await pair.must(0, act('stop', 'n2'));
      writeFileSync(join(tmpdir, 'rejoin'), '1-0_3000000\n');
      await pair.must(6, act('start', 'n2', { env: other }));
      expect(pair.printed('n2').includes('[TMPDIR_TAKEN]'), 'the start does not say why');
      expect(existsSync(join(tmpdir, 'rejoin')), 'the mark of the rewind is gone');
      expect(pair.postmaster('n2') === undefined, 'the server of n2 runs');
      await pair.must(0, act('stop', 'n2', { env: other }));
      rmSync(join(tmpdir, 'rejoin'));
      expect(readFileSync(join(tmpdir, 'cfpgsql.resource'), 'utf8') === 'cfpgsql\n', 'the mark is not the first one’s');
      // The stated way of a resource that was renamed.
      rmSync(join(nodeFolder(pair.side, 'n2'), 'tmp/cfpgsql.resource'));
      await pair.must(0, act('start', 'n2'));
      return 'The second one’s start returns 6 and names the first; its stop returns 0; no file is touched.';
    },
  },
];
