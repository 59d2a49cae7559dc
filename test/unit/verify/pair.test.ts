import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import { readAnswer } from '../../../bootstrap/answer.ts';
import { schema } from '../../../global/spec.ts';
import type { Status } from '../../../global/rules/status.ts';
import { judgePair, pairChecks } from '../../../verify/pair/checks.ts';
import { chosenOf, pairDrills, type PairSituation } from '../../../verify/pair/drills.ts';
import { readStatus } from '../../../verify/pair/look.ts';
import { pageOfPair } from '../../../verify/pair/page.ts';
import { lacksOf, type PairFacts, type SiteFacts } from '../../../verify/pair/seen.ts';
import { asItIsScript, siteScript } from '../../../verify/pair/site-script.ts';
import { htmlReport } from '../../../verify/report/html.ts';
import { verdictOf } from '../../../verify/report/text.ts';

const spec = schema.parse({
  first: { host: 'db1', address: '10.77.0.11' },
  second: { host: 'db2', address: '10.77.0.12' },
  database: { name: 'vmdb', user: 'app', passfile: '/no/such/pgpass' },
  postgres: { programs: '/no/such/bin', data: '/no/such/data', service: 'postgresql@15-main' },
  failover: { failures: 2, interval: 1 },
});

const primary: Status = {
  here: { host: 'db1', site: 'first', server: 'primary', gate: 'open', timeline: 1, position: '0/3000060', epoch: 4 },
  there: { host: 'db2', server: 'standby' },
  lag: { bytes: '0', seconds: undefined },
  witnesses: { answer: 3, of: 3, epoch: 4 },
  outside: { reached: 3, tried: 3 },
  kept: { from: '0/2000028', bytes: '16777272', limit: '4294967296', lost: false, small: false, foreign: false },
  writable: 'here',
  todo: 'nothing',
  code: 0,
};
const standby: Status = {
  ...primary,
  here: { host: 'db2', site: 'second', server: 'standby', gate: 'closed', timeline: 1, epoch: 0 },
  there: { host: 'db1', server: 'primary' },
  lag: { bytes: '0', seconds: 0 },
  writable: 'there, if its gate is open',
};
const told = {
  ...{ cfha: 'cfha 0.2.0', server: 'postgres (PostgreSQL) 15.14', system: '7001', watch: 'active enabled', cron: '', boot: 'disabled' },
  ...{ passfile: '600 postgres', archived: '12 true', readable: 'yes', bytes: '1000 5000' },
}; // prettier-ignore

type Changes = { readonly first?: Partial<SiteFacts>; readonly second?: Partial<SiteFacts> } & Partial<Pick<PairFacts, 'guarded' | 'archive'>>; // prettier-ignore

function aPair({ first, second, ...rest }: Changes = {}): PairFacts {
  return {
    first: { host: 'db1', status: primary, told, clockSeconds: 0, ...first },
    second: { host: 'db2', status: standby, told, clockSeconds: 0.2, ...second },
    ...{ guarded: true, archive: true, ...rest },
  };
}

/** What breaks each check. */
const breaking: Readonly<Record<string, PairFacts>> = {
  SITES_ANSWER: { ...aPair(), second: { host: 'db2', silent: 'Connection refused' } },
  SITES_SYSTEM: aPair({ second: { told: { ...told, system: '7002' } } }),
  SITES_VERSION: aPair({ second: { told: { ...told, server: 'postgres (PostgreSQL) 16.1' } } }),
  SITES_CFHA: aPair({ second: { told: { ...told, cfha: 'cfha 0.1.0' } } }),
  ROLES: aPair({ second: { status: { ...standby, here: { ...standby.here, gate: 'open' } } } }),
  STREAMS: aPair({ second: { status: { ...standby, lag: { bytes: undefined, seconds: undefined } } } }),
  LAG: aPair({ second: { status: { ...standby, lag: { bytes: String(20 * 2 ** 20), seconds: 4 } } } }),
  WITNESSES: aPair({ first: { status: { ...primary, witnesses: { answer: 2, of: 3, epoch: 4 } } } }),
  EPOCHS: aPair({ first: { status: { ...primary, witnesses: { answer: 3, of: 3, epoch: 5 } } } }),
  OUTSIDE: aPair({ first: { status: { ...primary, outside: { reached: 0, tried: 3 } } } }),
  WATCH: aPair({ second: { told: { ...told, watch: 'inactive enabled' } } }),
  BOOT: aPair({ first: { told: { ...told, boot: 'enabled' } } }),
  PASSFILE: aPair({ second: { told: { ...told, passfile: '644 postgres' } } }),
  ARCHIVE: aPair({ first: { told: { ...told, archived: '12 false' } } }),
  ARCHIVE_READ: aPair({ second: { told: { ...told, readable: '' } } }),
  KEPT: aPair({
    second: {
      status: { ...standby, kept: { from: null, bytes: '0', limit: null, lost: false, small: false, foreign: false } },
    },
  }),
  SPACE: aPair({ first: { told: { ...told, bytes: '5000 1000' } } }),
  CLOCKS: aPair({ second: { clockSeconds: -61 } }),
};

const verdicts = (facts: PairFacts, verdict: string) => judgePair(facts).filter((one) => one.verdict === verdict).map(({ code }) => code); // prettier-ignore

describe('the checks of a pair', () => {
  it('all hold where all is well', () => {
    expect(judgePair(aPair()).filter(({ verdict }) => verdict !== 'held')).toEqual([]);
  });

  test.each(pairChecks.map(({ code }) => code))('%s is broken by what it is there for, and by nothing else', (code) => {
    expect(verdicts(breaking[code] ?? aPair(), 'broken')).toEqual([code]);
  });

  it('judge nothing else of a pair of which a site does not answer', () => {
    expect(verdicts(breaking['SITES_ANSWER'] ?? aPair(), 'held')).toEqual([]);
  });

  it('say that a pair without witnesses can have two primaries', () => {
    expect(verdicts(aPair({ guarded: false }), 'broken')).toEqual(['WITNESSES']);
    expect(verdicts(aPair({ guarded: false, archive: false }), 'without object')).toEqual(['EPOCHS', 'ARCHIVE', 'ARCHIVE_READ']); // prettier-ignore
  });
});

describe('what a site says', () => {
  it('is read, and garbage and half of it are not', () => {
    const text = JSON.stringify(primary);
    expect(readStatus(text)).toEqual(primary);
    for (const wrong of [
      '',
      'null',
      '7',
      '[]',
      '{}',
      '"here"',
      'cfha: no',
      '{"here":1}',
      text.slice(0, -1),
      text.slice(0, 20),
      '\0'.repeat(1000),
    ])
      // prettier-ignore
      expect(readStatus(wrong)).toBeUndefined();
  });

  it('tells what the pair lacks', () => {
    expect(lacksOf({ db1: primary, db2: standby }, 'db1', 'db2')).toEqual([]);
    expect(lacksOf({ db1: primary, db2: undefined }, 'db1', 'db2')).toEqual([
      'db2 does not follow (it does not answer)',
    ]);
    expect(lacksOf({ db1: standby, db2: primary }, 'db1', 'db2')).toHaveLength(2);
  });
});

describe('the scripts', () => {
  const situation: PairSituation = {
    ...{ primary: 'db1', standby: 'db2', guarded: true, service: "odd'name", user: 'postgres', data: '/data' },
    ...{ addresses: { db1: '10.77.0.11', db2: '10.77.0.12' }, mode: 'async', patience: 2 },
  };
  const texts = pairDrills.flatMap((drill) => [
    ...drill.steps(situation).flatMap((step) => (step.do === 'run' ? [step.script] : [])),
    ...drill.undo(situation).map(({ script }) => script),
  ]);

  test.each([...texts, asItIsScript])('are a shell’s: %s', (text) => {
    expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('look, on this host, whatever is missing here', () => {
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], { input: siteScript(spec, 'first'), encoding: 'utf8' });
    const answer = readAnswer({ code: status ?? undefined, stdout, stderr });
    expect(answer.one('passfile')?.trim()).toBe('');
    expect(answer.one('status')?.trim()).toBe('');
  });
});

describe('the drills of a pair', () => {
  it('are chosen by name, and an unknown one is named', () => {
    expect(chosenOf([])).toBe(pairDrills);
    expect(chosenOf(['line', 'stop'])).toMatchObject([{ name: 'stop' }, { name: 'line' }]);
    expect(chosenOf(['stop', 'flood'])).toEqual({ unknown: 'flood' });
  });

  it('that would make two primaries are refused without witnesses', () => {
    const refused = (guarded: boolean) =>
      pairDrills.filter(({ refuse }) => refuse?.({ guarded } as PairSituation) !== undefined).map(({ name }) => name);
    expect([refused(true), refused(false)]).toEqual([[], ['freeze', 'line']]);
  });
});

test('docs/global.md names every drill and every check', () => {
  const page = readFileSync(new URL('../../../docs/global.md', import.meta.url), 'utf8');
  const names = [...pairDrills.map(({ name }) => name), ...pairChecks.map(({ code }) => code)];
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe('the report', () => {
  it('is that of regions, about a pair', () => {
    const facts = aPair({ second: { told: { ...told, server: '<b>' } } });
    const findings = { subject: 'pair', checks: judgePair(facts), drills: [], refused: undefined, changed: ['db1: a table'], beganMs: 0, endedMs: 60_000, facts } as const; // prettier-ignore
    expect(verdictOf(findings).says).toContain('the pair is not as it was');
    const html = htmlReport(findings, pageOfPair(findings, spec));
    expect(html).toContain('<h1>cfha global verify: db1 and db2</h1>');
    expect(html).toContain('&lt;b&gt;');
    expect(html).not.toContain('<b>');
  });
});
