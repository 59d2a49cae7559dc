import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeAway } from '../../../global/remove.ts';
import { gateUnit } from '../../../global/rules/units.ts';

const folder = mkdtempSync(join(tmpdir(), 'cfha-remove-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What was run, in order; whether each file was still there at that moment is a part of it. */
async function takenAway(names: readonly string[]): Promise<readonly string[]> {
  const files = names.map((name) => ({ path: join(folder, name), text: '', enable: name }));
  for (const { path } of files) writeFileSync(path, '');
  const ran: string[] = [];
  const there = await takeAway([...files, { path: join(folder, 'never-there.service'), text: '', enable: 'never-there.service' }], ({ argv }) => {
    ran.push(`${argv.slice(1).join(' ')}${files.some(({ path }) => existsSync(path)) ? '' : ' (gone)'}`);
    return Promise.resolve({ code: 0, stdout: '', stderr: '' });
  }); // prettier-ignore
  expect(there).toEqual(files.map(({ path }) => path));
  return ran;
}

describe('what is taken away', () => {
  it('is disabled, stopped and gone; the gate last, when PostgreSQL requires it no more', async () => {
    const watch = 'cfha-global-watch.service';
    expect(await takenAway([gateUnit, watch])).toEqual([
      `disable --quiet ${gateUnit}`,
      `disable --quiet ${watch}`,
      `stop ${watch}`,
      'daemon-reload (gone)',
      `stop ${gateUnit} (gone)`,
    ]);
  });
  it('leaves the gate alone, and PostgreSQL with it, if that stays', async () => {
    expect((await takenAway(['cfha-global-keeper.service'])).filter((line) => line.includes('gate'))).toEqual([]);
  });
});
