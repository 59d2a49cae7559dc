// `cfha global install`: what starts with this host, and the reference's names for the jobs. Run again, it changes what differs.
import { existsSync, lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { exists, isPrivate, makeDirectory, readText, writeWhole } from '../lib/host/disk.ts';
import type { Exec } from '../lib/host/exec.ts';
import { isOwnAddress } from '../lib/host/addresses-here.ts';
import { must } from './act.ts';
import { makeMemory } from './keeper.ts';
import { letIn } from './other-firewall.ts';
import { keeperFile, scripts, stateFolder } from './places.ts';
import { unitFiles, type Host, type UnitFile } from './rules/units.ts';
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
  if (installing.spec.witnesses === undefined) out(`${withoutWitnesses}\n`);
  const changed = await place(installing, host);
  out(changed.length === 0 ? 'Nothing was to do.\n' : changed.map(({ path }) => `${path}\n`).join(''));
  return host === 'witness' ? 0 : otherFirewall(installing);
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
  const files = unitFiles({ host, cfha, service: spec.postgres.service, guarded, cron });
  const changed = files.filter(({ path, text }) => readText(path) !== text);
  for (const { path, text } of changed) writeWhole(path, text, { ...root, mode: 0o644 });
  if (host !== 'witness') linkScripts(cfha);
  await enable(files, exec);
  return changed;
}

const withoutWitnesses = `WITHOUT WITNESSES, two primaries are possible: when the sites are cut from each other, the second is promoted while the
first goes on, and what is written to one of them has to be given up by hand. With "witnesses" in global.yaml that cannot be.`;

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
function rememberAsKeeper({ out }: Installing, host: Host): void {
  const mark = `${keeperFile}.made`;
  if (!exists(keeperFile) && !exists(mark)) makeMemory(keeperFile);
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
