// The command lines of `cfha global`: the pair of sites without a cluster manager. Each is loaded when it is called.
import type { Argv } from 'yargs';
import type { Outside } from './outside.ts';
import { verifying } from './global-verify.ts';
import type { Asked } from './verify.ts';

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
      .example('$0 global import > /etc/cfha/global.yaml', 'begin with what the reference’s scripts had')
      .example('$0 global install', 'on the witnesses, on the second site, last on the first')
      .example('$0 global status', 'on either site: what is, and what to do')
      .example('$0 global rejoin', 'on the site that has come back; then there: cfha global switchover')
      .epilogue('The file, the jobs and what keeps two sites from being open: docs/global.md.')
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
      (one) =>
        one
          .option('cron', {
            type: 'boolean',
            default: false,
            describe: 'On the second site: check each minute, from cron',
          })
          .epilogue(
            'Run again, it changes what differs. Exit code: 0 done; 1 failed; 2 the file, this host or its firewall is not as it must be.',
          ),
      async ({ cron, config }) => {
        const { installCommand } = await import('./commands/global.ts');
        ended(await installCommand({ cron, config: text(config) }, terminal()));
      },
    )
    .command(
      'remove',
      'Take away what install has made on this host; the database and its data stay',
      (one) => one.option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' }),
      async ({ yes, config }) => {
        const { removeCommand } = await import('./commands/global.ts');
        ended(await removeCommand({ yes, config: text(config) }, terminal()));
      },
    )
    .command(
      'status',
      'Both sites: may I write, how far is the standby, what should I do',
      (one) =>
        one
          .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
          .epilogue(
            'Exit code: 0 all is well, 3 writable, but nobody could take over, 4 not writable; 1 or 2 it could not be found out.',
          ),
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
          .option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' })
          .epilogue('Exit code: 0 it follows the other, 1 failed, 2 refused: nothing was changed.'),
      async ({ clone, yes, config }) => {
        const { rejoinCommand } = await import('./commands/global-return.ts');
        ended(await rejoinCommand({ clone, yes, config: text(config) }, terminal()));
      },
    )
    .command(
      'switchover',
      'On the standby: take over from the primary in order, without losing anything',
      (one) =>
        one
          .option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' })
          .epilogue(
            'Exit code: 0 done; 1 failed, cfha global status says who is the primary; 2 refused: nothing was changed.',
          ),
      async ({ yes, config }) => {
        const { switchoverCommand } = await import('./commands/global-return.ts');
        ended(await switchoverCommand({ yes, config: text(config) }, terminal()));
      },
    )
    .command(
      'failover',
      'On a standby, when the other site is gone and nobody takes over: make this one the primary',
      (one) =>
        one
          .option('accept-loss', {
            type: 'boolean',
            default: false,
            describe: 'Also if it has not followed the last primary',
          })
          .option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' })
          .example('$0 global failover', 'the first site, when the second is lost before the way back')
          .epilogue('Exit code: 0 it is the primary, 1 failed, 2 refused: nothing was changed.'),
      async ({ yes, acceptLoss, config }) => {
        const { failoverCommand } = await import('./commands/global-return.ts');
        ended(await failoverCommand({ yes, acceptLoss, config: text(config) }, terminal()));
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
      all.command(
        name === 'gate make' ? 'gate <what>' : name,
        says[name as keyof typeof says],
        name === 'gate make' ? makeOnly : {},
        async (options) => {
          const { serviceCommand } = await import('./commands/global.ts');
          ended(await serviceCommand(name, { config: text(options['config']) }, terminal()));
        },
      ),
    command,
  );
}

/** It is the watch that opens and closes. */
const makeOnly = { what: { choices: ['make'] as const } };

const says = {
  watch: 'The service of a site: look, decide, act, again and again',
  keeper: 'The service of a witness, and of a site as a witness of the other',
  prune: 'Remove files of the WAL archive that are older than archive.days',
  'gate make': 'Make the gate before the port, closed, if it is not there (gate make)',
};

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
