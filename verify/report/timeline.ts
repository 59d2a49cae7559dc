// A drill drawn: the writes of its client second by second, when which node took writes, what was done, and the phases. SVG, pure.
import type { Played } from '../drills/result.ts';
import { element, escaped } from './markup.ts';

const width = 960;
const left = 70;
const right = 20;
const plot = { top: 46, height: 90 };
const row = 16;

type Scale = (ms: number) => number;

type Point = readonly [x: number, y: number];

function text([x, y]: Point, words: string, more: Readonly<Record<string, string | number>>): string {
  return element('text', { x: round(x), y: round(y), ...more }, escaped(words));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Bars of acknowledged writes; a second without one is a gap that is seen. */
function bars({ perSecond, beganMs }: Played, x: Scale): readonly string[] {
  const most = Math.max(1, ...perSecond);
  const wide = Math.max(0.5, x(beganMs + 1000) - x(beganMs) - 0.5);
  const bottom = plot.top + plot.height;
  return perSecond.map((count, second) => {
    const tall = (count / most) * plot.height;
    const from = round(x(beganMs + second * 1000));
    return count === 0
      ? element('rect', { class: 'gap', x: from, y: plot.top, width: round(wide), height: plot.height })
      : element('rect', { class: 'writes', x: from, y: round(bottom - tall), width: round(wide), height: round(tall) });
  });
}

/** Ticks at a distance that leaves room for their words. */
function axis({ measure, beganMs, brokenMs }: Played, x: Scale): readonly string[] {
  const zero = brokenMs ?? beganMs;
  const step = [1, 2, 5, 10, 20, 30, 60, 120].find((one) => measure.seconds / one <= 14) ?? 300;
  const first = Math.ceil((beganMs - zero) / 1000 / step);
  const last = Math.floor((beganMs - zero + measure.seconds * 1000) / 1000 / step);
  const bottom = plot.top + plot.height;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => (first + n) * step).flatMap((second) => {
    const at = round(x(zero + second * 1000));
    return [
      element('line', { class: 'tick', x1: at, x2: at, y1: bottom, y2: bottom + 4 }),
      text([at, bottom + 15], `${String(second)} s`, { class: 'small', 'text-anchor': 'middle' }),
    ];
  });
}

/** What was broken, and the phases: lines whose words alternate in height, so that near ones can be read. */
function moments(played: Played, x: Scale): readonly string[] {
  const broken = played.brokenMs === undefined ? [] : [{ phase: 'broken', atMs: played.brokenMs, evidence: '' }];
  const healthy = played.healthyMs === undefined ? [] : [{ phase: 'healthy', atMs: played.healthyMs, evidence: '' }];
  return [...broken, ...played.phases, ...healthy].flatMap(({ phase, atMs, evidence }, n) => {
    const at = round(x(atMs));
    const title = element('title', {}, escaped(`${phase} ${evidence}`));
    return [
      element('line', { class: phase === 'broken' ? 'broken' : 'phase', x1: at, x2: at, y1: 14 + (n % 3) * 11, y2: plot.top + plot.height }, title), // prettier-ignore
      // near the right edge its word stands before it
      text([at > width - 80 ? at - 3 : at + 3, 22 + (n % 3) * 11], phase, { class: 'small', 'text-anchor': at > width - 80 ? 'end' : 'start' }), // prettier-ignore
    ];
  });
}

function spans({ spans: all }: Played, nodes: readonly string[], x: Scale): readonly string[] {
  const top = plot.top + plot.height + 26;
  return nodes.flatMap((node, n) => [
    text([left - 6, top + n * row + 10], node, { class: 'small', 'text-anchor': 'end' }),
    ...all
      .filter((span) => span.node === node)
      .map(({ fromMs, toMs }) => element('rect', { class: 'writable', x: round(x(fromMs)), y: top + n * row, width: round(Math.max(1, x(toMs) - x(fromMs))), height: row - 4 }, element('title', {}, escaped(`${node} took writes`)))), // prettier-ignore
  ]);
}

export function timelineSvg(played: Played, nodes: readonly string[]): string {
  const { beganMs, measure } = played;
  const end = Math.max(beganMs + measure.seconds * 1000, played.healthyMs ?? 0);
  const x: Scale = (ms) => left + ((Math.min(Math.max(ms, beganMs), end) - beganMs) / Math.max(1, end - beganMs)) * (width - left - right); // prettier-ignore
  const height = plot.top + plot.height + 30 + nodes.length * row;
  const label = `writes per second: longest gap ${measure.longestGap.toFixed(1)} s`;
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${String(width)} ${String(height)}`, role: 'img', 'aria-label': label },
    text([left - 6, plot.top + 10], String(Math.max(0, ...played.perSecond)), { class: 'small', 'text-anchor': 'end' }),
    text([left - 6, plot.top + plot.height], 'writes/s 0', { class: 'small', 'text-anchor': 'end' }),
    ...bars(played, x),
    ...axis(played, x),
    ...spans(played, nodes, x),
    ...moments(played, x),
  ); // prettier-ignore
}
