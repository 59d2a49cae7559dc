// The command lines of cfha wal; each is loaded when it is called.
import type { Argv } from 'yargs';
import type { Terminal } from './commands/region.ts';

type Outside = { readonly terminal: () => Terminal; readonly ended: (code: number) => void };

export function withWal(program: Argv, outside: Outside): Argv {
  return program.command(
    'wal',
    'The WAL archive: what PostgreSQL calls for each file, what removes old ones, how full it is',
    (wal) =>
      forPeople(forPostgres(wal, outside), outside).demandCommand(1, 'Name a command; cfha wal --help lists them.'),
  );
}

const directory = { type: 'string', describe: 'The archive; else as /etc/cfha/wal.conf says' } as const;
const data = { type: 'string', describe: 'The data directory; else as /etc/cfha/wal.conf says' } as const;
const json = { type: 'boolean', default: false, describe: 'Print one JSON object' } as const;

function forPostgres(wal: Argv, { ended }: Outside): Argv {
  const file = (name: string) => ({ type: 'string', demandOption: true, describe: name }) as const;
  return wal
    .command(
      'archive <path> <name>',
      'Put one file into the archive: whole or not at all, and never over another one',
      (command) =>
        command
          .positional('path', file('The file: %p'))
          .positional('name', file('Its name: %f'))
          .option('directory', directory)
          .example("archive_command = 'cfha wal archive %p %f'", 'in postgresql.conf')
          .epilogue('Exit code: 0 it is in the archive, on disk; 1 it is not, and PostgreSQL tries again.'),
      async ({ path, name, directory }) => {
        const { walFileCommand } = await import('./commands/wal.ts');
        ended(walFileCommand({ action: 'archive', arguments: [path, name], directory }));
      },
    )
    .command(
      'restore <name> <path>',
      'Get one file out of the archive: whole or not at all',
      (command) =>
        command
          .positional('name', file('The name: %f'))
          .positional('path', file('Where to put it: %p'))
          .option('directory', directory)
          .example("restore_command = 'cfha wal restore %f %p'", 'in postgresql.conf')
          .epilogue(
            'Exit code: 0 it is there; 1 the archive does not have it, or, on a standby, it cannot be read now; 255 it cannot be read, and the recovery must stop.',
          ),
      async ({ name, path, directory }) => {
        const { walFileCommand } = await import('./commands/wal.ts');
        ended(walFileCommand({ action: 'restore', arguments: [name, path], directory }));
      },
    );
}

function forPeople(wal: Argv, { terminal, ended }: Outside): Argv {
  return wal
    .command(
      'prune',
      'Remove what is old and nobody needs any more; does nothing unless the server here is the primary',
      (command) =>
        command
          .option('keep-days', { type: 'number', describe: 'Keep at least so many days (default: wal.conf, else 3)' })
          .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would be removed' })
          .options({ directory, data, json })
          .example('$0 wal prune --dry-run', 'see what would go, and what keeps the rest')
          .epilogue('Exit code: 0 done, or not this node’s to do; 1 failed, or refused: the message says why.'),
      async ({ keepDays, dryRun, directory, data, json }) => {
        const { out, err } = terminal();
        if (keepDays !== undefined && !(Number.isInteger(keepDays) && keepDays > 0)) {
          err('cfha: --keep-days is a whole number of days, at least 1\n');
          return ended(2);
        }
        const { walPruneCommand } = await import('./commands/wal.ts');
        ended(await walPruneCommand({ keepDays, dryRun, directory, data, json }, { out, err }));
      },
    )
    .command(
      'status',
      'Files, bytes, oldest and newest, gaps, rate, when it is full, whether archiving fails',
      (command) =>
        command
          .options({ directory, data, json })
          .example('$0 wal status', 'as root or as postgres')
          .epilogue('Exit code: 0 all is well; 1 it cannot be told; 3 something is to be done.'),
      async (options) => {
        const { walStatusCommand } = await import('./commands/wal.ts');
        ended(await walStatusCommand(options, terminal()));
      },
    )
    .command(
      'init',
      'Make a directory the archive of a data directory’s system; without that mark nothing is archived into it',
      (command) =>
        command
          .options({ directory, data })
          .example('$0 wal init --directory /srv/wal --data /var/lib/postgresql/15/main', 'once, on one node')
          .epilogue('Exit code: 0 it is that system’s archive, now or already; 1 it is not.'),
      async (options) => {
        const { walInitCommand } = await import('./commands/wal.ts');
        ended(await walInitCommand(options, terminal()));
      },
    );
}
