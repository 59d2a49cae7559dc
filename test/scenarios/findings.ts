// Every finding is provoked once on real servers: it is told with its code and its sentence, and nothing is changed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './bad-input.ts';
import { fingerprintOfRegion } from './drift.ts';
import { provocations, type Provocation } from './provocations.ts';
import type { Scenario } from './scenario.ts';
import { begin, type Stage, type State } from './stage.ts';
import { expect } from './waiting.ts';

type Told = Readonly<{ event: string; code?: string; says?: string }>;

function edited(text: string, all: readonly Provocation[]): string {
  return all
    .flatMap(({ file = [] }) => file)
    .reduce((before, [from, to]) => {
      const after = before.replace(from, to);
      expect(after !== before, `the region file has no ${String(from)}`);
      return after;
    }, text);
}

// What a running region changes by itself is not looked at.
const prints = { bare: fingerprint, bootstrapped: fingerprintOfRegion } as const satisfies Record<State, unknown>;

async function provoked(stage: Stage, from: State, all: readonly Provocation[]): Promise<readonly Told[]> {
  await begin(stage, from);
  const [first, second] = stage.nodes;
  for (const { there, here } of all) {
    if (there !== undefined) await stage.must(second, ['sh', '-euc', there]);
    if (here !== undefined) await stage.must(first, ['sh', '-euc', here]);
  }
  const path = join(stage.region.folder, 'provoked.yaml');
  writeFileSync(path, edited(stage.region.text, all));
  const print = prints[from];
  const before = await print(stage);
  const { code, stdout, stderr } = await stage.on('admin', [stage.cfha, 'bootstrap', path, '--json']);
  expect(code === 2, `exit code ${String(code)}, not 2:\n${stdout}${stderr}`);
  expect((await print(stage)) === before, `something was changed:\n${stdout}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Told);
}

/** Whether a sentence is the one that was expected, where … stands for anything. */
export function isSentence(says: string, expected: string): boolean {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(says);
}

/** What is wrong with how a finding was told; a row of the table is printed. */
function judged(stage: Stage, { code, by, says }: Provocation, events: readonly Told[]): readonly string[] {
  const told = events.filter((one) => one.code === code).map((one) => one.says ?? '');
  const right = told.find((one) => isSentence(one, says));
  stage.say(`| ${code.padEnd(22)} | ${by.padEnd(41)} | ${right ?? `NOT ${says}`}`);
  if (right !== undefined) return [];
  return [`${code} (${by}): ${told.length === 0 ? events.map((one) => one.code ?? one.event).join(', ') : told.join('; ')}`];
} // prettier-ignore

/** Provokes them all, prints the table, and fails with what was not told, or in other words. */
async function play(stage: Stage): Promise<void> {
  const wrong: string[] = [];
  for (const { from, all } of provocations) {
    const events = await provoked(stage, from, all);
    wrong.push(...all.flatMap((one) => judged(stage, one, events)));
  }
  stage.say(`${String(provocations.flatMap(({ all }) => all).length - wrong.length)} findings provoked and told`);
  expect(wrong.length === 0, `not told, or in other words:\n${wrong.join('\n')}`);
}

export const everyFinding: Scenario = {
  name: 'every finding, provoked, is told with its code and its sentence, and nothing is changed',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
