// The command lines of `cfha global`: the pair of sites without a cluster manager. Each is loaded when it is called.
import type { Argv } from 'yargs';
import type { Outside } from './outside.ts';
import { seconds, type Asked } from './verify.ts';

const jobs = {
  'archive-wal [path] [name]': 'archive_command: keep a WAL file (on the first site)',
  'check-start': 'Boot of the first site: start the database unless the second is the primary',
  'check-access': 'Boot of the second site: open the port if it is the primary',
  'check-promote': 'Second site: count failures of the first, and take over at the limit',
  'standby-initialize': 'Second site: replace the data by a copy of the first, and follow it',
  'standby-release': 'Failback, first step, on the second site: close, stop, send the data to the first',
  'primary-initialize': 'Failback, second step, on the first site: take these data and start',
} as const;

export function withGlobal(program: Argv, outside: Outside & Asked): Argv {
  return program.command('global', 'Two sites without a cluster manager', (command) =>
    verifying(sites(returning(administrators(withJobs(command, outside), outside), outside), outside), outside)
      .option('config', {
        type: 'string',
        default: '/etc/cfha/global.yaml',
        describe: 'The file that describes the pair',
      })
      .demandCommand(1, 'Name a command; cfha global --help lists them.'),
  );
}

function withJobs(command: Argv, { terminal, ended }: Outside): Argv {
  return Object.entries(jobs).reduce(
    (all, [name, says]) =>
      all.command(name, says, asText, async ({ path, name: file, config }) => {
        const { jobCommand } = await import('./commands/global.ts');
        const rest = [path, file].flatMap((one) => one ?? []);
        ended(await jobCommand(name.split(' ')[0] ?? '', { config: text(config), rest }, terminal()));
      }),
    command,
  );
}

/** The name of a WAL file looks like a number. */
const asText = (one: Argv) => one.positional('path', { type: 'string' }).positional('name', { type: 'string' });

function administrators(command: Argv, { terminal, ended }: Outside): Argv {
  return command
    .command(
      'import [file]',
      'Print a global.yaml that says what /etc/sysconfig/pgsql-replication says',
      (one) => one.positional('file', { type: 'string', default: '/etc/sysconfig/pgsql-replication' }),
      async ({ file }) => {
        const { importCommand } = await import('./commands/global-import.ts');
        ended(await importCommand(file, terminal()));
      },
    )
    .command(
      'install',
      'Check the file, and make what starts with this host: units, logs, names of the jobs',
      (one) => one.option('cron', { type: 'boolean', default: false, describe: 'Check each minute, from cron' }),
      async ({ cron, config }) => {
        const { installCommand } = await import('./commands/global.ts');
        ended(await installCommand({ cron, config: text(config) }, terminal()));
      },
    )
    .command(
      'status',
      'Both sites: may I write, how far is the standby, what should I do',
      (one) => one.option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' }),
      async ({ json, config }) => {
        const { statusCommand } = await import('./commands/global.ts');
        ended(await statusCommand({ json, config: text(config) }, terminal()));
      },
    );
}

function returning(command: Argv, { terminal, ended }: Outside): Argv {
  return command
    .command(
      'rejoin',
      'Make this site a standby of the other again: by a rewind if that is possible, else by a new copy',
      (one) =>
        one
          .option('clone', { type: 'boolean', default: false, describe: 'By a new copy, whatever is there' })
          .option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' }),
      async ({ clone, yes, config }) => {
        const { rejoinCommand } = await import('./commands/global-return.ts');
        ended(await rejoinCommand({ clone, yes, config: text(config) }, terminal()));
      },
    )
    .command(
      'switchover',
      'On the standby: take over from the primary in order, without losing anything',
      (one) => one.option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' }),
      async ({ yes, config }) => {
        const { switchoverCommand } = await import('./commands/global-return.ts');
        ended(await switchoverCommand({ yes, config: text(config) }, terminal()));
      },
    )
    .command(['hand-over', 'take-back'], false, {}, async ({ _, config }) => {
      const { partnerCommand } = await import('./commands/global-return.ts');
      ended(await partnerCommand(String(_.at(-1)), { config: text(config) }, terminal()));
    });
}

function sites(command: Argv, { terminal, ended }: Outside): Argv {
  return ['watch', 'keeper', 'prune', 'gate make'].reduce(
    (all, name) =>
      all.command(name === 'gate make' ? 'gate <what>' : name, says[name as keyof typeof says], {}, async (options) => {
        const { serviceCommand } = await import('./commands/global.ts');
        ended(await serviceCommand(name, { config: text(options['config']) }, terminal()));
      }),
    command,
  );
}

const says = {
  watch: 'The service of a site: look, decide, act, again and again',
  keeper: 'The service of a witness, and of a site as a witness of the other',
  prune: 'Remove files of the WAL archive that are older than archive.days',
  'gate make': 'Make the gate before the port, closed, if it is not there (gate make)',
};

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function verifying(command: Argv, { terminal, ended }: Asked): Argv {
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
      ended(await verifyPairCommand({ ...options, config: text(config), only: names, noLoss: !loss, maxGapSeconds }, terminal()));
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
