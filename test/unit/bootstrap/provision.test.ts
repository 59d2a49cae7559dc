import { describe, expect, it } from '@jest/globals';
import { crossChecks } from '../../../bootstrap/cross-checks.ts';
import type { HostFacts } from '../../../bootstrap/facts.ts';
import { lookScript } from '../../../bootstrap/look.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { regionFindings } from '../../../bootstrap/preflight.ts';
import { archiveMount } from '../../../bootstrap/mounts.ts';
import { routeTexts, storageOf, storageScript } from '../../../bootstrap/provision.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { readFacts } from '../../../bootstrap/read-facts.ts';
import { settingsText } from '../../../bootstrap/server-files.ts';
import { spawnExec } from '../../../lib/host/spawn.ts';
import { endsTheSame } from './killed-anywhere.ts';
import { aContext, aFile, aSpec, PretendHosts } from './pretend-hosts.ts';

const route = { to: '10.19.8.0/21', via: '10.18.11.1', device: 'eth1' };
const mount = { from: 'filer:/vol/wal' };
const everything = {
  nodes: aFile.nodes.map((node) => ({ ...node, routes: [route] })),
  storage: { device: '/dev/sdb', lvm: { group: 'vg_data', volume: 'pgsql' } },
  postgres: { ...aFile.postgres, archive: { directory: '/srv/wal', mount }, log: { rotate: 'logrotate', keep: 30 } },
};
const spec = aSpec(everything);
const context = aContext(spec);
const run = (hosts: PretendHosts) => reach(goalsOf(context), hosts.facts, hosts);

function bare(): PretendHosts {
  const hosts = new PretendHosts(context);
  for (const host of Object.values(hosts.hosts)) host.storage = { state: 'blank' };
  return hosts;
}

async function made(): Promise<PretendHosts> {
  const hosts = bare();
  expect(await run(hosts)).toMatchObject({ ended: 'done' });
  hosts.story.length = 0;
  return hosts;
}

describe('a region whose nodes are prepared', () => {
  it('is made, killed anywhere, to the same end; a second run executes nothing', async () => {
    const whole = bare();
    expect(await run(whole)).toMatchObject({ ended: 'done' });
    expect(await run(whole)).toMatchObject({ ended: 'done', executed: 0 });
    await endsTheSame(whole, bare, run);
  });

  it('has its storage before there is anything in it', async () => {
    const hosts = bare();
    await run(hosts);
    const at = (text: string) => hosts.story.findIndex((line) => line.includes(text));
    expect(at('at /var/lib/postgresql, at every boot')).toBeGreaterThan(at('make ext4 on /dev/vg_data/pgsql on /dev/sdb'));
    expect(at('replication.pgpass')).toBeGreaterThan(at('give /var/lib/postgresql to postgres'));
    expect(at('mount filer:/vol/wal')).toBeGreaterThan(at('put the routes into force'));
  }); // prettier-ignore

  it.each<[string, (hosts: PretendHosts) => void, string[]]>([
    ['a route that is gone', (h) => void (h.host('db2').routes = []), ['db2: let systemd read its unit', 'db2: enable the routes', 'db2: put the routes into force']],
    ['an archive that is not mounted', (h) => void (h.host('db1').folders = { ...h.host('db1').folders, '/srv/wal': { fstab: mount.from, owner: 'root', mode: '0755' } }), ['db1: mount filer:/vol/wal at /srv/wal, at every boot', 'db1: give /srv/wal to postgres']],
    ['an archive that others may read', (h) => void (h.host('db1').folders = { ...h.host('db1').folders, '/srv/wal': { from: mount.from, fstab: mount.from, owner: 'postgres', mode: '0755' } }), ['db1: mount filer:/vol/wal at /srv/wal, at every boot', 'db1: give /srv/wal to postgres']],
    ['an edited logrotate file', (h) => h.change('db1', '/etc/logrotate.d/cfha-postgresql'), ['db1: write /etc/logrotate.d/cfha-postgresql, how the server’s log is rotated']],
  ])('gets %s back, and nothing else', async (_, drift, expected) => {
    const hosts = await made();
    drift(hosts);
    expect(await run(hosts)).toMatchObject({ ended: 'done' });
    expect(hosts.story).toEqual(expected);
  }); // prettier-ignore

  it('is left alone in all of it unless the file asks for it', () => {
    const ids = goalsOf(aContext()).map(({ id }) => id);
    expect(ids.filter((id) => /storage|routes|mounted|logrotate/.test(id))).toEqual([]);
  });
});

describe('before anything is changed', () => {
  const found = (changes: Partial<HostFacts>) => {
    const hosts = bare();
    Object.assign(hosts.host('db2'), changes);
    return regionFindings(context, { facts: hosts.facts, probes: {}, ports: {} }).map(({ code }) => code);
  };
  it.each<[string, Partial<HostFacts>, string[]]>([
    ['a blank device', {}, []],
    ['no device', { storage: { state: 'absent' } }, ['STORAGE_ABSENT']],
    ['a device with somebody’s data', { storage: { state: 'foreign', is: 'disk xfs old' } }, ['STORAGE_NOT_BLANK']],
    ['a device of this region’s node, not yet mounted', { storage: { state: 'made', mounted: false } }, []],
    ['data that are elsewhere', { data: { state: 'ours', region: 'dc1', version: 15, systemId: '7001' } }, ['DATA_MISSING', 'STORAGE_LATE']],
    ['another mount at the archive', { folders: { '/srv/wal': { from: 'other:/vol', owner: 'root', mode: '0755' } } }, ['MOUNT_TAKEN']],
    ['another line in fstab', { folders: { '/srv/wal': { fstab: 'other:/vol', owner: 'root', mode: '0755' } } }, ['MOUNT_TAKEN']],
    ['the mount that is wanted', { folders: { '/srv/wal': { from: mount.from, fstab: mount.from, owner: 'root', mode: '0755' } } }, []],
  ])('%s is told', (_, changes, expected) => expect(found(changes)).toEqual(expected)); // prettier-ignore
});

describe('what is prepared', () => {
  it('has mount options that let neither a boot nor a stop hang on a filer', () => {
    expect(archiveMount(spec)).toMatchObject({ type: 'nfs', options: 'nofail,_netdev,soft,timeo=100,retrans=3' });
    const local = aSpec({ postgres: { ...aFile.postgres, archive: { directory: '/srv/wal', mount: { from: '/dev/sdc1', type: 'ext4', options: 'noatime' } } } }); // prettier-ignore
    expect(archiveMount(local)).toMatchObject({ type: 'ext4', options: 'noatime' });
  });

  it('has a UUID for each region’s node, by which its file system is known again', () => {
    const uuid = (name: string, region = 'dc1') => storageOf({ ...spec, region }, context.layout, name)?.uuid;
    expect(uuid('db1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set([uuid('db1'), uuid('db2'), uuid('db1', 'dc2')]).size).toBe(3);
    expect(uuid('db1')).toBe(uuid('db1'));
  });

  it('has routes of each node by itself', () => {
    const [script, unit] = routeTexts({ name: 'db1', address: '10.77.0.11', routes: [route, { to: '10.0.0.0/8', via: '10.18.11.2' }] });
    expect(script?.content).toContain('ip route replace 10.19.8.0/21 via 10.18.11.1 dev eth1\nip route replace 10.0.0.0/8 via 10.18.11.2\n');
    expect(unit?.content).toContain('Before=remote-fs-pre.target');
  }); // prettier-ignore

  it('has one log file for logrotate, and the server told to begin a new one', () => {
    expect(settingsText(spec)).toContain("log_filename = 'postgresql.log'");
    const [file] = context.logFiles;
    expect(file?.content).toMatch(/rotate 30\n[^]*pg_ctl logrotate -s -D \/var\/lib\/postgresql\/15\/main/);
    expect(file?.content).not.toContain('copytruncate');
  });

  it.each([
    ['a mount without a directory', { mount, archive_command: '/bin/a %p', restore_command: '/bin/a %f %p' }, 1],
    ['a mount alone', { mount }, 1],
    ['a mount with its directory', { directory: '/srv/wal', mount, keep_days: 7 }, 0],
  ])('from %s is checked', (_, archive, problems) => {
    expect(crossChecks({ ...aFile, postgres: { ...aFile.postgres, archive } })).toHaveLength(problems);
  });
});

describe('the scripts', () => {
  const sh = (input: string) => spawnExec()({ argv: ['sh', '-s'], input });
  it('refuse a device that is none, and change nothing', async () => {
    const storage = storageOf(aSpec({ storage: { device: '/dev/no-such-device' } }), context.layout, 'db1');
    if (storage === undefined) throw new Error('no storage');
    const result = await sh(storageScript(storage));
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('/dev/no-such-device is not blank: nothing was done') as unknown }); // prettier-ignore
  });

  it('look, on this host, whatever is missing here', async () => {
    const odd = { ...everything, storage: { device: '/dev/no-such-device' } };
    const result = await sh(lookScript(aSpec(odd), { ...context.layout, data: '/no/such/data' }, { name: 'db1' }));
    const { host } = await readFacts(result, 'postgresql');
    expect(host.storage).toEqual({ state: 'absent', mounted: false, is: '' });
    expect(host.folders?.['/srv/wal']).toBeDefined();
  });

  it('are read as they print', async () => {
    const lines = ['data absent', 'mount /srv/wal filer:/vol/wal', 'fstab /srv/wal ', 'folder /srv/wal postgres 0700', 'storage made 1-2', 'route 10.19.8.0/21 10.18.11.1 eth1', 'end', '']; // prettier-ignore
    const { host } = await readFacts({ code: 0, stderr: '', stdout: lines.join('\n') }, 'postgresql');
    expect(host).toMatchObject({
      folders: { '/srv/wal': { from: 'filer:/vol/wal', owner: 'postgres', mode: '0700' } },
      storage: { state: 'made', mounted: true },
      routes: [{ to: '10.19.8.0/21', via: '10.18.11.1' }],
    });
    expect(host.folders?.['/srv/wal']).not.toHaveProperty('fstab');
  });
});
