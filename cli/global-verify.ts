// The command line of `cfha global verify`.
import type { Argv } from 'yargs';
import { seconds, type Asked } from './verify.ts';

export function verifying(command: Argv, { terminal, ended }: Asked): Argv {
  return command.command(
    'verify',
    'Prove that a failover goes well: by what must be so, and by drills. On a third host, that reaches both sites by ssh',
    (one) =>
      reported(
        one
          .option('static', { type: 'boolean', default: false, describe: 'Look only: nothing is changed or broken' })
          .option('list', { type: 'boolean', default: false, describe: 'Say what each drill breaks, and how long clients wait' })
          .option('only', { type: 'string', default: '', describe: 'These drills, by name, separated by commas' })
          .option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' })
          .option('undo', { type: 'boolean', default: false, describe: 'Undo what an interrupted run has left' })
          .option('passfile', { type: 'string', describe: 'Has the check user’s password for both sites; database.passfile or ~/.pgpass, if left out' })
          .option('max-gap', { type: 'string', describe: 'Clients must not wait longer in any drill, as 30s' })
          .option('loss', { type: 'boolean', default: true, describe: '--no-loss: no acknowledged write may be lost' }),
      ),
    async ({ only, maxGap, loss, config, ...options }) => {
      const { verifyPairCommand } = await import('./commands/global-verify.ts');
      const maxGapSeconds = maxGap === undefined ? undefined : seconds(maxGap);
      if (Number.isNaN(maxGapSeconds)) {
        terminal().err(`cfha: --max-gap ${maxGap ?? ''} is no time: 30s, or 2min\n`);
        return ended(2);
      }
      const names = only.split(',').filter((name) => name !== '');
      ended(await verifyPairCommand({ ...options, config: typeof config === 'string' ? config : undefined, only: names, noLoss: !loss, maxGapSeconds }, terminal()));
    },
  );
} // prettier-ignore

function reported<T>(command: Argv<T>) {
  return command
    .option('all', { type: 'boolean', default: false, describe: 'Show what held, too (--static)' })
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
    .option('junit', { type: 'string', describe: 'Write the report into this file, as JUnit reads it' })
    .option('html', { type: 'string', describe: 'Write the report into this file, as one page for people' })
    .example('$0 global verify --static', 'what must be so, without breaking anything')
    .example('$0 global verify --only switchover', 'one drill, after you have typed the first site’s name')
    .example('$0 global verify --yes --html report.html', 'all drills, and the report')
    .epilogue('Exit code: 0 all held, 1 one did not, 2 could not run, 130 interrupted (and undone). docs/global.md has the drills.');
} // prettier-ignore
