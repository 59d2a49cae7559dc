// The report as JUnit reads it: checks and drills are test cases. Pure.
import { decides } from '../checks.ts';
import type { DrillResult } from '../drills/result.ts';
import type { Judged } from '../judgement.ts';
import type { Findings } from '../run.ts';
import { element, escaped } from './markup.ts';
import { resultText } from './text.ts';

type Case = { readonly xml: string; readonly failed: boolean; readonly skipped: boolean; readonly seconds: number };

function checkCase(check: Judged): Case {
  const { code, says, verdict, evidence, remedy } = check;
  const failed = decides(check);
  const skipped = !failed && verdict !== 'held';
  const inner = failed
    ? [element('failure', { message: says }, escaped(`${evidence.join('\n')}\nto do: ${remedy}`))]
    : skipped
      ? [element('skipped', { message: evidence.join('; ') })]
      : [];
  return { xml: element('testcase', { classname: 'checks', name: `${code}: ${says}`, time: 0 }, ...inner), failed, skipped, seconds: 0 }; // prettier-ignore
}

function drillCase(result: DrillResult): Case {
  const { name, says, verdict, because, played } = result;
  const failed = verdict === 'broken' || verdict === 'not played';
  const seconds = played?.measure.seconds ?? 0;
  const inner = failed
    ? [element('failure', { message: because.join('; ') }, escaped(resultText(result)))]
    : verdict === 'refused'
      ? [element('skipped', { message: because.join('; ') })]
      : [element('system-out', {}, escaped(resultText(result)))];
  return { xml: element('testcase', { classname: 'drills', name: `${name}: ${says}`, time: seconds }, ...inner), failed, skipped: verdict === 'refused', seconds }; // prettier-ignore
}

/** How the region was left is a case of its own. */
function leftCase({ subject, changed, refused }: Findings): readonly Case[] {
  const because = [...(refused === undefined ? [] : [refused]), ...(changed ?? [])];
  if (changed === undefined && refused === undefined) return [];
  const inner = because.length > 0 ? [element('failure', { message: because[0] ?? '' }, escaped(because.join('\n')))] : []; // prettier-ignore
  const xml = element('testcase', { classname: 'drills', name: `the ${subject} is as it was`, time: 0 }, ...inner);
  return [{ xml, failed: because.length > 0, skipped: false, seconds: 0 }];
}

function suite(name: string, cases: readonly Case[]): string {
  const count = (of: (one: Case) => boolean) => cases.filter(of).length;
  const time = cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
  const counts = {
    tests: cases.length,
    failures: count(({ failed }) => failed),
    skipped: count(({ skipped }) => skipped),
  };
  return element('testsuite', { name, ...counts, time }, ...cases.map(({ xml }) => `\n  ${xml}`), '\n');
}

export function junitXml(outcome: Findings): string {
  const drills = [...outcome.drills.map(drillCase), ...leftCase(outcome)];
  const suites = [suite('cfha verify: checks', outcome.checks.map(checkCase)), ...(drills.length > 0 ? [suite('cfha verify: drills', drills)] : [])]; // prettier-ignore
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'cfha verify' }, ...suites.map((one) => `\n${one}`), '\n')}\n`;
}
