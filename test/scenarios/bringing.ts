// A database that exists already becomes the region's: in place, from a tar, from a running server. Every row is compared.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';
import { untilHealthy, type Stage } from './stage.ts';
import { expect } from './waiting.ts';

const bin = '/usr/lib/postgresql/15/bin';
const old = '/var/lib/postgresql/15/old';
const rows = 1_000_000;
/** What the database takes at least. */
const gigabyte = 2 ** 30;

// An instance as somebody would have it: settings of his own, and users and tables that no region file knows. Its copier's
// password comes on standard input.
export const someonesServer = `
IFS= read -r copier
install -d -o postgres -g postgres -m 0700 ${old}
cd /; as() { runuser -u postgres -- "$@"; }
as ${bin}/initdb -D ${old} --encoding=UTF8 --locale=C.UTF-8 >/dev/null
printf "work_mem = '7MB'\\nport = 5440\\nlisten_addresses = '*'\\nwal_level = replica\\n" >>${old}/postgresql.conf
echo 'host replication,postgres copier 0.0.0.0/0 scram-sha-256' >>${old}/pg_hba.conf
as ${bin}/pg_ctl -D ${old} -w -l ${old}/log start >/dev/null
as psql -qX -p 5440 -v ON_ERROR_STOP=1 <<SQL
CREATE ROLE appliance LOGIN; CREATE ROLE copier LOGIN REPLICATION PASSWORD '$copier';
CREATE DATABASE vmdb_production OWNER appliance;
\\c vmdb_production
CREATE TABLE vms AS SELECT n AS id, md5(n::text) AS name, repeat(md5(n::text), 31) AS more FROM generate_series(1, ${rows}) n;
SQL`;
const stopped = `cd /; runuser -u postgres -- ${bin}/pg_ctl -D ${old} -w -m fast stop >/dev/null; rm ${old}/log`;
const question = "SELECT count(*), sum(hashtextextended(vms::text, 7)), current_setting('work_mem') FROM vms";

export const copier = randomBytes(18).toString('base64url');

type Way = Readonly<{ name: string; prepare: string; source: (stage: Stage) => string }>;

const ways: readonly Way[] = [
  { name: 'in place', prepare: `${stopped}; mv ${old} /var/lib/postgresql/15/main`, source: () => 'in_place: true' },
  {
    name: 'from a tar',
    prepare: `${stopped}; mv ${old} /var/lib/postgresql/15/data; tar -C /var/lib/postgresql/15 -czf /root/pgbackup.tar.gz data`,
    source: () => 'tar: /root/pgbackup.tar.gz',
  },
  {
    name: 'from a running server',
    prepare: 'true',
    source: (stage) => {
      writeFileSync(join(stage.region.folder, 'copier.password'), `${copier}\n`, { mode: 0o600 });
      return 'clone: { address: 10.77.0.11, port: 5440, user: copier, password: { file: copier.password } }';
    },
  },
];

type At = Readonly<{ node: string; port: number }>;

async function asked(stage: Stage, { node, port }: At, query: string): Promise<string> {
  const psql = ['psql', '-XAtq', '-p', String(port), '-d', 'vmdb_production', '-c', query];
  return (await stage.must(node, ['runuser', '-u', 'postgres', '--', ...psql])).trim();
}

function brought({ name, prepare, source }: Way): Scenario {
  return {
    name: `a database brought along ${name} is the region’s, row by row`,
    from: 'bare',
    core: false,
    ends: 'otherwise',
    play: async (stage) => {
      const [first] = stage.nodes;
      await stage.must(first, ['sh', '-euc', someonesServer], { input: `${copier}\n` });
      const theirs = { node: first, port: 5440 };
      const before = await asked(stage, theirs, question);
      const bytes = Number(await asked(stage, theirs, 'SELECT pg_database_size(current_database())'));
      expect(bytes >= gigabyte, `the database has only ${bytes} bytes`);
      await stage.must(first, ['sh', '-euc', prepare]);
      const path = join(stage.region.folder, 'bring.yaml');
      writeFileSync(path, stage.region.text.replace('postgres:\n', `postgres:\n  source: { ${source(stage)} }\n`));
      const made = await stage.on('admin', [stage.cfha, 'bootstrap', path]);
      expect(made.code === 0, `exit code ${String(made.code)}\n${made.stdout}${made.stderr}`);
      await untilHealthy(stage, 30);
      for (const node of stage.nodes) {
        const after = await asked(stage, { node, port: 5432 }, question);
        expect(after === before, `${node}: ${after}, and it was ${before}`);
      }
      stage.say(
        `${(bytes / gigabyte).toFixed(2)} GB: ${before} (rows, sum of their hashes, their work_mem), the same on both nodes`,
      );
      const again = await stage.on('admin', [stage.cfha, 'bootstrap', path, '--check']);
      expect(again.code === 0, `--check: exit code ${String(again.code)}\n${again.stdout}${again.stderr}`);
    },
  };
}

export const bringing: readonly Scenario[] = ways.map(brought);
