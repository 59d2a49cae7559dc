// What must be so of a pair of sites before anybody relies on it. Data, with a pure judge over facts.
import { keptText } from '../../global/rules/kept.ts';
import type { Judged, Judgement, Severity } from '../judgement.ts';
import { alike, must, unless, unknown, without } from '../judgement.ts';
import { follows, serves, type Asked, type PairFacts, type SiteFacts } from './seen.ts';

export type PairCheck = {
  readonly code: string;
  readonly severity: Severity;
  readonly says: string;
  readonly source: string;
  readonly remedy: string;
  readonly judge: (facts: PairFacts) => Judgement;
};

type Site = { readonly host: string } & SiteFacts;

const sitesOf = ({ first, second }: PairFacts): readonly Site[] =>
  [first, second].flatMap((one: Asked) => ('silent' in one ? [] : [one]));

/** Judged where both sites answer. */
const ofBoth = (judge: (first: Site, second: Site, facts: PairFacts) => Judgement) => (facts: PairFacts) => {
  const [first, second] = sitesOf(facts);
  return first === undefined || second === undefined ? unknown('a site does not answer') : judge(first, second, facts);
};

const told =
  (key: string) =>
  (site: Site): readonly [string, string] => [site.host, site.told[key] ?? ''];
const each = (sites: readonly Site[], wrong: (site: Site) => string | undefined, right: string): Judgement =>
  unless(
    sites.flatMap((site) => {
      const what = wrong(site);
      return what === undefined ? [] : [`${site.host}: ${what}`];
    }),
    right,
  );
const words = (text: string | undefined): readonly string[] => (text ?? '').split(' ').filter(Boolean);

const keepsWal = (kept: SiteFacts['status']['kept']): boolean =>
  typeof kept?.from === 'string' && !kept.lost && !kept.small;

const lagMegabytes = 16;
const clockSeconds = 2;

export const pairChecks: readonly PairCheck[] = [
  {
    code: 'SITES_ANSWER', severity: 'critical', says: 'both sites can be asked', source: 'cfha global verify',
    remedy: 'let root of this host log in to both by ssh (ssh in global.yaml); cfha global install there',
    judge: ({ first, second }) => unless([first, second].flatMap((one) => ('silent' in one ? [`${one.host}: ${one.silent}`] : [])), 'they can'),
  },
  {
    code: 'SITES_SYSTEM', severity: 'critical', says: 'both have the same database system', source: 'fault: another system’s data',
    remedy: 'when it is clear whose data count: stop the other server, move its data directory away, then there: cfha global standby-initialize (second site) or cfha global rejoin --clone',
    judge: ofBoth((a, b) => alike('system identifier', [told('system')(a), told('system')(b)])),
  },
  {
    code: 'SITES_VERSION', severity: 'critical', says: 'both have the same version of PostgreSQL', source: 'PostgreSQL, Log-Shipping Standby Servers: Planning',
    remedy: 'install the same version on both',
    judge: ofBoth((a, b) => alike('server', [told('server')(a), told('server')(b)])),
  },
  {
    code: 'SITES_CFHA', severity: 'warning', says: 'both have the same cfha', source: 'cfha global verify', remedy: 'install the same version on both',
    judge: ofBoth((a, b) => alike('cfha', [told('cfha')(a), told('cfha')(b)])),
  },
  {
    code: 'ROLES', severity: 'critical', says: 'the first site is the primary, with its gate open; the second is its standby, with its gate closed', source: 'reference, 5.1',
    remedy: 'what `cfha global status` says is to do: rejoin, or switchover on the first site',
    judge: ofBoth((a, b) => unless([
      ...(serves(a.status) ? [] : [`${a.host}: ${a.status.here.server}, gate ${a.status.here.gate}`]),
      ...(b.status.here.server === 'standby' && b.status.here.gate === 'closed' ? [] : [`${b.host}: ${b.status.here.server}, gate ${b.status.here.gate}`]),
    ], 'they are')),
  },
  {
    code: 'STREAMS', severity: 'critical', says: 'the standby streams', source: 'reference, 5.1.3.1', remedy: 'look into the standby’s log: connection, password, WAL that is gone',
    judge: ofBoth((_, b) => must(follows(b.status), b.status.todo)),
  },
  {
    code: 'LAG', severity: 'warning', says: `the standby lacks less than ${String(lagMegabytes)} MB`, source: 'what a lost site loses', remedy: 'look at the line between the sites, and at the standby’s disk',
    judge: ofBoth((_, b) => b.status.lag?.bytes === undefined ? unknown('no standby streams') : must(Number(b.status.lag.bytes) < lagMegabytes * 2 ** 20, `${b.status.lag.bytes} bytes`)),
  },
  {
    code: 'WITNESSES', severity: 'warning', says: 'there are witnesses, and all of them answer', source: 'docs/global.md, Split brain', remedy: 'cfha global install on the witness; let witnesses.port (5480) in there and on both sites; without witnesses two primaries are possible',
    judge: ofBoth((a, b, { guarded }) => guarded ? each([a, b], ({ status: { witnesses } }) => witnesses === undefined || witnesses.answer < witnesses.of ? `${String(witnesses?.answer ?? 0)} of ${String(witnesses?.of ?? 0)} answer` : undefined, 'all answer both sites') : must(false, 'none: cut from each other, both sites can be primaries')),
  },
  {
    code: 'EPOCHS', severity: 'warning', says: 'the witnesses know the primary’s epoch', source: 'docs/global.md, Split brain', remedy: 'cfha global status; a later epoch than the primary’s is ended by cfha global switchover',
    judge: ofBoth((a, _, { guarded }) => guarded ? must(a.status.witnesses?.epoch === a.status.here.epoch, `the primary’s is ${String(a.status.here.epoch)}, the witnesses’ ${String(a.status.witnesses?.epoch ?? 0)}`) : without('no witnesses')),
  },
  {
    code: 'OUTSIDE', severity: 'warning', says: 'the primary’s port can be reached from outside', source: 'reference, 5.1: the traffic manager’s check', remedy: 'look for another firewall between',
    judge: ofBoth((a) => a.status.outside === undefined ? without('nobody outside can try') : must(a.status.outside.reached === a.status.outside.tried, `${String(a.status.outside.reached)} of ${String(a.status.outside.tried)} witnesses reach it`)),
  },
  {
    code: 'WATCH', severity: 'critical', says: 'each site is watched, now and at boot', source: 'reference, 5.1.3 (cron)', remedy: 'cfha global install',
    judge: ofBoth((a, b) => each([a, b], ({ told: t }) => t['cron'] === 'yes' || t['watch'] === 'active enabled' ? undefined : `cfha-global-watch is ${t['watch'] ?? ''}`, 'they are')),
  },
  {
    code: 'BOOT', severity: 'critical', says: 'PostgreSQL of the first site does not start by itself at boot: check-start decides', source: 'reference, Appendix E', remedy: 'systemctl disable the service; Debian: also echo manual > /etc/postgresql/VERSION/CLUSTER/start.conf',
    judge: ofBoth((a) => must(!(a.told['boot'] ?? '').startsWith('enabled'), `the service is ${a.told['boot'] ?? ''}`)),
  },
  {
    code: 'PASSFILE', severity: 'critical', says: 'the password file is there, and PostgreSQL’s user alone may read it', source: 'libpq, The Password File', remedy: 'chmod 600, chown to PostgreSQL’s user',
    judge: ofBoth((a, b) => each([a, b], ({ told: t }) => /^600 (?!root)/.test(t['passfile'] ?? '') ? undefined : t['passfile'] === '' ? 'it is not there' : `it is ${t['passfile'] ?? ''}`, 'it is')),
  },
  {
    code: 'ARCHIVE', severity: 'warning', says: 'the last WAL file of the primary was archived', source: 'reference, Appendix E', remedy: 'room in archive.write; /var/log/pgsql-primary-archive-wal.log',
    judge: ofBoth((a, _, { archive }) => archive ? must(words(a.told['archived'])[1] === 'true', `archived: ${a.told['archived'] ?? ''}`) : without('no archive')),
  },
  {
    code: 'ARCHIVE_READ', severity: 'warning', says: 'each site can read the first one’s archive', source: 'reference, Appendix E', remedy: 'first site: archive.write; second: mount it at archive.read; readable for PostgreSQL’s user',
    judge: ofBoth((a, b, { archive }) => archive ? each([a, b], ({ told: t }) => t['readable'] === 'yes' ? undefined : 'its archive directory cannot be read', 'they can') : without('no archive')),
  },
  {
    code: 'KEPT', severity: 'warning', says: 'each site keeps WAL for the other’s return, up to a limit', source: 'failback without a copy', remedy: "max_slot_wal_keep_size = '4GB' (what the disk has room for, and at least max_wal_size), then reload; the watch of the site does the rest, and says in its journal what keeps it from it",
    judge: ofBoth((a, b) => each([a, b], ({ told: t, status: { kept } }) => t['cron'] === 'yes' || keepsWal(kept) ? undefined : kept === undefined ? 'it does not say' : keptText(kept), 'they do')),
  },
  {
    code: 'SPACE', severity: 'warning', says: 'there is room for a copy of the database beside it', source: 'failback by a copy', remedy: 'enlarge the volume',
    judge: ofBoth((a, b) => each([a, b], ({ told: t }) => { const [used = '', free = ''] = words(t['bytes']); return Number(free) > Number(used) ? undefined : `${free} kB are free, and the database has ${used} kB`; }, 'there is')),
  },
  {
    code: 'CLOCKS', severity: 'advice', says: `the clocks differ by less than ${String(clockSeconds)} s`, source: 'logs are compared', remedy: 'chrony, or systemd-timesyncd',
    judge: ofBoth((a, b) => must(Math.abs(a.clockSeconds - b.clockSeconds) < clockSeconds, `by ${Math.abs(a.clockSeconds - b.clockSeconds).toFixed(1)} s`)),
  },
]; // prettier-ignore

export function judgePair(facts: PairFacts): readonly Judged[] {
  return pairChecks.map(({ judge, ...check }) => ({ ...check, asks: 'nodes', ...judge(facts) }));
}
