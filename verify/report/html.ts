// The report as one HTML file that needs nothing else: verdict, what to fix, a timeline per drill, the evidence, what it was made on. Pure.
import { decides } from '../checks.ts';
import type { DrillResult, Played } from '../drills/result.ts';
import type { Judged } from '../judgement.ts';
import type { Findings, Outcome } from '../run.ts';
import { countsText } from '../static-text.ts';
import { element as e, escaped, shown } from './markup.ts';
import { phasesText, verdictOf } from './text.ts';
import { timelineSvg } from './timeline.ts';

const style = `body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:1000px;padding:0 1em;color:#1b1f24;background:#fff}
h1{font-size:1.6em}h2{margin-top:2em;border-bottom:1px solid #d0d7de}h3{margin:1.6em 0 .3em}
table{border-collapse:collapse;width:100%;font-size:.9em}td,th{text-align:left;vertical-align:top;padding:.25em .6em;border-bottom:1px solid #e4e8ec}
.held{color:#116329}.broken-verdict,.bad{color:#a40e26;font-weight:600}.skipped{color:#57606a}.verdict{padding:.8em 1em;border-radius:6px;font-size:1.1em}
.verdict.ok{background:#dafbe1}.verdict.no{background:#ffebe9}
svg{width:100%;height:auto;background:#fbfcfd;border:1px solid #e4e8ec}svg text{font:12px system-ui,sans-serif;fill:#1b1f24}svg .small{font-size:10px}
.writes{fill:#4493f8}.gap{fill:#ffcecb}.writable{fill:#4ac26b}.tick{stroke:#8c959f}.broken{stroke:#a40e26;stroke-width:2}.phase{stroke:#6e40c9;stroke-dasharray:3 2}
pre{font-size:11px;overflow:auto;background:#f6f8fa;padding:.6em;max-height:24em}code{font-size:.95em}
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}svg{background:#f6f8fa}.verdict{color:#1b1f24}pre{background:#161b22}}`;

export function table(rows: readonly (readonly string[])[], head: readonly string[] = []): string {
  const top = head.length === 0 ? '' : e('tr', {}, ...head.map((cell) => e('th', {}, escaped(cell))));
  return e('table', {}, top, ...rows.map((row) => e('tr', {}, ...row.map((cell) => e('td', {}, cell)))));
}

function list(lines: readonly string[], kind = ''): string {
  return lines.length === 0 ? '' : e('ul', { class: kind }, ...lines.map((line) => e('li', {}, escaped(line))));
}

const classes = { held: 'held', broken: 'broken-verdict', refused: 'skipped', 'not played': 'broken-verdict' } as const;

function figures({ measure, primaryAfter, healthyMs, brokenMs, phases }: Played, before: string): string {
  const two = healthyMs === undefined || brokenMs === undefined ? 'not in its time' : `after ${((healthyMs - brokenMs) / 1000).toFixed(0)} s`; // prettier-ignore
  return table([
    ['longest gap', `${measure.longestGap.toFixed(1)} s${phases.length === 0 ? '' : `: ${escaped(phasesText(phases))}`}`],
    ['writes', `${String(measure.acknowledged)} acknowledged, ${String(measure.failed)} failed, ${String(measure.uncertain)} uncertain (${String(measure.uncertainKept)} of them are there), <b>${measure.lost === undefined ? 'unknown' : String(measure.lost)} lost</b>, ${String(measure.duplicated)} duplicated`],
    ['primary', escaped(`${before} → ${primaryAfter ?? 'none'}`)],
    ['healthy without a person', two],
  ]); // prettier-ignore
}

function logText({ lines, brokenMs, beganMs }: Played): string {
  const zero = brokenMs ?? beganMs;
  return lines.map(({ atMs, node, text }) => `${((atMs - zero) / 1000).toFixed(3).padStart(9)} s ${node} ${text}`).join('\n'); // prettier-ignore
}

function drillSection({ name, says, verdict, because, notes, played, primaryBefore }: DrillResult, nodes: readonly string[]): string {
  const head = e('h3', { id: name }, escaped(`${name}: `), e('span', { class: classes[verdict] }, escaped(verdict)));
  const reasons = list(because, verdict === 'refused' ? 'skipped' : 'bad');
  if (played === undefined) return head + e('p', {}, escaped(says)) + reasons;
  const steps = played.steps.map(({ says: step, atMs, failed }) => [`${((atMs - played.beganMs) / 1000).toFixed(1)} s`, escaped(step), failed === undefined ? '' : escaped(failed)]);
  return [
    head, e('p', {}, escaped(says)), reasons, timelineSvg(played, nodes), figures(played, primaryBefore), list(notes),
    e('details', {}, e('summary', {}, 'What was done, and what the nodes’ journals say (seconds since it was broken)'), table(steps), e('pre', {}, escaped(logText(played)))),
  ].join('\n');
} // prettier-ignore

function checkRows(checks: readonly Judged[]): string {
  const rows = checks.map((check) => {
    const { code, severity, verdict, says, evidence } = check;
    const kind = decides(check) ? 'broken-verdict' : verdict === 'held' ? 'held' : 'skipped';
    return [e('code', {}, escaped(code)), severity, e('span', { class: kind }, verdict), escaped(says), escaped(evidence.join('; '))];
  });
  return table(rows, ['code', 'severity', 'verdict', 'what must be so', 'evidence']);
} // prettier-ignore

function toFix({ checks, drills, changed }: Findings): string {
  const broken = checks.filter(({ verdict }) => verdict === 'broken').map(({ code, evidence, remedy }) => `${code}: ${evidence.join('; ')}. To do: ${remedy}`); // prettier-ignore
  const bad = drills
    .filter(({ verdict }) => verdict === 'broken')
    .map(({ name, because }) => `drill ${name}: ${because.join('; ')}`);
  const all = [...broken, ...bad, ...(changed ?? []).map((line) => `not as it was: ${line}`)];
  return all.length === 0 ? e('p', {}, 'Nothing.') : list(all);
}

function configuration({ facts: { cib, nodes } }: Outcome): string {
  const versions = nodes.map(({ node, versions: of }) => [escaped(node), ...['postgres', 'pacemaker', 'corosync', 'cfha'].map((what) => escaped(of[what] ?? ''))]);
  const pairs = (of: Readonly<Record<string, string>>) => Object.entries(of).map(([name, value]) => [e('code', {}, escaped(name)), escaped(shown(name, value))]);
  const resources = cib.primitives.map(({ id, agent, attributes }) => e('h3', {}, escaped(`${id} (${agent})`)) + table(pairs(attributes)));
  return [table(versions, ['node', 'PostgreSQL', 'Pacemaker', 'Corosync', 'cfha']), e('h3', {}, 'Cluster properties'), table(pairs(cib.properties)), ...resources].join('\n');
} // prettier-ignore

/** What a page tells besides the findings. */
export type Page = {
  readonly title: string;
  /** Those whose writes are drawn. */
  readonly nodes: readonly string[];
  /** HTML. */
  readonly configuration: string;
};

export function pageOfRegion(outcome: Outcome, region: string): Page {
  const nodes = outcome.facts.cib.view.nodes.map(({ name }) => name);
  return { title: `cfha verify: region ${region}`, nodes, configuration: configuration(outcome) };
}

export function htmlReport(findings: Findings, { title, nodes, configuration: setting }: Page): string {
  const { code, says } = verdictOf(findings);
  const { drills, checks, beganMs, endedMs } = findings;
  const when = `${new Date(beganMs).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${((endedMs - beganMs) / 60_000).toFixed(1)} minutes`;
  const summary = drills.map(({ name, verdict, played }) => [e('a', { href: `#${name}` }, name), e('span', { class: classes[verdict] }, verdict), played === undefined ? '' : `${played.measure.longestGap.toFixed(1)} s`, played?.measure.lost === undefined ? '' : String(played.measure.lost)]);
  const body = [
    e('h1', {}, escaped(title)),
    e('p', {}, escaped(when)),
    e('p', { class: code === 0 ? 'verdict ok' : 'verdict no' }, escaped(says)),
    e('h2', {}, 'What to fix'), toFix(findings),
    ...(drills.length === 0 ? [] : [e('h2', {}, 'Drills'), table(summary, ['drill', 'verdict', 'longest gap', 'lost']), ...drills.map((drill) => drillSection(drill, nodes))]),
    e('h2', {}, 'Checks'), e('p', {}, escaped(countsText(checks))), checkRows(checks),
    e('h2', {}, 'Versions and configuration'), setting,
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head>\n<body>\n${body.join('\n')}\n</body></html>\n`;
} // prettier-ignore
