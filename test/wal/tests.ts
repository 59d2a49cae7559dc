// What the archive must do with real servers.
import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { join } from 'node:path';
import { readText } from '../../lib/host/disk.ts';
import { crash } from '../rejoin/history.ts';
import { promote, sql, start, stop, type Instance } from '../rejoin/instance.ts';
import { backup, fill, isThere, must, primary, rows, segmentsIn, server, sizeIn, started, unfinishedIn, until, untilArchived, wal, type Site } from './site.ts'; // prettier-ignore

export type WalTest = {
  readonly name: string;
  readonly core: boolean;
  readonly run: (site: Site) => Promise<string[]>;
};

const unless = (holds: boolean, problem: string): string[] => (holds ? [] : [problem]);
const logOf = (one: Instance): string => readText(join(one.folder, 'log')) ?? '';

/** A standby that knows no primary: all it gets comes from the archive. */
async function fromArchive(site: Site, base: string, name = 'standby'): Promise<Instance> {
  const one = await server(site, name, { name, folder: '', data: base, rig: site.rig });
  writeFileSync(join(one.data, 'standby.signal'), '');
  return one;
}

/** As if a month had gone by since these files were archived. */
function age(site: Site, names: readonly string[], days = 30): void {
  const then = new Date(Date.now() - days * 86_400_000);
  for (const name of names) utimesSync(join(site.archive, name), then, then);
}

const standbyFromArchive: WalTest = {
  core: true,
  name: '25 segments are archived, and a standby made of the archive alone has every row',
  run: async (site) => {
    const one = await primary(site);
    const base = join(site.root, 'base');
    await backup(one, base);
    await fill(one, 25);
    await untilArchived(one);
    const standby = await fromArchive(site, base);
    await started(standby);
    await until('the standby has every row', async () => (await rows(standby)) === 25);
    const names = segmentsIn(site.archive);
    const { out, code } = await wal(site, ['status', '--json', '--data', one.data], 'root');
    const status = JSON.parse(out) as { gaps: unknown[]; files: number; backups: unknown[]; server: object };
    const promoted = await promote(standby);
    await fill(standby, 2, 26);
    await untilArchived(standby);
    const { err: refusal } = await wal(site, ['prune', '--data', one.data]);
    return [
      ...unless(names.length >= 25, `only ${names.length} segments are archived`),
      ...unless(
        names.every((name) => sizeIn(site.archive, name) === 1 << 20),
        'a segment has not its size',
      ),
      ...unless(unfinishedIn(site.archive).length === 0, 'unfinished files are left'),
      ...unless(code === 0 && status.gaps.length === 0 && status.backups.length === 1, `status: ${out}`),
      ...unless(promoted && isThere(join(site.archive, '00000002.history')), 'no history of the promotion is archived'),
      ...unless(
        segmentsIn(site.archive).some((name) => name.startsWith('00000002')),
        'nothing of timeline 2 is archived',
      ),
      ...unless(!logOf(standby).includes('cfha wal'), `the standby’s log is not quiet: ${logOf(standby)}`),
      ...unless(refusal.includes('another one has been promoted'), `the old primary prunes: ${refusal}`),
    ];
  },
};

const twoPrimaries: WalTest = {
  core: true,
  name: 'two primaries on one timeline: the first one’s file stays, the second one says what differs',
  run: async (site) => {
    const one = await primary(site);
    await untilArchived(one);
    await stop(one, 'fast');
    const two = await server(site, 'second', one);
    await started(one);
    await started(two);
    await fill(one, 1, 100);
    await untilArchived(one);
    const kept = new Map(segmentsIn(site.archive).map((name) => [name, readFileSync(join(site.archive, name))]));
    await fill(two, 1, 200);
    await until('the second one has said it', () => logOf(two).includes('is there already and differs from'));
    const lines = logOf(two).split('\n').filter((line) => line.startsWith('cfha wal archive:')); // prettier-ignore
    const { code, out } = await wal(site, ['status', '--json', '--data', two.data]);
    return [
      ...unless(
        [...kept].every(([name, was]) => was.equals(readFileSync(join(site.archive, name)))),
        'a file was overwritten',
      ),
      ...unless(
        lines.length > 0 &&
          lines.every((line) => /differs from \d+\/[0-9A-F]+ on: two servers have written it/.test(line)),
        lines.join('\n'),
      ),
      ...unless(code === 3 && out.includes('could not archive'), `status does not tell: ${code} ${out}`),
      ...unless(unfinishedIn(site.archive).length === 0, 'unfinished files are left'),
    ];
  },
};

const fullDisk: WalTest = {
  core: true,
  name: 'a full disk: a clean failure, nothing half, and all is archived when there is room',
  run: async (site) => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=5m,mode=700', 'tmpfs', site.archive]);
    chownSync(site.archive, site.rig.owner.uid, site.rig.owner.gid);
    try {
      const one = await primary(site);
      await fill(one, 8);
      await until('the log says that the disk is full', () =>
        logOf(one).includes('the file system of the archive is full (ENOSPC'),
      );
      const half = segmentsIn(site.archive).filter((name) => sizeIn(site.archive, name) !== 1 << 20);
      const left = unfinishedIn(site.archive);
      const { code, out } = await wal(site, ['status', '--json', '--data', one.data]);
      execFileSync('mount', ['-o', 'remount,size=30m', site.archive]);
      await untilArchived(one);
      return [
        ...unless(half.length === 0 && left.length === 0, `half files: ${[...half, ...left].join(' ')}`),
        ...unless(code === 3 && out.includes('make room'), `status does not tell: ${code} ${out}`),
        ...unless(segmentsIn(site.archive).length >= 8, 'not all is archived'),
      ];
    } finally {
      for (const each of site.servers) await stop(each, 'immediate');
      execFileSync('umount', ['-l', site.archive]);
    }
  },
};

const pruning: WalTest = {
  core: true,
  name: 'prune keeps what a base backup and a slot need, and what is young; a standby from the kept backup has every row',
  run: async (site) => {
    const one = await primary(site);
    await fill(one, 6);
    await backup(one, join(site.root, 'first'));
    await fill(one, 3, 7);
    await sql(one, `select pg_create_physical_replication_slot('db2', true)`);
    await fill(one, 3, 10);
    const base = join(site.root, 'base');
    await backup(one, base);
    await fill(one, 6, 13);
    await untilArchived(one);
    await sql(one, 'checkpoint');
    const all = segmentsIn(site.archive);
    age(site, [...all, ...backupsIn(site)]);
    age(site, backupsIn(site).slice(0, 1), 31);
    const dry = await must(site, ['prune', '--dry-run', '--json', '--data', one.data]);
    const untouched = segmentsIn(site.archive).length === all.length;
    const bySlot = await must(site, ['prune', '--json', '--data', one.data]);
    await sql(one, `select pg_drop_replication_slot('db2')`);
    const said = await must(site, ['prune', '--data', one.data]);
    const again = await must(site, ['prune', '--json', '--data', one.data]);
    const standby = await fromArchive(site, base);
    await started(standby);
    await until('the standby has every row', async () => (await rows(standby)) === 18);
    const ofStandby = await must(site, ['prune', '--data', standby.data]);
    return [
      ...unless(untouched && namesOf(dry).length > 0, `the dry run: ${dry}`),
      ...unless(namesOf(dry).join() === namesOf(bySlot).join(), 'the dry run has told something else'),
      ...unless(first(bySlot)?.by === 'slot', `the slot does not decide: ${bySlot}`),
      ...unless(/from 0{8}\w{8} on: base backup/.test(said), `the backup is not a reason: ${said}`),
      ...unless(backupsIn(site).length === 1 && namesOf(again).length === 0, `a second time: ${again}`),
      ...unless(ofStandby.includes('is a standby'), `a standby prunes: ${ofStandby}`),
      ...unless(
        isThere(join(site.archive, `cfha-standby.${execFileSync('hostname', { encoding: 'utf8' }).trim()}.json`)),
        'the standby left no note',
      ),
    ];
  },
};

type PruneJson = { removed: { names: string[] }; holds: { by: string }[] };
const namesOf = (json: string): string[] => (JSON.parse(json) as PruneJson).removed.names;
const first = (json: string): { by: string } | undefined => (JSON.parse(json) as PruneJson).holds[0];
const backupsIn = (site: Site): string[] =>
  execFileSync('ls', [site.archive], { encoding: 'utf8' }).split('\n').filter((name) => name.endsWith('.backup')); // prettier-ignore

const unmounted: WalTest = {
  core: false,
  name: 'an archive that is not mounted: a standby goes on, a recovery stops, and both end well when it is',
  run: async (site) => {
    const one = await primary(site);
    const base = join(site.root, 'base');
    await backup(one, base);
    await fill(one, 3);
    await untilArchived(one);
    await stop(one, 'fast');
    const [standby, recovery] = [await fromArchive(site, base), await server(site, 'recovery', { name: '', folder: '', data: base, rig: site.rig })]; // prettier-ignore
    writeFileSync(join(recovery.data, 'recovery.signal'), '');
    const away = `${site.archive}.away`;
    renameSync(site.archive, away);
    mkdirSync(site.archive);
    const recovered = await start(recovery);
    const starting = start(standby); // it has nothing consistent yet, and asks again and again
    await until('the standby asks', () => logOf(standby).includes('is it mounted?'));
    rmSync(site.archive, { recursive: true });
    renameSync(away, site.archive);
    await starting;
    await until('the standby has every row', async () => (await rows(standby)) === 3);
    await started(recovery);
    await until(
      'the recovery has ended',
      async () => (await sql<{ r: boolean }>(recovery, 'select pg_is_in_recovery() as r'))[0]?.r === false,
    );
    return [
      ...unless(!recovered, 'the recovery ended without the rest of the archive'),
      ...unless(/FATAL.*could not restore file/.test(logOf(recovery)), `no word of it: ${logOf(recovery)}`),
      ...unless((await rows(recovery)) === 3, 'rows are missing'),
    ];
  },
};

const damaged: WalTest = {
  core: false,
  name: 'a truncated segment in the archive is never replayed, by a standby or a recovery',
  run: async (site) => {
    const one = await primary(site);
    const base = join(site.root, 'base');
    await backup(one, base);
    await fill(one, 4);
    await untilArchived(one);
    await stop(one, 'fast');
    const last = segmentsIn(site.archive).at(-2) ?? '';
    const whole = join(site.root, 'whole');
    copyFileSync(join(site.archive, last), whole);
    truncateSync(join(site.archive, last), 70_000);
    const recovery = await server(site, 'recovery', { name: '', folder: '', data: base, rig: site.rig });
    writeFileSync(join(recovery.data, 'recovery.signal'), '');
    const recovered = await start(recovery);
    const asked = logOf(recovery);
    cpSync(whole, join(site.archive, last));
    execFileSync('chown', ['postgres:', join(site.archive, last)]);
    await started(recovery);
    return [
      ...unless(!recovered && asked.includes(`${last} has 70000 bytes, and not the 1048576`), `it went on: ${asked}`),
      ...unless((await rows(recovery)) === 4, 'rows are missing'),
    ];
  },
};

const killed: WalTest = {
  core: false,
  name: 'servers that crash again and again while they archive: every segment is there, whole, once',
  run: async (site) => {
    const one = await primary(site);
    const base = join(site.root, 'base');
    await backup(one, base);
    for (let round = 0; round < 5; round++) {
      await fill(one, 4, 1 + round * 4);
      await crash(one);
      await started(one);
    }
    await untilArchived(one);
    const standby = await fromArchive(site, base);
    await started(standby);
    await until('the standby has every row', async () => (await rows(standby)) === 20);
    const odd = segmentsIn(site.archive).filter((name) => sizeIn(site.archive, name) !== 1 << 20);
    return unless(odd.length === 0, `not whole: ${odd.join(' ')}`);
  },
};

const byHand: WalTest = {
  core: false,
  name: 'called by hand: root is refused, settings are read, mistakes are explained',
  run: async (site) => {
    const one = await primary(site);
    await untilArchived(one);
    const name = segmentsIn(site.archive)[0] ?? '';
    const asRoot = await wal(site, ['archive', join(site.archive, name), name], 'root');
    const missing = await wal(site, ['restore', '00000001000000000000FFFF', join(site.root, 'x')]);
    const usage = await wal(site, ['archive', 'one']);
    const none = await wal(site, ['prune', '--data', join(site.root, 'no')]);
    appendFileSync(join(site.archive, 'cfha-archive.json'), 'garbage');
    const mark = await wal(site, ['status', '--data', one.data]);
    return [
      ...unless(
        asRoot.code === 1 && asRoot.err.includes('run it as the server’s user'),
        `root: ${JSON.stringify(asRoot)}`,
      ),
      ...unless(missing.code === 1 && missing.err === '', `missing: ${JSON.stringify(missing)}`),
      ...unless(usage.code === 2, `usage: ${JSON.stringify(usage)}`),
      ...unless(none.code === 0 && none.out.includes('no server runs'), `no server: ${JSON.stringify(none)}`),
      ...unless(mark.code === 1 && mark.err.includes('is damaged'), `damaged mark: ${JSON.stringify(mark)}`),
    ];
  },
};

export const tests: readonly WalTest[] = [
  standbyFromArchive, twoPrimaries, fullDisk, pruning, unmounted, damaged, killed, byHand,
]; // prettier-ignore
