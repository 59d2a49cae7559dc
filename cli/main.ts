// cfha: what the administrator runs. Commands and options; each command is loaded when it is called.
import { basename } from 'node:path';
import yargs, { type Argv } from 'yargs';
import { commit, version } from '../meta/build.ts';
import { calledAs } from '../global/places.ts';
import { withBuilding } from './building.ts';
import { withGlobal } from './global.ts';
import { withServe } from './serve.ts';
import { terminal, words } from '../lib/host/terminal.ts';
import { withVerbs } from './verbs.ts';
import { withVerify } from './verify.ts';
import { withWal } from './wal.ts';

/** Parses the command line and runs the command. Returns the exit code: 0 done, 1 failed, 2 called or configured wrongly. */
export async function main(): Promise<number> {
  let end = 0;
  const ended = (code: number): void => void (end = code);
  const program = yargs(meant(process.argv0, process.argv.slice(2)))
    .scriptName('cfha')
    .usage('$0 COMMAND\n\nPostgreSQL that stays up on two or three servers, with Pacemaker and Corosync.')
    .command(
      'explain [resource]',
      'Say what this node is, why, and what the agent would do next',
      (command) =>
        command
          .positional('resource', {
            type: 'string',
            describe: 'The PostgreSQL resource; may be left out if there is one',
          })
          .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
          .example('$0 explain', 'on a node of the region, as root')
          .epilogue('Exit code: 0 explained, 1 the cluster does not answer, 2 there is no such resource.'),
      async ({ resource, json }) => {
        const { explainCommand } = await import('./commands/explain.ts');
        const { out, err } = terminal();
        ended(await explainCommand({ resource, json }, process.env, { out, err }));
      },
    )
    .command(
      'migrate <resource>',
      'Change a running region from ocf:heartbeat:pgsql to ocf:custom:cfpgsql, or back, without stopping the database',
      (command) =>
        command
          .positional('resource', {
            type: 'string',
            demandOption: true,
            describe: 'The PostgreSQL resource (not its clone)',
          })
          .option('back', { type: 'boolean', default: false, describe: 'From cfpgsql to pgsql' })
          .option('plan', { type: 'boolean', default: false, describe: 'Print what would be done, change nothing' })
          .option('yes', { type: 'boolean', default: false, describe: 'Do it' })
          .example('$0 migrate postgresql --plan', 'see what would be done')
          .example('$0 migrate postgresql --yes', 'on one node of the region, as root')
          .epilogue('Exit code: 0 done, 1 failed (the old agent is in place again), 2 refused (nothing was changed).'),
      async ({ resource, back, plan, yes }) => {
        const { migrateCommand } = await import('./commands/migrate.ts');
        const { out, err } = terminal();
        ended(await migrateCommand({ resource, back, plan, yes }, { out, err }));
      },
    )
    .command(
      'status [resource]',
      'May I write, what would be lost now, will a failover work, what should I do',
      (command) =>
        command
          .positional('resource', {
            type: 'string',
            describe: 'The PostgreSQL resource; may be left out if there is one',
          })
          .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
          .example('$0 status', 'on any node of the region, as root')
          .epilogue(
            'Exit code: 0 healthy, 1 the cluster does not answer, 3 writable, but a failover would not go well, 4 not writable.',
          ),
      async ({ resource, json }) => {
        const { statusCommand } = await import('./commands/status.ts');
        ended(await statusCommand({ resource, json }, terminal()));
      },
    );
  const outside = { terminal, ended, words };
  await [withBuilding, withGlobal, withServe, withVerbs, withVerify, withWal]
    .reduce((all: Argv, more) => more(all, outside), program)
    .version(`cfha ${version} (commit ${commit}, Node ${process.version})`)
    .demandCommand(1, 'Name a command; cfha --help lists them.')
    .strict()
    .help()
    .fail((message: string | null, error: Error | undefined) => {
      if (message === null) throw error ?? new Error('no reason given');
      process.stderr.write(called(message));
      process.exit(2);
    })
    .parseAsync()
    .catch((bug: unknown) => {
      process.stderr.write(
        `cfha: internal error: ${bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)}\n`,
      );
      ended(1);
    });
  return end;
}

/** Under the name of one of the reference's scripts it is that job. */
function meant(name: string, args: readonly string[]): readonly string[] {
  const job = calledAs(basename(name));
  return job === undefined ? args : ['global', job, ...args];
}

/** What is wrong with the command line, and where to look: yargs' own words for a missing argument help nobody. */
function called(message: string): string {
  const lacks = message.startsWith('Not enough non-option arguments');
  return lacks
    ? `cfha: an argument is missing\nTry cfha ${process.argv[2] ?? ''} --help.\n`
    : `cfha: ${message}\nTry cfha --help.\n`;
}
