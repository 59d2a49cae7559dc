import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { readConfig } from '../../../global/site.ts';
import { aGlobalFile } from './pretend-sites.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cfha-global-'));
  writeFileSync(join(folder, 'global.yaml'), stringify(aGlobalFile));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file whose secret cannot be read', () => {
  const read = (asksWitnesses: boolean) => readConfig(join(folder, 'global.yaml'), { asksWitnesses });

  it('is refused for who asks the witnesses', () => {
    expect(read(true)).toMatchObject({ problems: [{ path: 'witnesses.secret.file' }] });
  });

  it('is enough for who only keeps WAL files: that is PostgreSQL’s user, and the secret is root’s', () => {
    expect(read(false)).toMatchObject({ secret: undefined, spec: { witnesses: { port: 5480 } } });
  });
});
