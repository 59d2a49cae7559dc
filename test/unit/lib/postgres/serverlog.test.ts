import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tablespacesIn } from '../../../../lib/postgres/serverlog.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'serverlog-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function found(text: string): readonly string[] {
  const log = join(folder, 'log');
  writeFileSync(log, text);
  return tablespacesIn(log, join(folder, 'data'));
}

test.each([
  ['English', 'FATAL:  directory "/srv/ts" does not exist\nCONTEXT:  WAL redo at 0/3000148 for Tablespace/CREATE: 16384 "/srv/ts"\n'],
  ['German', 'FATAL:  Verzeichnis »/srv/ts« existiert nicht\nZUSAMMENHANG:  WAL-Redo bei 0/3000148 für Tablespace/CREATE: 16384 "/srv/ts"\n'],
])('the directory that a tablespace is to be in is read from a log in %s', (_, text) => {
  expect(found(`LOG:  something\n${text}LOG:  database system is shut down\n`)).toEqual(['/srv/ts']);
}); // prettier-ignore

test.each([
  ['another record', 'CONTEXT:  WAL redo at 0/1 for Tablespace/DROP: 16384\n'],
  ['a place that is no path', 'CONTEXT:  WAL redo at 0/1 for Tablespace/CREATE: 16384 ""\n'],
  ['an empty log', ''],
])('none is read from %s', (_, text) => expect(found(text)).toEqual([]));

test('none is read where there is no log', () => expect(tablespacesIn('/nowhere', '/nowhere')).toEqual([]));
