// scripts/test: which parts, in which extent; runs the quick checks two at a time, the others one after the other, and counts.
import { parseArgs } from 'node:util';
import { countsLine, sum, type Counts } from './counts.ts';
import { buildExecutable, cleanUp, parts, usesTestbed, type Part } from './parts.ts';
import { perform, runQuietly } from './perform.ts';

const usage = `scripts/test [--fast | --only NAME | --full | --list]

  (nothing)    every fast part, and the core of every other part that has one: at most 40 minutes
  --fast       the parts that need no testbed: under 2 minutes
  --only NAME  one part, whole; may be given more than once
  --full       every part, whole, however long
  --list       the names of the parts

A part that cannot run here fails. The last line is always "Tests: N passed, N failed".`;

type Choice = Readonly<{ chosen: readonly Part[]; whole: boolean }>;

function read(argv: readonly string[]): Choice | string {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      fast: { type: 'boolean' },
      full: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return usage;
  if (values.list) return parts.map((part) => `${part.name.padEnd(14)}${part.title}`).join('\n');
  const names = values.only ?? [];
  const unknown = names.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined) throw new Error(`no part ${unknown}; scripts/test --list`);
  if (names.length > 0) return { chosen: parts.filter((part) => names.includes(part.name)), whole: true };
  if (values.fast) return { chosen: parts.filter((part) => part.fast), whole: false };
  const whole = values.full ?? false;
  return { chosen: parts.filter(({ core }) => whole || core !== undefined), whole };
}

type Result = Readonly<{ part: Part; counts: Counts; seconds: number }>;

const heading = (part: Part): string => `== ${part.name}: ${part.title}\n`;

async function timed(part: Part, whole: boolean): Promise<Result> {
  const start = performance.now();
  const counts = await perform(part, whole);
  return { part, counts, seconds: (performance.now() - start) / 1000 };
}

async function shown(part: Part, whole: boolean): Promise<Result> {
  process.stdout.write(heading(part));
  const result = await timed(part, whole);
  process.stdout.write(`   ${summary(result)}\n`);
  return result;
}

/** The checks that say nothing while they run, each on one processor: two at a time. */
async function runChecks(checks: readonly Part[], whole: boolean): Promise<readonly Result[]> {
  const waiting = [...checks];
  const results: Result[] = [];
  const lane = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const result = interrupted ? notRun(part) : await timed(part, whole);
      process.stdout.write(`${heading(part)}   ${summary(result)}\n`);
      results.push(result);
    }
  };
  await Promise.all([lane(), lane()]);
  return results;
}

let interrupted = false;

function notRun(part: Part): Result {
  return { part, counts: { passed: 0, failed: 1 }, seconds: 0 };
}

function summary({ part, counts, seconds }: Result): string {
  return `${part.name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds.toFixed(1)} s`;
}

/** The part `build` builds by itself. */
async function isBuilt(chosen: readonly Part[]): Promise<boolean> {
  if (chosen.every(({ fast }) => fast) || chosen.some(({ name }) => name === 'build')) return true;
  process.stdout.write('building dist/cfha\n');
  return runQuietly(buildExecutable);
}

const isCheck = ({ counting }: Part): boolean => counting === 'as one';

const judgement = (result: Result): string => `   ${result.counts.failed > 0 ? 'FAIL' : 'ok  '} ${summary(result)}\n`;

async function runAll({ chosen, whole }: Choice): Promise<Counts> {
  if (!(await isBuilt(chosen))) return { passed: 0, failed: 1 };
  const results = [...(await runChecks(chosen.filter(isCheck), whole))];
  for (const part of chosen.filter((each) => !isCheck(each)))
    results.push(interrupted ? notRun(part) : await shown(part, whole));
  if (chosen.some(usesTestbed) && process.getuid?.() === 0) await runQuietly(cleanUp);
  process.stdout.write(`== all parts\n${results.map(judgement).join('')}`);
  return sum(results.map(({ counts }) => counts));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true; // the part that runs gets the signal as well and ends
  });
}

try {
  const choice = read(process.argv.slice(2));
  if (typeof choice === 'string') {
    process.stdout.write(`${choice}\n`);
  } else {
    const counts = await runAll(choice);
    process.stdout.write(`${countsLine(counts)}\n`);
    process.exitCode = counts.failed > 0 ? 1 : 0;
  }
} catch (error) {
  process.stderr.write(`scripts/test: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
