// The command lines that make a region: bootstrap, and what helps to write its file. Each is loaded when it is called.
import type { Argv } from 'yargs';
import { questions, type Answers } from '../bootstrap/init/answers.ts';
import type { Terminal as BootstrapTerminal } from './commands/bootstrap.ts';
import type { Terminal as InitTerminal } from './commands/init.ts';

type Outside = {
  readonly terminal: () => BootstrapTerminal & InitTerminal;
  readonly ended: (code: number) => void;
};

export function withBuilding(program: Argv, { terminal, ended }: Outside): Argv {
  return program
    .command(
      'bootstrap <file>',
      'Make two or three servers a region, as a region file says; or go on making it',
      (command) =>
        command
          .positional('file', { type: 'string', demandOption: true, describe: 'The region file (YAML)' })
          .option('plan', { type: 'boolean', default: false, describe: 'Print what would be done, change nothing' })
          .option('check', {
            type: 'boolean',
            default: false,
            describe: 'Say what is not as the file says, change nothing',
          })
          .option('restart', {
            type: 'boolean',
            default: false,
            describe: 'PostgreSQL and the virtual IP may be restarted',
          })
          .option('accept', { type: 'array', string: true, default: [], describe: 'Go on in spite of these findings' })
          .option('json', { type: 'boolean', default: false, describe: 'Print JSON lines' })
          .example('$0 bootstrap region.yaml --plan', 'see what would be done')
          .example('$0 bootstrap region.yaml', 'do it; run it again after an interruption')
          .example('$0 bootstrap region.yaml --check', 'is a running region still as its file says?')
          .epilogue(
            'Exit code: 0 done, 1 failed, 2 the file or the servers forbid to begin, 3 not all is as the file says, 130 interrupted.',
          ),
      async ({ file, plan, check, restart, json, accept }) => {
        const { bootstrapCommand } = await import('./commands/bootstrap.ts');
        ended(await bootstrapCommand({ file, plan, check, restart, json, accept }, terminal()));
      },
    )
    .command(
      'init',
      'Write a region file with comments: from flags, from questions, or from a running cluster',
      (command) =>
        Object.values(questions)
          .reduce<Argv>(
            (all, { flag, asks, example }) =>
              all.option(flag, { type: 'string', describe: `${asks}, as "${example}"` }),
            command,
          )
          .option('from-cluster', { type: 'boolean', default: false, describe: 'Describe the cluster of this node' })
          .option('output', { alias: 'o', type: 'string', describe: 'The file; never one that is there already' })
          .example('$0 init -o region.yaml', 'be asked')
          .example('$0 init --from-cluster -o region.yaml', 'on a node, as root: describe what runs')
          .epilogue('Exit code: 0 written, 1 the cluster does not answer, 2 an answer is missing or wrong.'),
      async (options) => {
        const { initCommand } = await import('./commands/init.ts');
        const given = Object.entries(questions).map(([name, { flag }]) => [name, options[flag]] as const);
        const answers = Object.fromEntries(given) as Record<keyof Answers, string | undefined>;
        const wanted = { answers, fromCluster: options['from-cluster'], output: options.output };
        ended(await initCommand(wanted, terminal()));
      },
    )
    .command(
      'schema',
      'Print the JSON Schema of region files',
      (command) => command.example('$0 schema >region.schema.json', 'for an editor'),
      async () => {
        const { schemaCommand } = await import('./commands/init.ts');
        ended(schemaCommand(terminal()));
      },
    );
}
