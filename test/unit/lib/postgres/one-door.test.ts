// The next psql without our settings is found here; the next connection without them by eslint.config.js.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../../../..');

/** Their settings come from elsewhere, or nothing depends on any: which, and why. */
const known: Readonly<Record<string, string>> = {
  'lib/postgres/walsender.ts': 'its service has them (asking.ts)',
  'lib/postgres/basebackup.ts': 'its service has them (asking.ts)',
  'lib/postgres/promotion-checkpoint.ts': 'its service has them (asking.ts)',
  'bootstrap/goals/server.ts': 'asOwner() has them',
  'bootstrap/goals/origin.ts': 'asOwner() has them',
  'bootstrap/probe.ts': 'a replication command of another region’s server, as a role that may not choose a language',
};

const folders = ['agent', 'bootstrap', 'cli', 'global', 'health', 'lib', 'meta', 'verify', 'wal'];

it('every psql has our settings', () => {
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }));
  const calls = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, n, lines) =>
        line.includes('-XAt') ? [{ file, line: [...lines.slice(Math.max(0, n - 4), n), line].join('\n') }] : [],
      ),
  );
  expect(calls.length).toBeGreaterThan(8);
  const without = calls.filter(
    ({ file, line }) => known[file] === undefined && !/ownerVariable\(|"\$options"|PGCONNECT_TIMEOUT/.test(line),
  );
  expect(without).toEqual([]);
  expect(Object.keys(known).filter((file) => !calls.some((call) => call.file === file))).toEqual([]);
});
