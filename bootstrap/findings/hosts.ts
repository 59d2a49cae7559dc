// What is wrong with a host by itself, whatever the others are.
import type { Spec } from '../spec.ts';
import type { Report } from '../reports.ts';
import { isProgram, lacking, packagesOf, type Lack } from '../packages.ts';
import type { Survey } from '../survey.ts';

export type Surveyed = Survey | { readonly unreachable: string } | { readonly notRoot: string };

/** The machine types (`uname -m`) that an executable of this architecture of Node's runs on. */
const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** What is wrong with a host itself. `arch` is that of this cfha, in Node's words. */
export function hostFindings(host: string, survey: Surveyed, { spec, arch }: { spec: Spec; arch: string }): Report[] {
  if ('unreachable' in survey) return [{ code: 'UNREACHABLE', host, because: survey.unreachable }];
  if ('notRoot' in survey) return [{ code: 'NOT_ROOT', host, because: survey.notRoot }];
  const missing = lacking(spec, survey).filter(isProgram);
  const short = survey.name.split('.')[0];
  return [
    ...(survey.root ? [] : [{ code: 'NOT_ROOT', host, because: 'id -u is not 0' } as const]),
    ...(survey.name === host || short === host ? [] : [{ code: 'WRONG_NAME', host, found: survey.name } as const]),
    ...(survey.machine === machines[arch] ? [] : [{ code: 'MACHINE_DIFFERS', host, machine: survey.machine } as const]),
    ...(missing.length === 0 ? [] : [programsMissing(host, missing)]),
    ...systemFindings(host, survey),
    ...serverFindings(host, survey, spec),
  ];
}

function programsMissing(host: string, missing: readonly Lack[]): Report {
  const programs = missing.map(({ what }) => what).join(', ');
  return { code: 'PROGRAM_MISSING', host, programs, packages: packagesOf(missing).join(', ') || 'what has them' };
}

/** The oldest releases whose commands and schema bootstrap speaks. */
const oldest: Readonly<Record<string, string>> = { pcs: '0.10', pacemaker: '2.0', corosync: '3.0' };

function systemFindings(host: string, { family, system, versions, clockKept, masked, watchdog }: Survey): Report[] {
  const old = Object.entries(oldest).flatMap(([program, wanted]): Report[] => {
    const found = versions[program];
    if (found === undefined || !isOlder(found, wanted)) return [];
    return [{ code: 'SYSTEM_TOO_OLD', host, program, found, wanted }];
  });
  return [
    ...(family === 'other' ? [{ code: 'SYSTEM_UNKNOWN', host, system } as const] : []),
    ...old,
    ...masked.map((unit) => ({ code: 'UNIT_MASKED', host, unit }) as const),
    ...(clockKept === false ? [{ code: 'CLOCK_NOT_KEPT', host } as const] : []),
    ...(watchdog ? [] : [{ code: 'WATCHDOG_NONE', host } as const]),
  ];
}

function serverFindings(host: string, survey: Survey, { postgres }: Spec): Report[] {
  const installed = Object.keys(survey.servers).length > 0;
  const known = survey.locales.length === 0 || survey.locales.some((one) => sameLocale(one, postgres.locale));
  return [
    ...(installed && survey.postgresIds === undefined ? [{ code: 'NO_POSTGRES_USER', host } as const] : []),
    ...(known ? [] : [{ code: 'LOCALE_MISSING', host, locale: postgres.locale } as const]),
    ...survey.apparmor.map((profile) => ({ code: 'APPARMOR_ENFORCES', host, profile }) as const),
    ...(survey.selinux === 'enforcing'
      ? [{ code: 'SELINUX_ENFORCES', host, port: String(postgres.port) } as const]
      : []),
  ];
}

/** `locale -a` writes C.utf8 for what everybody calls C.UTF-8. */
function sameLocale(a: string, b: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9.@]/g, '');
  return plain(a) === plain(b);
}

/** Whether a version is before another, number by number. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [a, b] = [numbers(version), numbers(than)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
