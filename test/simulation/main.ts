// scripts/simulate: one schedule as a story, or many, counted.
import { parseArgs } from 'node:util';
import { isVariant, variants, type Variant } from './rules.ts';
import { inWords, scheduleOf, type Mode, type Wanted } from './schedule.ts';
import { shrink } from './shrink.ts';
import { simulate, type Result } from './simulate.ts';
import { runAll } from './threads.ts';
import type { Tally } from './tally.ts';

const usage = `scripts/simulate (--seed N | --schedules N) [--from SEED] [--jobs N] [--rules NAME]
                 [--nodes 2..5] [--mode sync|async|quorum] [--shrink] [--json]

Plays the agent's own rules in simulated regions, with faults, and checks after every step that nothing is lost.

  --seed N       one schedule, told as a story
  --schedules N  so many schedules, counted; ends with 1 if a rule was broken
  --from SEED    the first seed (1)
  --jobs N       threads (2)
  --shrink       tell the first schedule that breaks a rule with as few faults as do it
  --rules NAME   ${Object.entries(variants)
    .map(([name, what]) => `${name.padEnd(13)}${what}`)
    .join('\n                 ')}
  --nodes, --mode  instead of what the seed draws; quorum is sync with synchronous_standbys=1
  --json         the result as JSON

Examples:
  scripts/simulate --seed 42
  scripts/simulate --schedules 1000000 --jobs 2
  scripts/simulate --schedules 10000 --rules pgsql-alone --mode sync --shrink`;

const options = {
  seed: { type: 'string' },
  schedules: { type: 'string' },
  from: { type: 'string', default: '1' },
  jobs: { type: 'string', default: '2' },
  rules: { type: 'string', default: 'ours' },
  nodes: { type: 'string' },
  mode: { type: 'string' },
  shrink: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Asked = {
  readonly seed: number | undefined;
  readonly schedules: number;
  readonly from: number;
  readonly jobs: number;
  readonly variant: Variant;
  readonly wanted: Wanted;
  readonly shrink: boolean;
  readonly json: boolean;
};

class UsageError extends Error {}

function number(name: string, text: string, [low, high]: readonly [number, number]): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high)
    throw new UsageError(`--${name} "${text}" is no number from ${low} to ${high}`);
  return value;
}

function modeOf(text: string): Mode {
  if (text === 'sync' || text === 'async' || text === 'quorum') return text;
  throw new UsageError(`--mode "${text}" is none of sync, async, quorum`);
}

function wantedOf({ nodes, mode }: { nodes?: string | undefined; mode?: string | undefined }): Wanted {
  return {
    nodes: nodes === undefined ? undefined : number('nodes', nodes, [2, 5]),
    mode: mode === undefined ? undefined : modeOf(mode),
  };
}

const most = 1e9;

function read(argv: readonly string[]): Asked | undefined {
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help || (values.seed === undefined && values.schedules === undefined)) return undefined;
  if (!isVariant(values.rules)) throw new UsageError(`--rules "${values.rules}": ${Object.keys(variants).join(', ')}`);
  return {
    seed: values.seed === undefined ? undefined : number('seed', values.seed, [0, most]),
    schedules: number('schedules', values.schedules ?? '1', [1, most]),
    from: number('from', values.from, [0, most]),
    jobs: number('jobs', values.jobs, [1, 64]),
    variant: values.rules,
    wanted: wantedOf(values),
    shrink: values.shrink,
    json: values.json,
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function tellStory({ schedule, story, violation, counts }: Result): void {
  print(`seed ${schedule.seed}: ${schedule.nodes} nodes, ${schedule.mode}`);
  for (const fault of schedule.faults) print(`  at ${(fault.at / 1000).toFixed(2)}: ${inWords(fault)}`);
  for (const line of story) print(line);
  print(
    Object.entries(counts)
      .map(([what, n]) => `${what} ${n}`)
      .join(', '),
  );
  print(violation === undefined ? 'no rule was broken' : `broken: ${violation.rule}: ${violation.text}`);
}

function one(asked: Asked & { readonly seed: number }): number {
  const result = simulate(scheduleOf(asked.seed, asked.wanted), { variant: asked.variant, told: true });
  const told = asked.shrink && result.violation !== undefined ? shrink(result, asked.variant) : result;
  if (asked.json) print(JSON.stringify(told));
  else tellStory(told);
  return result.violation === undefined ? 0 : 1;
}

function list(title: string, counts: Readonly<Record<string, number>>): string {
  const lines = Object.entries(counts).map(([what, n]) => `  ${what.padEnd(36)}${n.toString().padStart(12)}`);
  return [title, ...lines].join('\n');
}

function summary(tally: Tally, seconds: number): string {
  const rules = new Set(tally.found.map(({ rule, mode }) => `${rule} (${mode})`));
  const broken = [...rules].map((name) => {
    const found = tally.found.filter(({ rule, mode }) => `${rule} (${mode})` === name);
    return `  ${name}: ${found.length}, seeds ${found
      .slice(0, 10)
      .map(({ seed }) => seed)
      .join(' ')}`;
  });
  return [
    list(`${tally.schedules} schedules in ${seconds.toFixed(0)} s`, tally.counts),
    list('faults', tally.faults),
    list('waited for a person', tally.waitsForPerson),
    broken.length === 0 ? 'no rule was broken' : ['broken', ...broken].join('\n'),
  ].join('\n');
}

async function many(asked: Asked): Promise<number> {
  const begun = performance.now();
  const progress = (sum: Tally): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${sum.schedules} schedules, ${sum.found.length} broken `);
  };
  const tally = await runAll({ ...asked, progress });
  const seconds = (performance.now() - begun) / 1000;
  print(asked.json ? JSON.stringify({ ...tally, seconds }) : summary(tally, seconds));
  const [first] = tally.found.toSorted((a, b) => a.seed - b.seed);
  if (first !== undefined && asked.shrink) one({ ...asked, seed: first.seed });
  return first === undefined ? 0 : 1;
}

try {
  const asked = read(process.argv.slice(2));
  if (asked === undefined) print(usage);
  else process.exitCode = asked.seed === undefined ? await many(asked) : one({ ...asked, seed: asked.seed });
} catch (error) {
  const expected = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!expected) throw error;
  process.stderr.write(`${error.message}\nscripts/simulate --help\n`);
  process.exitCode = 2;
}
