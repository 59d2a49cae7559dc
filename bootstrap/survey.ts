// What a host is, apart from what bootstrap changes: asked once, before the first look.
import type { Result } from '../lib/host/exec.ts';
import { readAnswer } from './answer.ts';

export type Survey = {
  /** `uname -n`, in lower case. */
  readonly name: string;
  readonly root: boolean;
  readonly machine: string;
  readonly family: 'debian' | 'redhat' | 'other';
  /** Programs and units that were asked for and are there. */
  readonly programs: readonly string[];
  /** Major version of each installed server, with the directory of its programs. */
  readonly servers: Readonly<Record<number, string>>;
};

/** Programs that every node must have. A name with .service is a unit that must exist. */
export const neededPrograms = [
  'pcs', 'pcsd.service', 'corosync', 'pacemakerd', 'cibadmin', 'crm_diff', 'flock', 'runuser', 'sha256sum', 'install', 'chpasswd',
] as const; // prettier-ignore

/** The script that asks; it changes nothing. */
export function surveyScript(programs: readonly string[]): string {
  return `
echo "name $(uname -n)"
echo "uid $(id -u)"
echo "machine $(uname -m)"
if [ -e /etc/debian_version ]; then echo 'family debian'; elif [ -e /etc/redhat-release ]; then echo 'family redhat'; fi
for program in ${programs.join(' ')}; do
  case $program in
  *.service) systemctl cat "$program" >/dev/null 2>&1 && echo "program $program" ;;
  *) command -v "$program" >/dev/null && echo "program $program" ;;
  esac
done
for postgres in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/bin/postgres; do
  [ -x "$postgres" ] || continue
  version=$("$postgres" --version | sed 's/^[^0-9]*\\([0-9]*\\).*/\\1/')
  echo "server $version \${postgres%/postgres}"
done
echo end
`;
}

/** Reads what the script printed. */
export function readSurvey(result: Result): Survey {
  const answer = readAnswer(result);
  const family = answer.one('family');
  return {
    name: (answer.one('name') ?? '').toLowerCase(),
    root: answer.one('uid') === '0',
    machine: answer.one('machine') ?? '',
    family: family === 'debian' || family === 'redhat' ? family : 'other',
    programs: answer.all('program'),
    servers: Object.fromEntries(
      answer.all('server').map((line) => {
        const [version = '', ...folder] = line.split(' ');
        return [Number(version), folder.join(' ')];
      }),
    ),
  };
}
