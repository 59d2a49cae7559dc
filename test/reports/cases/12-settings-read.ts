// The agent reads the files of a server as the server itself does: beside pg_file_settings, the last line of each name.
import { readdirSync } from 'node:fs';
import { readBounded } from '../../../lib/host/bounded.ts';
import { readConfigFiles } from '../../../lib/postgres/config-files.ts';
import { configure, file } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

const lines = [
  "include_dir 'conf.d'",
  "include_if_exists = 'not there.conf'",
  "include 'sub/more.conf' # a comment",
  "Application_Name = 'it''s \\'quoted\\' \\\\ and \\164ab\\tbed'",
  'my.own=unquoted-1.5:/x',
  "search_path'a, b'",
  "archive_cleanup_command 'x'#y",
  '  work_mem\t=\t5MB   ',
  'recovery_min_apply_delay = 0',
];

type Row = { readonly name: string; readonly setting: string; readonly file: string; readonly line: number };

export const cases: readonly ServersCase[] = [
  {
    number: 12,
    kind: 2,
    setup: 'servers',
    title: 'the files of a server with all that their language has are read as the server reads them',
    before: 'Nothing read what comes after the agent’s own line.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({});
      await pair.replicates();
      for (const line of lines) await pair.must(0, configure('n1', line));
      await pair.must(
        0,
        file('n1', 'data/conf.d/10.conf', "work_mem = 1MB\nmy.own = 'first'\n"),
        file('n1', 'data/conf.d/9.conf', 'work_mem = 2MB\nmy.nine = 0x1F\n'),
        file('n1', 'data/conf.d/.hidden.conf', 'my.hidden = 1\n'),
        file('n1', 'data/conf.d/other', 'my.other = 1\n'),
        file('n1', 'data/sub/more.conf', "include 'deeper/last.conf'\r\nmy.more = on\r\n"),
        file('n1', 'data/sub/deeper/last.conf', "my.last = ''\nrestore_command = 'cp /a/%f \"%p\"'"),
        file('n1', 'data/postgresql.auto.conf', "# by alter system\nmy.auto = 'a=b # no comment'\nwork_mem = '7MB'\n"),
      );
      const rows = await pair.ask<Row>(
        'n1',
        'select distinct on (lower(name)) lower(name) as name, setting, sourcefile as file, sourceline as line from pg_file_settings order by lower(name), seqno desc',
      );
      const data = pair.data('n1');
      const disk = { read: (path: string) => readBounded(path, 1 << 20), list: (path: string) => readdirSync(path) };
      const found = readConfigFiles(`${data}/postgresql.conf`, data, disk);
      const ours = Object.entries(found).map(([name, { value, ...where }]) => ({ name, setting: value, ...where }));
      const sorted = (all: readonly Row[]) =>
        all.map(({ name, setting, file: path, line }) => `${name} = ${JSON.stringify(setting)} ${path}:${line}`).toSorted();
      const [wanted, read] = [sorted(rows), sorted(ours as readonly Row[])];
      const differ = [...wanted.filter((one) => !read.includes(one)), ...read.filter((one) => !wanted.includes(one))];
      expect(wanted.length > 25 && differ.length === 0, differ.join('\n'));
      return `${wanted.length} settings have the same value, file and line as in pg_file_settings.`;
    },
  },
]; // prettier-ignore
