// What starts PostgreSQL on a host beside the cluster: units of any name, Debian's clusters, lines of cron. The script changes nothing.
import { decoded, type Answer } from './answer.ts';

/** Something that may start PostgreSQL at boot, or runs one now. */
export type Starter = {
  /** A unit, or a file. */
  readonly what: string;
  readonly command: string;
  /** What it names as the directory of the data; undefined if it names none. */
  readonly data: string | undefined;
};

// Units that a target wants, by whatever name and instance, and those that run now. `systemctl show` is one process.
export const starterScript = `
wanted=$(ls -d /etc/systemd/system/*.target.wants/*.service /etc/systemd/system/*.target.requires/*.service \\
  /run/systemd/system/*.target.wants/*.service /run/systemd/generator*/*.target.wants/*.service 2>/dev/null | sed 's#.*/##' | sort -u | head -n 500)
active=$(timeout 10 systemctl list-units --type=service --state=active --plain --no-legend 2>/dev/null | cut -d ' ' -f 1 | head -n 500)
timeout 10 systemctl show -p Id -p ExecStart -p Environment $wanted $active 2>/dev/null |
  awk -v RS= -v ORS='\\n\\n' '/ExecStart=.*(postgres|postmaster|pg_ctl|patroni|repmgrd)/' | head -c 65536 | base64 -w0 | sed 's/^/starters /'
echo
for conf in /etc/postgresql/*/*/start.conf; do
  [ -e "$conf" ] || continue
  folder=\${conf%/start.conf}
  place=$(sed -n "s/^[[:space:]]*data_directory[[:space:]]*=[[:space:]]*'\\(.*\\)'.*/\\1/p" "$folder/postgresql.conf" 2>/dev/null | tail -n 1)
  echo "cluster \${folder#/etc/postgresql/} $(grep -Eo '^[[:space:]]*(auto|manual|disabled)' "$conf" | tr -d '[:space:]') $place"
done
grep -HsE '^[[:space:]]*@reboot.*(pg_ctl|postgres|postmaster)' /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/* /var/spool/cron/* | head -n 20 | sed 's/^/reboot /'
grep -HsE '^[^#]*(pg_ctl|postgres|postmaster)' /etc/rc.local /etc/rc.d/rc.local | head -n 20 | sed 's/^/reboot /'
`;

const programs = /^(postgres|postmaster|pg_ctl|pg_ctlcluster|patroni|repmgrd)$/;

/** Reads what the script printed. */
export function readStarters(answer: Answer): readonly Starter[] {
  const clusters = answer.all('cluster').map(readCluster);
  const units = (decoded(answer.one('starters')) ?? '').split(/\n\n+/).flatMap((text) => unit(text, clusters));
  const auto = clusters.filter(({ start }) => start === 'auto');
  return [
    ...[...new Map(units.map((one) => [one.what, one])).values()],
    ...auto.map(({ name, data }) => ({ what: `/etc/postgresql/${name}/start.conf`, command: 'auto', data })),
    ...answer.all('reboot').map((line) => {
      const [what = '', ...rest] = line.split(':');
      return { what, command: rest.join(':').trim(), data: directoryIn(rest.join(':')) };
    }),
  ];
}

type Cluster = { readonly name: string; readonly start: string; readonly data: string };

/** Debian's cluster, `15/main`: without data_directory it is where Debian makes it. */
function readCluster(line: string): Cluster {
  const [name = '', start = '', ...place] = line.split(' ');
  const data = place.join(' ').trim();
  return { name, start, data: data === '' ? `/var/lib/postgresql/${name}` : data };
}

function unit(text: string, clusters: readonly Cluster[]): readonly Starter[] {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  const command = /argv\[\]=(.*?) ; ignore_errors/.exec(value('ExecStart'))?.[1] ?? value('ExecStart');
  const words = command.split(/[\s'";&|()]+/).filter((word) => word !== '');
  const starts = words.some((word) => programs.test(word.replace(/^.*\//, '')) || word.startsWith("/etc/init.d/postgresql"));
  if (!starts) return [];
  const cluster = clusters.find(({ name }) => words.includes(name.replace('/', '-')));
  const inEnvironment = /(?:^|[\s"'])PGDATA=([^\s"']+)/.exec(value('Environment'))?.[1];
  return [{ what: value('Id'), command, data: directoryIn(command) ?? inEnvironment ?? cluster?.data }];
} // prettier-ignore

function directoryIn(command: string): string | undefined {
  return /(?:^|\s)(?:-D\s*|--pgdata[= ])["']?(\/[^\s"']+)/.exec(command)?.[1];
}

const plain = (path: string): string => path.replace(/\/+$/, '');

/** What would start a server on these data, or names no data at all: then it may be these. */
export function startersOf(starters: readonly Starter[], data: string): readonly Starter[] {
  return starters.filter((one) => one.data === undefined || plain(one.data) === plain(data));
}
