// The same file twice: what differs between two regions is what differs between their files.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { begin, untilHealthy, type Stage } from './stage.ts';
import type { Scenario } from './scenario.ts';
import { expect } from './waiting.ts';

/** What the second region is called, where the first is called something else. */
const renamed = [
  ['dc1', 'dc2'],
  ['10.77.0.100', '10.77.0.150'],
  ['vmdb_production', 'vmdb_second'],
] as const;

// The machines are those of the testbed, and their names begin with dc1 in both.
const machine = 'dc1-';

function inOtherWords(text: string): string {
  return renamed.reduce((all, [from, to]) => all.replaceAll(new RegExp(`${from}(?!-)`, 'g'), to), text);
}

/** Every initdb has an identifier of its own, which the nodes' record of the timeline names. */
const systemIdentifier = /(postgresql-timeline" value="[0-9A-F]{8}-)\d+/g;

async function configuration(stage: Stage): Promise<string> {
  await untilHealthy(stage, 60);
  const text = await stage.must(stage.nodes[0], ['cibadmin', '--query', '--scope=configuration']);
  return text.replaceAll(systemIdentifier, '$1SYSTEM');
}

async function built(stage: Stage, text: string): Promise<string> {
  const path = join(stage.region.folder, 'twin.yaml');
  writeFileSync(path, text);
  const made = await stage.on('admin', [stage.cfha, 'bootstrap', path]);
  expect(made.code === 0, `exit code ${String(made.code)}\n${made.stdout}${made.stderr}`);
  return configuration(stage);
}

function firstDifference(a: string, b: string): string {
  const [as, bs] = [a.split('\n'), b.split('\n')];
  const at = as.findIndex((line, i) => line !== bs[i]);
  return `line ${at + 1}:\n${as[at] ?? '(end)'}\n${bs[at] ?? '(end)'}`;
}

async function play(stage: Stage): Promise<void> {
  const one = await built(stage, stage.region.text);
  await begin(stage, 'bare');
  const same = await built(stage, stage.region.text);
  expect(one === same, `the same file, and another configuration, ${firstDifference(one, same)}`);
  await begin(stage, 'bare');
  const other = await built(stage, inOtherWords(stage.region.text));
  expect(other !== one && one.includes(machine), 'the regions do not differ at all');
  const expected = inOtherWords(one);
  expect(other === expected, `not only names and addresses differ, ${firstDifference(other, expected)}`);
  stage.say(`three regions: ${one.split('\n').length} lines of configuration, byte by byte the same but for ${renamed.map(([, to]) => to).join(', ')}`); // prettier-ignore
}

export const twins: Scenario = {
  name: 'the same file makes the same configuration, byte by byte; another name and another address are all that differs',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
