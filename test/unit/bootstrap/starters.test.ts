import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { readAnswer } from '../../../bootstrap/answer.ts';
import { readStarters, starterScript, startersOf, type Starter } from '../../../bootstrap/starters.ts';

const data = '/var/lib/postgresql/15/main';

/** What `systemctl show` prints of a unit. */
const shown = (id: string, command: string, environment = ''): string =>
  `ExecStart={ path=${command.split(' ')[0] ?? ''} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\n${environment === '' ? '' : `Environment=${environment}\n`}Id=${id}\n\n`;

function read(units: string, ...lines: readonly string[]): readonly Starter[] {
  const stdout = [`starters ${Buffer.from(units).toString('base64')}`, '', ...lines, 'end', ''].join('\n');
  return readStarters(readAnswer({ code: 0, stdout, stderr: '' }));
}
const found = (units: string, ...lines: readonly string[]) =>
  startersOf(read(units, ...lines), data).map(({ what }) => what);

test.each([
  ['a unit of somebody’s own', shown('pg-old.service', `/usr/lib/postgresql/15/bin/pg_ctl start -w -D ${data} -o "-c config_file=${data}/postgresql.conf"`)],
  ['the unit of PGDG on EL', shown('postgresql-15.service', '/usr/pgsql-15/bin/postmaster -D ${PGDATA}', `PGDATA=${data}/`)],
  ['a unit that names no data', shown('db.service', '/usr/bin/pg_ctl start')],
  ['a shell in between', shown('db.service', `/bin/sh -c "exec /usr/lib/postgresql/15/bin/postgres -D '${data}'"`)],
  ['an init script', shown('postgresql-15.service', '/etc/init.d/postgresql-15 start')],
  ['another cluster manager', shown('patroni.service', '/usr/bin/patroni /etc/patroni.yml')],
])('%s is found', (_, text) => expect(found(text)).toHaveLength(1)); // prettier-ignore

test('an instance of Debian’s template is found by its cluster’s data, and the cluster by `auto`', () => {
  const unit = shown('postgresql@15-main.service', '/usr/bin/pg_ctlcluster --skip-systemctl-redirect 15-main start');
  expect(found(unit, `cluster 15/main manual ${data}`)).toEqual(['postgresql@15-main.service']);
  expect(found(unit, 'cluster 15/main auto')).toEqual([
    'postgresql@15-main.service',
    '/etc/postgresql/15/main/start.conf',
  ]);
  expect(found(unit, 'cluster 15/main auto /srv/other')).toEqual([]);
});

test.each([
  ['a server on other data', shown('other.service', '/usr/lib/postgresql/15/bin/postgres -D /srv/other')],
  ['an exporter', shown('exporter.service', '/usr/bin/postgres_exporter --web.listen-address=:9187')],
  ['cfha’s own', shown('cfha-serve.service', '/usr/sbin/cfha serve --socket /var/run/postgresql')],
  ['a pooler', shown('pgbouncer.service', '/usr/sbin/pgbouncer /etc/pgbouncer/pgbouncer.ini')],
  ['nothing', ''],
])('%s is none', (_, text) => expect(found(text)).toEqual([]));

test('lines of cron at boot are found', () => {
  expect(found('', `reboot /etc/cron.d/db:@reboot postgres pg_ctl -D ${data} start`)).toEqual(['/etc/cron.d/db']);
  expect(found('', 'reboot /etc/cron.d/db:@reboot postgres pg_ctl -D /srv/other start')).toEqual([]);
});

test('the script runs where there is no systemd', () => {
  const { status, stdout } = spawnSync('sh', ['-s'], { input: `${starterScript}\necho end\n`, encoding: 'utf8' });
  expect(status).toBe(0);
  expect(() => readStarters(readAnswer({ code: 0, stdout, stderr: '' }))).not.toThrow();
});
