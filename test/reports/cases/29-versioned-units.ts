// Units that start PostgreSQL beside the cluster, under whatever name.
import { readAnswer } from '../../../bootstrap/answer.ts';
import { readStarters } from '../../../bootstrap/starters.ts';
import { judgeAll } from '../../../verify/checks.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNode, aPlatform, facts } from '../../unit/verify/pretend-nodes.ts';
import type { FunctionCase } from '../case.ts';

const data = '/var/lib/postgresql/15/main';
const units: Readonly<Record<string, string>> = {
  'postgresql-15.service': '/usr/pgsql-15/bin/postmaster -D ${PGDATA}',
  'postgresql@15-main.service': '/usr/bin/pg_ctlcluster --skip-systemctl-redirect 15-main start',
  'pg-old.service': `/usr/lib/postgresql/15/bin/pg_ctl start -w -D ${data}`,
};

/** As `systemctl show` prints it. */
const shown = Object.entries(units)
  .map(([id, command]) => `ExecStart={ path=x ; argv[]=${command} ; ignore_errors=no }\nEnvironment=PGDATA=${data}\nId=${id}\n`)
  .join('\n'); // prettier-ignore

export const cases: readonly FunctionCase[] = [
  {
    number: 29,
    kind: 8,
    setup: 'function',
    title: 'units of any name that start PostgreSQL on the data are found by their command',
    before: 'Only postgresql.service was asked for.',
    core: true,
    play: () => {
      const stdout = `starters ${Buffer.from(shown).toString('base64')}\nend\n`;
      const starters = readStarters(readAnswer({ code: 0, stdout, stderr: '' }));
      const nodes = [aNode('db1', { platform: aPlatform({ starters }) }), aNode('db2')];
      const found = judgeAll(facts({ nodes })).find(({ code }) => code === 'OTHER_STARTERS');
      const told = found?.evidence.join('; ') ?? 'no such check';
      expect(found?.verdict === 'broken', `OTHER_STARTERS is ${found?.verdict ?? 'missing'}`);
      for (const unit of Object.keys(units)) expect(told.includes(unit), `${unit} is not in: ${told}`);
      return Promise.resolve(`cfha verify reports OTHER_STARTERS: ${told}.`);
    },
  },
];
