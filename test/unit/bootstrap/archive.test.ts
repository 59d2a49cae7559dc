import { describe, expect, it } from '@jest/globals';
import { archiveSettings, archiveTexts } from '../../../bootstrap/archive.ts';
import { crossChecks } from '../../../bootstrap/cross-checks.ts';
import { lookScript } from '../../../bootstrap/look.ts';
import { wantedConfiguration } from '../../../bootstrap/pacemaker/wanted.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { readFacts } from '../../../bootstrap/read-facts.ts';
import { schema } from '../../../bootstrap/spec.ts';
import { readSettings } from '../../../wal/settings.ts';
import { endsTheSame } from './killed-anywhere.ts';
import { aContext, aFile, aSpec, PretendHosts } from './pretend-hosts.ts';

const withArchive = (archive: object) => ({ postgres: { ...aFile.postgres, archive } });
const shared = aContext(aSpec(withArchive({ directory: '/srv/wal' })));
const own = { archive_command: `/usr/bin/wal-g wal-push "%p"`, restore_command: '/usr/bin/wal-g wal-fetch %f %p' };
const run = (context: typeof shared, hosts: PretendHosts) => reach(goalsOf(context), hosts.facts, hosts);

describe('a region with a WAL archive', () => {
  it('is made of bare hosts, and needs nothing when it is made again', async () => {
    const hosts = new PretendHosts(shared);
    expect(await run(shared, hosts)).toMatchObject({ ended: 'done' });
    expect(await run(shared, hosts)).toMatchObject({ ended: 'done', executed: 0 });
    expect(hosts.story).toContain('db1: mark it');
  });

  it('killed before any command and made again ends the same', async () => {
    const whole = new PretendHosts(shared);
    await run(shared, whole);
    await endsTheSame(
      whole,
      () => new PretendHosts(shared),
      (hosts) => run(shared, hosts),
    );
  });

  it('is not made if the nodes do not see the same directory, and says so', async () => {
    const hosts = new PretendHosts(shared);
    hosts.sharing = ['db1'];
    const outcome = await run(shared, hosts);
    expect(outcome).toMatchObject({ ended: 'failed', report: { goal: 'archive/ready' } });
    expect(JSON.stringify(outcome)).toContain('db2: /srv/wal is not the archive that db1 sees');
  });

  it('does not take another system’s archive', async () => {
    const hosts = new PretendHosts(shared);
    for (const host of Object.values(hosts.hosts)) host.archive = { systemId: '42', id: 'x' };
    expect(JSON.stringify(await run(shared, hosts))).toContain('the archive of another system, 42');
  });

  it('has it in the server’s settings, in those of the agent, and in wal.conf as cfha wal reads it', () => {
    const { spec, layout } = shared;
    expect(archiveSettings(spec)).toContain(`archive_command = '/usr/sbin/cfha wal archive %p %f'\n`);
    const [database] = wantedConfiguration(spec, layout).resources.filter(({ id }) => id === 'postgresql');
    expect(database?.attributes['restore_command']).toBe('/usr/sbin/cfha wal restore %f %p');
    const [conf, service, timer] = archiveTexts(spec, layout);
    expect(readSettings(conf?.content ?? '')).toMatchObject({ directory: '/srv/wal', keepDays: 3, data: layout.data });
    expect(service?.content).toMatch(/User=postgres\nExecStart=\/usr\/sbin\/cfha wal prune\n/);
    expect(timer?.content).toContain('OnCalendar=hourly');
    expect(lookScript(spec, layout)).toContain('archive=/srv/wal\n');
  });

  it('has none unless the file says so', () => {
    const { spec, layout } = aContext();
    expect([archiveSettings(spec), archiveTexts(spec, layout)]).toEqual(['', []]);
    expect(JSON.stringify(wantedConfiguration(spec, layout))).not.toContain('restore_command');
    expect(goalsOf(aContext()).some(({ id }) => id.startsWith('archive/'))).toBe(false);
  });
});

describe('an administrator’s own commands', () => {
  const context = aContext(aSpec(withArchive(own)));

  it('are used as they are, and must be there for the server’s user to run', async () => {
    expect(archiveSettings(context.spec)).toContain(`archive_command = '/usr/bin/wal-g wal-push "%p"'`);
    const hosts = new PretendHosts(context);
    expect(JSON.stringify(await run(context, hosts))).toContain(
      '/usr/bin/wal-g is not there, or not for postgres to run',
    );
    for (const host of Object.values(hosts.hosts)) host.runs = ['/usr/bin/wal-g'];
    expect(await run(context, hosts)).toMatchObject({ ended: 'done' });
    expect(goalsOf(context).map(({ id }) => id)).not.toContain('archive/timer');
  });

  it('are quoted for the server’s settings', () => {
    const odd = aSpec(withArchive({ ...own, archive_command: `/bin/sh -c 'a\\b %p'` }));
    expect(archiveSettings(odd)).toContain(`archive_command = '/bin/sh -c ''a\\\\b %p'''`);
  });

  it.each([
    ['without a place for the file', { ...own, archive_command: '/usr/bin/wal-g wal-push' }],
    ['without an absolute path', { ...own, restore_command: 'wal-g wal-fetch %f %p' }],
    ['of two lines', { ...own, restore_command: '/usr/bin/wal-g %f\n%p' }],
    ['that restores without a name', { ...own, restore_command: '/usr/bin/wal-g wal-fetch %p' }],
  ])('%s are refused', (_, archive) => {
    expect(schema.safeParse({ ...aFile, ...withArchive(archive) }).success).toBe(false);
  });
});

describe('what is wrong between the keys', () => {
  it.each([
    [{ directory: '/srv/wal' }],
    [{ directory: '/srv/wal', keep_days: 7 }],
    [{ directory: '/srv/wal', keepDays: 7 }],
    [own],
  ])('%j is right', (archive) => expect(crossChecks({ ...aFile, ...withArchive(archive) })).toEqual([]));

  it.each([
    [{}],
    [{ keep_days: 7 }],
    [{ archive_command: own.archive_command }],
    [{ directory: '/srv/wal', ...own }],
    [{ directory: '/srv/wal', keep_days: 7, keepDays: 8 }],
    [{ keep_days: 1, ...own }],
  ])('%j is not', (archive) =>
    expect(crossChecks({ ...aFile, ...withArchive(archive) })).toMatchObject([{ path: 'postgres.archive' }]),
  );

  it('the agent’s parameter beside it is not, either', () => {
    const postgres = { ...withArchive(own).postgres, parameters: { restore_command: 'cp' } };
    expect(crossChecks({ ...aFile, postgres })).toMatchObject([{ path: 'postgres.parameters.restore_command' }]);
  });
});

it('a host’s answer about its archive is read, and a damaged mark is none', async () => {
  const answer = (archive: string) => ({ code: 0, stderr: '', stdout: `data absent\narchive ${Buffer.from(archive).toString('base64')}\nruns /a\nend\n` }); // prettier-ignore
  const good = await readFacts(answer('{"systemId":"7","id":"abc"}\n'), 'postgresql');
  expect(good.host).toMatchObject({ archive: { systemId: '7', id: 'abc' }, runs: ['/a'] });
  for (const bad of ['', '{', '{"systemId":7}'])
    expect((await readFacts(answer(bad), 'postgresql')).host.archive).toBeUndefined();
});
