// What people and programs see: progress and findings on standard error, the result on standard output; JSON lines with --json.
import { commandLine } from '../lib/host/shell.ts';
import type { Command, Goal } from './goal.ts';
import type { GoalState, Progress } from './reach.ts';
import { mayBeAccepted, say, type Report } from './reports.ts';
import { inWords, type Problem } from '../lib/yaml/read.ts';

export type Output = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly json: boolean;
};

export type Printer = {
  readonly goal: (progress: Progress, state: GoalState, lacks: readonly string[]) => void;
  readonly command: (command: Command, seconds: number, failed: string | undefined) => void;
  readonly problems: (file: string, problems: readonly Problem[]) => void;
  readonly reports: (heading: string, reports: readonly Report[]) => void;
  /** What was accepted, and what is only to be known. */
  readonly notes: (findings: { readonly accepted: readonly Report[]; readonly notes: readonly Report[] }) => void;
  readonly plan: (goals: readonly Planned[], difference: string | undefined) => void;
  /** What does not hold. */
  readonly drift: (goals: readonly Omit<Planned, 'commands'>[]) => void;
  readonly end: (outcome: string, sentence: string, details: object) => void;
};

/** A goal that does not hold, and what would be done. */
export type Planned = {
  readonly goal: Pick<Goal, 'id' | 'says'>;
  readonly lacks: readonly string[];
  readonly restarts?: readonly string[];
  readonly commands: readonly Command[];
};

/** Prints for people, or JSON lines for programs. */
export function printerTo(output: Output): Printer {
  return output.json ? jsonPrinter(output) : textPrinter(output);
}

function textPrinter({ out, err }: Output): Printer {
  const line = (text: string) => err(`${text}\n`);
  return {
    goal: ({ goal, n, of }, state, lacks) => {
      if (state === 'reached') return;
      line(`${String(n).padStart(2)}/${String(of)} ${goal.says}${stateText[state]}`);
      if (state === 'waits') for (const what of lacks) line(`      waits for --restart: ${what}`);
    },
    command: ({ on, says }, seconds, failed) =>
      line(`      ${on}: ${says} (${seconds.toFixed(1)} s)${failed === undefined ? '' : ': failed'}`),
    problems: (file, problems) => {
      line(`${file}: ${String(problems.length)} ${problems.length === 1 ? 'problem' : 'problems'}; nothing was done`);
      for (const problem of problems) line(`  ${inWords(problem)}`);
    },
    reports: (heading, reports) => {
      line(heading);
      for (const report of reports) {
        const { says, todo } = say(report);
        line(`  ${report.code}: ${says}\n    ${todo}`);
        if (mayBeAccepted(report.code)) line(`    To go on nevertheless: --accept ${report.code}`);
      }
    },
    notes: ({ accepted, notes }) => {
      for (const report of accepted) line(`accepted: ${report.code}: ${say(report).says}`);
      for (const report of notes) line(`note: ${report.code}: ${say(report).says}. ${say(report).todo}`);
    },
    plan: (goals, difference) => out(planText(goals, difference)),
    drift: (goals) => {
      for (const { goal, lacks } of goals)
        out([`${goal.id}: ${goal.says}`, ...lacks.map((what) => `  lacks: ${what}`), ''].join('\n'));
    },
    end: (_, sentence) => out(`${sentence}\n`),
  };
}

const stateText: Readonly<Record<GoalState, string>> = { holds: ': holds', begun: '', reached: '', waits: ': waits' };

function planText(goals: readonly Planned[], difference: string | undefined): string {
  const lines = goals.flatMap(({ goal, lacks, restarts, commands }) => [
    `${goal.id}: ${goal.says}`,
    ...lacks.map((what) => `  lacks: ${what}`),
    ...(restarts === undefined || restarts.length === 0
      ? []
      : [`  restarts: ${restarts.join(', ')} (only with --restart)`]),
    ...commands.map(({ on, says, run }) => `  ${on}: ${says}\n      ${shown(run)}`),
  ]);
  return (
    [
      ...lines,
      ...(difference === undefined ? [] : ['The difference that Pacemaker’s configuration would get:', difference]),
    ].join('\n') + '\n'
  );
}

/** A command line for reading: our own scripts are told by what they do, not by their text. */
function shown(run: Command['run']): string {
  return commandLine(run.map((word) => (word.includes('\n') || word.length > 160 ? '…' : word)));
}

const told = (report: Report) => ({ ...report, ...say(report), acceptable: mayBeAccepted(report.code) });

function jsonPrinter({ out }: Output): Printer {
  const line = (event: string, rest: object) => out(`${JSON.stringify({ event, ...rest })}\n`);
  return {
    goal: ({ goal, n, of }, state, lacks) => line('goal', { n, of, id: goal.id, says: goal.says, state, lacks }),
    command: ({ on, says, run }, seconds, failed) => line('command', { on, says, run, seconds, failed }),
    problems: (file, problems) => {
      for (const problem of problems) line('problem', { file, ...problem });
    },
    reports: (_, reports) => {
      for (const report of reports) line('report', told(report));
    },
    notes: ({ accepted, notes }) => {
      for (const report of accepted) line('accepted', told(report));
      for (const report of notes) line('note', told(report));
    },
    plan: (goals, difference) => {
      for (const { goal, lacks, restarts, commands } of goals) {
        line('plan', {
          id: goal.id,
          says: goal.says,
          lacks,
          restarts,
          commands: commands.map(({ on, says, run }) => ({ on, says, run })),
        });
      }
      if (difference !== undefined) line('difference', { cib: difference });
    },
    drift: (goals) => {
      for (const { goal, lacks, restarts } of goals) line('drift', { id: goal.id, says: goal.says, lacks, restarts });
    },
    end: (outcome, sentence, details) => line('end', { outcome, says: sentence, ...details }),
  };
}
