// `cfha global install`: what starts with this host, and the reference's names for the jobs. Run again, it changes what differs.
import { appendFileSync, chownSync, existsSync, lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { exists, isPrivate, makeDirectory, readText, writeWhole } from '../lib/host/disk.ts';
import type { Exec } from '../lib/host/exec.ts';
import { isOwnAddress } from '../lib/host/addresses-here.ts';
import { must } from './act.ts';
import { makeMemory } from './keeper.ts';
import { letIn } from './other-firewall.ts';
import { keeperFile, logFolder, scriptOf, scripts, stateFolder } from './places.ts';
import { takeAway } from './remove.ts';
import { leaseMsOf } from './rules/votes.ts';
import { obsoleteFiles, unitFiles, type Host, type UnitFile } from './rules/units.ts';
import { serverUser, type Found } from './site.ts';

export type Installing = Found & {
  readonly cfha: string;
  readonly cron: boolean;
  readonly exec: Exec;
  readonly out: (text: string) => void;
};

const root = { uid: 0, gid: 0 };

/** What this host is to the pair; undefined: nothing. */
export function hostHere({ spec, site }: Found): Host | undefined {
  return site ?? (spec.witnesses?.hosts.some(isOwnAddress) === true ? 'witness' : undefined);
}

export async function install(installing: Installing): Promise<0 | 2> {
  const { out } = installing;
  const host = hostHere(installing);
  const problems = await problemsOf(installing, host);
  if (host === undefined || problems.length > 0) {
    out(problems.map((problem) => `${problem}\n`).join(''));
    return 2;
  }
  warn(installing, host);
  const changed = await place(installing, host);
  if (host === 'first') await sayWhatStartsAtBoot(installing);
  out(changed.length === 0 ? 'Nothing was to do.\n' : changed.map(({ path }) => `${path}\n`).join(''));
  return host === 'witness' ? 0 : otherFirewall(installing);
}

function warn({ spec, cron, out }: Installing, host: Host): void {
  if (spec.witnesses === undefined) out(`${withoutWitnesses}\n`);
  if (cron && host === 'first') out(`${watchedHere}\n`);
}

async function otherFirewall({ spec, exec, out }: Installing): Promise<0 | 2> {
  const said = await letIn(spec, exec);
  if (said !== undefined) out(`${said[1]}\n`);
  return said?.[0] === 'WARNING' ? 2 : 0;
}

async function problemsOf(installing: Installing, host: Host | undefined): Promise<readonly string[]> {
  if (host === undefined) return [notOurs(installing)];
  const byCron = installing.cron && installing.spec.witnesses !== undefined;
  const seconds = 'cron cannot keep a right that ends after seconds: with witnesses there is no --cron';
  return [...(host === 'witness' ? [] : await obstacles(installing)), ...(byCron ? [seconds] : [])];
}

/** What has changed. */
async function place(installing: Installing, host: Host): Promise<readonly UnitFile[]> {
  const { spec, cfha, cron, exec } = installing;
  const guarded = spec.witnesses !== undefined;
  makeDirectory(stateFolder, { ...root, mode: 0o755 });
  if (guarded) rememberAsKeeper(installing, host);
  const wanted = { host, cfha, service: spec.postgres.service, guarded, cron };
  const files = unitFiles(wanted);
  const changed = files.filter(({ path, text }) => readText(path) !== text);
  await takeAway(obsoleteFiles(wanted), exec);
  for (const { path, text } of changed) writeWhole(path, text, { ...root, mode: 0o644 });
  if (host !== 'witness') linkScripts(cfha);
  if (host === 'first') await makeArchiveLog(installing);
  await enable(files, exec);
  return changed;
}

const withoutWitnesses = `WITHOUT WITNESSES, two primaries are possible: when the sites are cut from each other, the second is promoted while the
first goes on, and what is written to one of them has to be given up by hand. With "witnesses" in global.yaml that cannot be.`;

const watchedHere = '--cron is for the second site. This one has the watch all the same: nothing else opens its gate.';

/** check-start decides there. Debian's clusters have a file that starts them, whatever systemd has enabled. */
async function sayWhatStartsAtBoot({ spec: { postgres }, exec, out }: Installing): Promise<void> {
  const { service } = postgres;
  const { stdout } = await exec({ argv: ['systemctl', 'is-enabled', `${service}.service`], timeoutMs: 20_000 });
  if (!stdout.startsWith('enabled')) return;
  out(`${service} starts by itself at boot, and here it is check-start that decides: systemctl disable ${service}\n`);
  const [, version, cluster] = /^postgresql@(\d+)-(.+)$/.exec(service) ?? [];
  const startConf = `/etc/postgresql/${version ?? ''}/${cluster ?? ''}/start.conf`;
  if (exists(startConf)) out(`  and: echo manual > ${startConf}\n`);
}

/** PostgreSQL's user writes it, and may not make a file there. */
async function makeArchiveLog({ spec, exec }: Installing): Promise<void> {
  const { uid, gid } = await serverUser(spec, exec);
  const log = `${logFolder}/${scriptOf('archive-wal')}.log`;
  appendFileSync(log, '', { mode: 0o640 });
  chownSync(log, uid, gid);
}

function notOurs({ spec }: Found): string {
  return `this host is none of the pair: neither ${spec.first.host}, nor ${spec.second.host}, nor one of the witnesses, by its addresses`;
}

async function obstacles({ spec, exec }: Installing): Promise<readonly string[]> {
  const problems: string[] = [];
  const { passfile } = spec.database;
  const user = await serverUser(spec, exec);
  if (!exists(passfile)) problems.push(`${passfile} is missing (database.passfile)`);
  else if (!isPrivate(passfile, user.uid)) problems.push(`${passfile} must belong to ${user.name}, with mode 0600`);
  for (const program of ['pg_ctl', 'psql', 'pg_basebackup', 'pg_verifybackup', 'pg_rewind', 'pg_controldata'])
    if (!exists(`${spec.postgres.programs}/${program}`))
      problems.push(`${spec.postgres.programs}/${program} is missing`);
  const opener = { nftables: [], iptables: ['iptables'], firewalld: ['firewall-cmd'] }[spec.gate.firewall];
  for (const program of ['nft', 'ss', ...opener])
    if (!['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => exists(`${folder}/${program}`)))
      problems.push(`${program} is missing: install the package that has it`);
  return problems;
}

/**
 * A keeper that has lost its memory would lend what it has lent already. So the memory is made here, once; where the host has
 * had one before, only a person knows that nobody counts on it any more, and removes the mark.
 */
function rememberAsKeeper({ out, spec }: Installing, host: Host): void {
  const mark = `${keeperFile}.made`;
  if (!exists(keeperFile) && !exists(mark)) makeMemory(keeperFile, leaseMsOf(spec.failover));
  else if (!exists(keeperFile))
    out(`${keeperFile} is lost, and this ${host} was a keeper before: see docs/global.md\n`);
  writeWhole(mark, '', { ...root, mode: 0o644 });
}

function linkScripts(cfha: string): void {
  for (const name of Object.keys(scripts)) {
    const path = `/usr/sbin/${name}`;
    if (existsSync(path) && !lstatSync(path).isSymbolicLink()) continue; // a script of the reference's: not ours to remove
    if (exists(path) && readlinkSync(path) === cfha) continue;
    rmSync(path, { force: true });
    symlinkSync(cfha, path);
  }
}

async function enable(files: readonly UnitFile[], exec: Exec): Promise<void> {
  const units = files.flatMap(({ enable: name }) => name ?? []);
  await must({ exec }, ['systemctl', 'daemon-reload'], 60);
  await must({ exec }, ['systemctl', 'enable', '--quiet', ...units], 60);
  // The gate is not begun anew: systemd would do the same with the database, which requires it.
  for (const name of units.filter((unit) => unit.includes('gate')))
    await must({ exec }, ['systemctl', 'start', name], 60);
  for (const name of units.filter((unit) => /keeper|watch|timer/.test(unit)))
    await must({ exec }, ['systemctl', 'restart', name], 60);
}
