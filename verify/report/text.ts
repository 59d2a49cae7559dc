// The report for a terminal. Pure.
import { decides } from '../checks.ts';
import type { Drill } from '../drills/drill.ts';
import type { DrillResult, Played } from '../drills/result.ts';
import type { Findings } from '../run.ts';
import { countsText, staticText } from '../static-text.ts';

const marks = { held: 'ok  ', broken: 'FAIL', refused: '-   ', 'not played': '-   ' } as const;

/** The phases, each with the time since the one before it. */
export function phasesText(phases: Played['phases']): string {
  return phases.map(({ phase, tookMs }) => `${phase} +${(tookMs / 1000).toFixed(1)} s`).join(', ');
}

export function resultText(result: DrillResult): string {
  const { name, verdict, because, notes, played, primaryBefore } = result;
  if (played === undefined) return `${marks[verdict]} ${name}: ${verdict}: ${because.join('; ')}\n`;
  const { measure, primaryAfter, healthyMs, brokenMs } = played;
  const lost = measure.lost === undefined ? 'unknown' : String(measure.lost);
  const two = healthyMs === undefined || brokenMs === undefined ? '' : `, healthy after ${((healthyMs - brokenMs) / 1000).toFixed(0)} s`; // prettier-ignore
  return [
    `${marks[verdict]} ${name}: longest gap ${measure.longestGap.toFixed(1)} s; acknowledged ${String(measure.acknowledged)}, failed ${String(measure.failed)}, uncertain ${String(measure.uncertain)}, lost ${lost}, duplicated ${String(measure.duplicated)}`,
    `     primary ${primaryBefore} → ${primaryAfter ?? 'none'}${two}${played.phases.length === 0 ? '' : `; ${phasesText(played.phases)}`}`,
    ...because.map((line) => `     it failed: ${line}`),
    ...notes.map((line) => `     ${line}`),
    '',
  ].join('\n');
}

export type Verdict = { readonly code: 0 | 1 | 2; readonly says: string };

/** 0 all held; 1 one did not; 2 could not run. */
export function verdictOf(outcome: Findings): Verdict {
  const { checks, drills, refused } = outcome;
  if (refused !== undefined && !checks.some(decides)) return { code: 2, says: `no drill was played: ${refused}` };
  const why = against(outcome);
  if (why.length > 0) return { code: 1, says: `not proved: ${why.join('; ')}` };
  if (drills.length === 0) return { code: 0, says: `all that was asked held; ${countsText(checks)}` };
  const played = drills.filter(({ verdict }) => verdict === 'held').length;
  return { code: 0, says: `proved: ${String(played)} of ${String(drills.length)} drills played, and all held; ${countsText(checks)}` };
} // prettier-ignore

function against({ subject, checks, drills, refused, changed }: Findings): readonly string[] {
  const bad = drills.filter(({ verdict }) => verdict === 'broken' || verdict === 'not played').map(({ name }) => name);
  const broken = checks.filter(decides).map(({ code }) => code);
  const when = (is: boolean, says: string) => (is ? [says] : []);
  return [
    ...when(broken.length > 0, `checks: ${broken.join(', ')}`),
    ...when(bad.length > 0, `drills: ${bad.join(', ')}`),
    ...when(refused !== undefined, 'no drill was played'),
    ...when((changed ?? []).length > 0, `the ${subject} is not as it was`),
  ];
}

export function outcomeText(outcome: Findings): string {
  const { subject, checks, changed, beganMs, endedMs } = outcome;
  return [
    ...(checks.some(decides) ? [staticText(checks, false)] : []),
    ...(changed ?? []).map((line) => `not as it was: ${line}`),
    ...(changed?.length === 0
      ? [
          `the ${subject} is as it was: ${subject === 'region' ? 'configuration, roles, files' : 'roles, gates, services, firewall'}`,
        ]
      : []),
    `${verdictOf(outcome).says} (${((endedMs - beganMs) / 60_000).toFixed(1)} minutes)`,
    '',
  ].join('\n');
}

export function listText(drills: readonly Pick<Drill, 'name' | 'says' | 'breaks' | 'clients' | 'undone' | 'source'>[]): string {
  return drills
    .map(({ name, says, breaks, clients, undone, source }) =>
      [`${name}: ${says}`, `  breaks:        ${breaks}`, `  clients wait:  ${clients}`, `  undone:        ${undone}`, `  source:        ${source}`, ''].join('\n'),
    )
    .join('\n');
} // prettier-ignore
