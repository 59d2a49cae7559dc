// The part `simulation` of scripts/test: the agent's rules hold, and rules that are known to lose are seen to lose.
import { countsLine } from '../run/counts.ts';
import { scheduleOf, type Wanted } from './schedule.ts';
import { rules } from './invariants.ts';
import type { Variant } from './rules.ts';
import { simulate } from './simulate.ts';
import { runAll } from './threads.ts';

const schedules = 20_000;

type Test = { readonly says: string; readonly passes: () => Promise<string | undefined> };

async function holds(): Promise<string | undefined> {
  const { found } = await runAll({ from: 1, schedules, jobs: 2, variant: 'ours', wanted: {} });
  return found.length === 0
    ? undefined
    : found.map(({ seed, rule, text }) => `seed ${seed}: ${rule}: ${text}`).join('\n');
}

const within = 10_000;
const losses: readonly string[] = [rules.lost, rules.diverged, rules.timeline, rules.twoPrimaries];

/** `but`: rules that differ in one thing only, and must hold in the same schedule: then that thing made the difference. */
type Held = { readonly but?: Variant; readonly rules?: readonly string[] };

function loses(
  variant: Variant,
  wanted: Wanted,
  { but, rules: found = losses }: Held = {},
): Promise<string | undefined> {
  for (let seed = 1; seed <= within; seed++) {
    const { violation } = simulate(scheduleOf(seed, wanted), { variant });
    if (violation === undefined || !found.includes(violation.rule)) continue;
    if (but !== undefined && simulate(scheduleOf(seed, wanted), { variant: but }).violation !== undefined) continue;
    process.stdout.write(`   seed ${seed}: ${violation.rule}: ${violation.text}\n`);
    return Promise.resolve(undefined);
  }
  return Promise.resolve(`${within} schedules, and no loss was found`);
}

/** One seed is one schedule, whatever ran before. */
function repeats(): Promise<string | undefined> {
  const told = (): string => simulate(scheduleOf(7), { told: true }).story.join('\n');
  const first = told();
  simulate(scheduleOf(8));
  return Promise.resolve(told() === first ? undefined : 'seed 7 told two stories');
}

const tests: readonly Test[] = [
  { says: 'a seed tells the same story again', passes: repeats },
  { says: `the agent’s rules hold in ${schedules} schedules`, passes: holds },
  { says: 'going alone without proof loses commits', passes: () => loses('pgsql-alone', { mode: 'sync' }) },
  {
    says: 'a record before the standby has caught up loses commits',
    passes: () => loses('names-first', { mode: 'sync' }),
  },
  {
    says: 'a server that runs is taken for the primary loses commits',
    passes: () => loses('running-is-primary', {}, { but: 'ours', rules: [rules.lost] }),
  },
  {
    says: 'an election by position alone takes a wrong history, where one that knows it does not',
    passes: () => loses('lsn-only', { mode: 'async' }, { but: 'pgsql-alone' }),
  },
];

const counts = { passed: 0, failed: 0 };
for (const { says, passes } of tests) {
  const problem = await passes();
  counts[problem === undefined ? 'passed' : 'failed']++;
  process.stdout.write(
    `${problem === undefined ? 'ok  ' : 'FAIL'} ${says}\n${problem === undefined ? '' : `${problem}\n`}`,
  );
}
process.stdout.write(`${countsLine(counts)}\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
