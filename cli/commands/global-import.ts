// cfha global import: the reference's configuration, as a global.yaml.
import { lookup } from 'node:dns/promises';
import { importedText, readSysconfig } from '../../global/import.ts';
import { namesIn } from '../../lib/host/disk.ts';
import { readSmallFile } from '../../lib/host/files.ts';
import { findUser } from '../../lib/host/identity.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import type { Terminal } from './region.ts';

async function addressOf(host: string | undefined): Promise<string | undefined> {
  if (host === undefined) return undefined;
  return lookup(host, 4).then(
    ({ address }) => address,
    () => undefined,
  );
}

/** Where the distribution has its newest server. */
function server(): { programs: string; data: string; service: string } {
  const [version] = namesIn('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a));
  return version === undefined
    ? { programs: '/usr/bin', data: '/var/lib/pgsql/data', service: 'postgresql' }
    : {
        programs: `/usr/lib/postgresql/${version}/bin`,
        data: `/var/lib/postgresql/${version}/main`,
        service: `postgresql@${version}-main`,
      };
}

/** Exit code 0: printed; 2: the file cannot be read. What is not understood is said beside it. */
export async function importCommand(file: string, { out, err }: Pick<Terminal, 'out' | 'err'>): Promise<number> {
  const read = readSmallFile(file);
  if ('problem' in read) {
    err(`cfha: ${file} ${read.problem}\n`);
    return 2;
  }
  const sysconfig = readSysconfig(read.text);
  for (const problem of sysconfig.problems) err(`${file}: ${problem}\n`);
  const { PRIMARY_HOST, STANDBY_HOST } = sysconfig.values;
  const [first, second] = await Promise.all([PRIMARY_HOST, STANDBY_HOST].map(addressOf));
  const user = await findUser('postgres', spawnExec());
  const home = user?.home ?? '/var/lib/pgsql';
  if (sysconfig.values.PGSQL_HOME !== undefined)
    err(`${file}: PGSQL_HOME is not taken over: postgres.data and database.passfile are this host’s; correct them, if the server is elsewhere\n`); // prettier-ignore
  out(importedText(sysconfig, { addresses: { first, second }, ...server(), home }));
  return 0;
}
