import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../../verify/checks.ts';
import type { DrillResult, Played } from '../../../verify/drills/result.ts';
import { parseXml } from '../../../lib/pacemaker/xml.ts';
import { htmlReport, pageOfRegion } from '../../../verify/report/html.ts';
import { junitXml } from '../../../verify/report/junit.ts';
import { outcomeText, resultText, verdictOf } from '../../../verify/report/text.ts';
import { timelineSvg } from '../../../verify/report/timeline.ts';
import type { Outcome } from '../../../verify/run.ts';
import { facts, recorded } from './pretend-nodes.ts';

const beganMs = 1_795_617_060_000;
const played: Played = {
  ...{ beganMs, brokenMs: beganMs + 2000, healthyMs: beganMs + 8000, lacks: [], primaryAfter: 'db2', rebooted: [] },
  steps: [{ says: 'the postmaster of db1 is killed <SIGKILL>', atMs: beganMs + 2000, failed: undefined }],
  measure: { seconds: 9, acknowledged: 250, failed: 1, uncertain: 2, uncertainKept: 1, lost: 0, lostNumbers: [], duplicated: 0, gaps: [{ at: 2, seconds: 5 }], longestGap: 5 },
  perSecond: [45, 46, 20, 0, 0, 0, 0, 40, 48],
  ...{ overlap: undefined, interrupted: false, spans: [{ node: 'db1', fromMs: beganMs, toMs: beganMs + 2000 }, { node: 'db2', fromMs: beganMs + 6500, toMs: beganMs + 9000 }] },
  phases: [{ phase: 'detected', atMs: beganMs + 3000, tookMs: 1000, evidence: 'db1: <b>' }, { phase: 'promoted', atMs: beganMs + 6000, tookMs: 3000, evidence: '' }, { phase: 'first write', atMs: beganMs + 7000, tookMs: 1000, evidence: '' }],
  lines: [{ node: 'db1', atMs: beganMs + 3000, text: 'Setting fail-count & more' }],
}; // prettier-ignore
const crash: DrillResult = { name: 'crash', says: 'the server dies', verdict: 'held', because: [], notes: [], primaryBefore: 'db1', played }; // prettier-ignore
const broken: DrillResult = { ...crash, name: 'fence', verdict: 'broken', because: ['db2 was not started anew'] };
const refused: DrillResult = { ...crash, name: 'panic', verdict: 'refused', because: ['no kernel of its own'], played: undefined }; // prettier-ignore
const left: DrillResult = { ...crash, name: 'power', verdict: 'not played', because: ['after the drill fence …'], played: undefined }; // prettier-ignore

function anOutcome(changes: Partial<Outcome> = {}): Outcome {
  const of = facts();
  return { subject: 'region', checks: judgeAll(of), drills: [crash, refused], refused: undefined, changed: [], facts: of, beganMs, endedMs: beganMs + 60_000, ...changes }; // prettier-ignore
}

const pageOf = (outcome: Outcome, region: string) => htmlReport(outcome, pageOfRegion(outcome, region));

describe('the verdict', () => {
  it('is that all held, though a drill was refused with its reason', () => {
    expect(verdictOf(anOutcome())).toMatchObject({ code: 0, says: expect.stringContaining('1 of 2 drills') });
  });

  it('names what did not hold', () => {
    expect(verdictOf(anOutcome({ drills: [broken, left] }))).toEqual({ code: 1, says: 'not proved: drills: fence, power' }); // prettier-ignore
    expect(verdictOf(anOutcome({ changed: ['new: lock'] })).says).toContain('the region is not as it was');
    const checks = judgeAll(facts({}, recorded.replace('value="db1 db2"', 'value="db1"')));
    const sick = anOutcome({ checks, drills: [], refused: 'the region is not healthy', changed: undefined });
    expect(verdictOf(sick)).toEqual({ code: 1, says: 'not proved: checks: PARAMETERS_NODES; no drill was played' });
  });

  it('is that it could not run, if nothing is known to be wrong', () => {
    expect(verdictOf(anOutcome({ drills: [], refused: 'nobody has agreed', changed: undefined })).code).toBe(2);
  });
});

describe('the report for a terminal', () => {
  it('has the gap, its phases, and the account of the writes', () => {
    const text = resultText(crash);
    expect(text).toContain(
      'ok   crash: longest gap 5.0 s; acknowledged 250, failed 1, uncertain 2, lost 0, duplicated 0',
    );
    expect(text).toContain(
      'primary db1 → db2, healthy after 6 s; detected +1.0 s, promoted +3.0 s, first write +1.0 s',
    );
    expect(outcomeText(anOutcome())).toContain('the region is as it was');
  });
});

describe('the report for JUnit', () => {
  const xml = junitXml(anOutcome({ drills: [crash, broken, refused, left], changed: ['new: lock'] }));
  it('counts checks and drills as test cases, for any reader of XML', async () => {
    const [checks, drills] = (await parseXml(xml))?.children ?? [];
    expect(checks?.attributes).toMatchObject({ failures: '0', tests: String(judgeAll(facts()).length) });
    expect(drills?.attributes).toMatchObject({ tests: '5', failures: '3', skipped: '1' });
    expect(drills?.children.map(({ children }) => children[0]?.name)).toEqual(['system-out', 'failure', 'skipped', 'failure', 'failure']); // prettier-ignore
  });
});

describe('the report as a page', () => {
  const html = pageOf(anOutcome({ drills: [crash, broken, refused] }), 'dc1 <b>');
  it('stands alone: it loads nothing and runs nothing', () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|url\(|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  });
  it('has the verdict, what to fix, and the evidence, and nothing of it is markup', () => {
    expect(html).toContain('not proved: drills: fence');
    expect(html).toContain('drill fence: db2 was not started anew');
    expect(html).toContain('Setting fail-count &amp; more');
    expect(html).toContain('region dc1 &lt;b&gt;');
  });
  it('shows no password that somebody has left in the configuration', () => {
    const of = facts({}, recorded.replace('name="password_script" value="/etc/cfha/fencing-password"', 'name="password" value="hunter2"').replace('value="passfile=/var', 'value="password=hunter3 passfile=/var')); // prettier-ignore
    const page = pageOf(anOutcome({ facts: of, checks: judgeAll(of) }), 'dc1');
    expect(page).not.toMatch(/hunter[23]/);
  });
});

describe('the drawing of a drill', () => {
  const svg = timelineSvg(played, ['db1', 'db2']);
  const classed = async (name: string) =>
    ((await parseXml(svg))?.children ?? []).filter(({ attributes }) => attributes['class'] === name).length;
  it('has a bar for each second, and a gap where there was none', async () => {
    expect([await classed('writes'), await classed('gap')]).toEqual([5, 4]);
  });
  it('has what was broken, the phases, and who took writes', async () => {
    expect([await classed('broken'), await classed('phase'), await classed('writable')]).toEqual([1, 4, 2]);
  });
  it('stays within its frame', () => {
    const xs = [...svg.matchAll(/ x="(-?[\d.]+)"/g)].map(([, x]) => Number(x));
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...xs)).toBeLessThanOrEqual(960);
  });
});
