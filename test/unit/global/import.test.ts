import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { importedText, readSysconfig } from '../../../global/import.ts';
import { schema } from '../../../global/spec.ts';

const file = `# reference architecture, 5.1.2
PRIMARY_HOST=db1.example.com
STANDBY_HOST="db2.example.com"
PGSQL_SQL_USER='cloudforms'
PGSQL_SSH_USER=copier   # writes to /tmp
MAX_PRIMARY_FAILCOUNT=3
WAL_ARCHIVE_WRITE=/srv/wal-archive-write
WAL_ARCHIVE_READ=/srv/wal-archive-read
`;
const found = {
  addresses: { first: '10.1.0.1', second: '10.2.0.1' },
  programs: '/usr/lib/postgresql/15/bin',
  data: '/var/lib/postgresql/15/main',
  service: 'postgresql@15-main',
  home: '/var/lib/postgresql',
};

it('becomes a file that passes the checks', () => {
  const read = readSysconfig(file);
  expect(read.problems).toEqual([]);
  const spec = schema.parse(parse(importedText(read, found)));
  expect(spec).toMatchObject({
    first: { host: 'db1.example.com', address: '10.1.0.1' },
    database: { user: 'cloudforms', passfile: '/var/lib/postgresql/.pgpass' },
    failover: { failures: 3, interval: 60 },
    archive: { write: '/srv/wal-archive-write', read: '/srv/wal-archive-read', days: 7 },
    ssh: { user: 'copier' },
  });
});

it('leaves a question where nobody knows, and the checks refuse it', () => {
  const text = importedText(readSysconfig(file), { ...found, addresses: { first: undefined, second: '10.2.0.1' } });
  expect(schema.safeParse(parse(text)).error?.issues.map(({ path }) => path.join('.'))).toEqual(['first.address']);
});

it.each([
  ['PRIMARY_HOST=$(hostname)', 'line 1 is no plain NAME=value'],
  ['PRIMARY_HOST="$OTHER"', 'line 1 is no plain NAME=value'],
  ['. /etc/other', 'line 1 is no plain NAME=value'],
  ['COLOUR=red', 'line 1: COLOUR has no meaning here'],
  ['', 'PRIMARY_HOST is missing'],
])('%s is said, and nothing is run', (line, problem) => {
  expect(readSysconfig(line).problems).toContainEqual(expect.stringContaining(problem));
});
