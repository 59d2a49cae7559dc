// What makes data a standby of the other site: settings in postgresql.auto.conf, which stays with the data.
import { readText, remove, writeWhole } from '../lib/host/disk.ts';
import { otherOf, type Site } from './site.ts';

const ours = ['primary_conninfo', 'restore_command', 'recovery_target_timeline', 'primary_slot_name'] as const;

/** A text of postgresql.auto.conf: in single quotes, which are doubled. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The settings of others stay. */
export function withSettings(text: string, settings: Readonly<Record<string, string>>): string {
  const rest = text.split('\n').filter((line) => !ours.some((name) => line.trimStart().startsWith(`${name} `)));
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quoted(value)}`);
  return `${[...rest.filter((line) => line !== ''), ...lines].join('\n')}\n`;
}

/** Where the WAL is that this site may lack: it is the first site that archives. */
export function restoreCommand({ spec, site }: Pick<Site, 'spec' | 'site'>): string | undefined {
  if (spec.archive === undefined) return undefined;
  return `cp ${site === 'first' ? spec.archive.write : spec.archive.read}/%f "%p"`;
}

/** In that directory, which may not have its name yet. */
export function writeStandbyFiles(site: Pick<Site, 'spec' | 'site' | 'user'>, data: string): void {
  const { database, postgres } = site.spec;
  const restore = restoreCommand(site);
  const file = `${data}/postgresql.auto.conf`;
  const settings = {
    primary_conninfo: `host=${otherOf(site).address} port=${postgres.port} user=${database.replication_user} passfile=${database.passfile} application_name=${site.spec[site.site].host} connect_timeout=5`,
    ...(restore === undefined ? {} : { restore_command: restore }),
    recovery_target_timeline: 'latest',
  };
  writeWhole(file, withSettings(readText(file) ?? '', settings), { ...site.user, mode: 0o600 });
  writeWhole(`${data}/standby.signal`, '', { ...site.user, mode: 0o600 });
}

/** What was a standby's data become a primary's. */
export function removeStandbyFiles(data: string): void {
  for (const name of ['standby.signal', 'recovery.signal']) remove(`${data}/${name}`);
}
