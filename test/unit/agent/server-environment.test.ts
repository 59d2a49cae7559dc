// What a server inherits from Pacemaker's environment, and what not.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { carriedOn, protectedArgv, serverEnvironment, serverPath } from '../../../agent/server-environment.ts';

const server = { port: 5433, home: '/var/lib/postgresql', libraries: '/usr/lib' };

describe('the environment of a server', () => {
  const given = {
    PATH: '/usr/local/bin:/usr/bin',
    TZ: 'Europe/Vienna',
    AWS_REGION: 'eu-central-1',
    LD_LIBRARY_PATH: '/opt/lib',
    PGPASSWORD: 'secret',
    PGUSER: 'monitor',
    OCF_RESKEY_monitor_password: 'secret',
    NOTIFY_SOCKET: '/run/systemd/notify',
    CFPGSQL_ASKED: '3 4711',
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
    LANG: 'de_DE.UTF-8',
    HOME: '/root',
  };

  it('is what Pacemaker has, without parameters, passwords, and what is for somebody else', () => {
    const env = serverEnvironment(given, server);
    expect(env).toMatchObject({ TZ: 'Europe/Vienna', AWS_REGION: 'eu-central-1', PGPORT: '5433', HOME: server.home });
    expect(env['LD_LIBRARY_PATH']).toBe('/opt/lib:/usr/lib');
    expect(JSON.stringify(env)).not.toMatch(/secret|monitor|notify|4711|hugetlb|de_DE|root/);
  });

  it('has the children of a protected postmaster unprotected, unless an administrator wants it otherwise', () => {
    expect(serverEnvironment({}, server)).toMatchObject({ PG_OOM_ADJUST_FILE: '/proc/self/oom_score_adj', PG_OOM_ADJUST_VALUE: '0' });
    expect(serverEnvironment({ PG_OOM_ADJUST_VALUE: '100' }, server)['PG_OOM_ADJUST_VALUE']).toBe('100');
  }); // prettier-ignore

  it('finds programs where Pacemaker does, and never in the data directory', () => {
    expect(serverPath(given)).toBe('/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin');
    expect(serverPath({})).toBe('/usr/sbin:/usr/bin:/sbin:/bin');
    expect(serverPath({ PATH: ':.:bin:/opt/bin:' })).toBe('/opt/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  });

  it('goes on to the work in the background with the parameters', () => {
    expect(carriedOn(given)).toMatchObject({ OCF_RESKEY_monitor_password: 'secret', TZ: 'Europe/Vienna' });
    expect(Object.keys(carriedOn(given))).not.toContain('CFPGSQL_ASKED');
  });
});

describe('a protected program', () => {
  it('gets its arguments as they are, and its exit code back', () => {
    const [file, ...args] = protectedArgv(['sh', '-c', 'printf %s "$1"; exit 7', 'x', `a'b "c" $(id) *`]);
    expect(spawnSync(file, args, { encoding: 'utf8' })).toMatchObject({ status: 7, stdout: `a'b "c" $(id) *`, stderr: '' });
  });
}); // prettier-ignore
