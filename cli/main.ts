// cfha: what the administrator runs. Commands and options; each command is loaded when it is called.
import { basename } from 'node:path';
import yargs from 'yargs';
import { commit, version } from '../meta/build.ts';
import { calledAs } from '../global/places.ts';
import { withGlobal } from './global.ts';
import { withVerbs } from './verbs.ts';

/** Parses the command line and runs the command. Returns the exit code: 0 done, 1 failed, 2 called or configured wrongly. */
export async function main(): Promise<number> {
  let end = 0;
  const ended = (code: number): void => void (end = code);
  const program = yargs(meant(process.argv0, process.argv.slice(2)))
    .scriptName('cfha')
    .usage('$0 COMMAND\n\nPostgreSQL that stays up on two or three servers, with Pacemaker and Corosync.')
    .command(
      'bootstrap <file>',
      'Make two or three servers a region, as a region file says; or go on making it',
      (command) =>
        command
          .positional('file', { type: 'string', demandOption: true, describe: 'The region file (YAML)' })
          .option('plan', { type: 'boolean', default: false, describe: 'Print what would be done, change nothing' })
          .option('json', { type: 'boolean', default: false, describe: 'Print JSON lines' })
          .example('$0 bootstrap region.yaml --plan', 'see what would be done')
          .example('$0 bootstrap region.yaml', 'do it; run it again after an interruption')
          .epilogue('Exit code: 0 done, 1 failed, 2 the file or the servers forbid to begin, 130 interrupted.'),
      async ({ file, plan, json }) => {
        const { bootstrapCommand } = await import('./commands/bootstrap.ts');
        ended(await bootstrapCommand({ file, plan, json }, terminal()));
      },
    )
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
  await withGlobal(withVerbs(program, { terminal, ended }), { terminal, ended })
    .version(`cfha ${version} (commit ${commit}, Node ${process.version})`)
    .demandCommand(1, 'Name a command; cfha --help lists them.')
    .strict()
    .help()
    .fail((message: string | null, error: Error | undefined) => {
      if (message === null) throw error ?? new Error('no reason given');
      process.stderr.write(`cfha: ${message}\nTry cfha --help.\n`);
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

/** Asks at the terminal; undefined if there is none. */
function question(): ((text: string) => Promise<boolean>) | undefined {
  if (!process.stdin.isTTY) return undefined;
  return async (text) => {
    const { createInterface } = await import('node:readline/promises');
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await lines.question(text).finally(() => lines.close());
    return /^y(es)?$/i.test(answer.trim());
  };
}

/** The terminal, with Ctrl-C as a wish: the command at hand ends first. A second one ends cfha at once. */
function terminal() {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(130);
      asked = true;
      process.stderr.write('\nStopping after the current command. Once more: stop at once.\n');
    });
  }
  return {
    out: (text: string) => void process.stdout.write(text),
    err: (text: string) => void process.stderr.write(text),
    arch: process.arch,
    root: process.getuid?.() === 0,
    stopping: () => asked,
    ask: question(),
  };
}
