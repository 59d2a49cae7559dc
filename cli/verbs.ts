// The command lines of cfha's verbs on a running region; each is loaded when it is called.
import type { Argv } from 'yargs';
import type { Outside } from './outside.ts';

export function withVerbs(program: Argv, { terminal, ended }: Outside): Argv {
  return program
    .command(
      'switchover',
      'Make the standby the primary, and the primary its standby, without losing anything',
      (command) =>
        verbOptions(command)
          .option('to', { type: 'string', describe: 'The node; may be left out if there are two' })
          .option('force', {
            type: 'boolean',
            default: false,
            describe: 'Also if the archiver or a receiver holds it up',
          })
          .example('$0 switchover', 'see what will happen, and be asked')
          .example('$0 switchover --to db2 --yes', 'do it'),
      async ({ to, force, ...options }) => {
        const { switchoverCommand } = await import('./commands/verbs.ts');
        ended(await switchoverCommand({ ...verb(options), to, force }, terminal()));
      },
    )
    .command(
      'failover',
      'Make a node the primary when there is none',
      (command) =>
        verbOptions(command)
          .option('to', { type: 'string', demandOption: true, describe: 'The node' })
          .option('accept-loss', { type: 'string', describe: 'How many bytes of WAL may be lost, or all' })
          .example('$0 failover --to db2', 'see what may be lost')
          .example('$0 failover --to db2 --accept-loss all --yes', 'go on with what db2 has'),
      async ({ to, acceptLoss, ...options }) => {
        const { failoverCommand } = await import('./commands/verbs.ts');
        ended(await failoverCommand({ ...verb(options), to, acceptLoss }, terminal()));
      },
    )
    .command(
      'standby <node>',
      'Take PostgreSQL off a node, for work on it; if it has the primary, the standby takes over',
      (command) => nodeOptions(verbOptions(command)).example('$0 standby db1', 'see what will happen, and be asked'),
      async ({ node, ...options }) => {
        const { standbyCommand } = await import('./commands/verbs.ts');
        ended(await standbyCommand({ ...verb(options), node }, terminal()));
      },
    )
    .command(
      'unstandby <node>',
      'Let a node take part again',
      (command) => nodeOptions(verbOptions(command)).example('$0 unstandby db1 --yes', 'and wait until it streams'),
      async ({ node, ...options }) => {
        const { unstandbyCommand } = await import('./commands/verbs.ts');
        ended(await unstandbyCommand({ ...verb(options), node }, terminal()));
      },
    )
    .command(
      'rejoin <node>',
      'Make a node a standby again: by a rewind if that is possible, otherwise by a new copy',
      (command) =>
        nodeOptions(verbOptions(command))
          .option('rewind', { type: 'boolean', default: false, describe: 'By a rewind, and not otherwise' })
          .option('clone', { type: 'boolean', default: false, describe: 'By a new copy, whatever is there' })
          .example('$0 rejoin db1', 'see what will happen and what is lost, and be asked')
          .example('$0 rejoin db1 --clone --yes', 'copy the primary anew, and wait until db1 streams'),
      async ({ node, rewind, clone, ...options }) => {
        const { rejoinCommand } = await import('./commands/verbs.ts');
        const way = [...(rewind ? (['rewind'] as const) : []), ...(clone ? (['clone'] as const) : [])];
        ended(await rejoinCommand({ ...verb(options), node, way }, terminal()));
      },
    )
    .command(
      'unlock <node>',
      'Show what keeps a former primary from starting; start it if nothing is lost, or if the loss is named',
      (command) =>
        nodeOptions(verbOptions(command))
          .option('accept-loss', { type: 'string', describe: 'How many bytes of WAL are lost, as it says itself' })
          .example('$0 unlock db1', 'see what db1 has that the primary lacks')
          .example('$0 unlock db1 --accept-loss 1024 --yes', 'give exactly that up, and wait until db1 streams'),
      async ({ node, acceptLoss, ...options }) => {
        const { unlockCommand } = await import('./commands/verbs.ts');
        ended(await unlockCommand({ ...verb(options), node, acceptLoss }, terminal()));
      },
    )
    .command(
      'cleanup [node]',
      'Forget failures, so that PostgreSQL is tried again where it had been given up',
      (command) =>
        verbOptions(command)
          .positional('node', { type: 'string', describe: 'The node; may be left out: all' })
          .example('$0 cleanup --yes', 'and wait until it runs'),
      async ({ node, ...options }) => {
        const { cleanupCommand } = await import('./commands/verbs.ts');
        ended(await cleanupCommand({ ...verb(options), node }, terminal()));
      },
    );
}

/** What the verbs have in common. */
function verbOptions<T>(command: Argv<T>) {
  return command
    .option('resource', { type: 'string', describe: 'The PostgreSQL resource; may be left out if there is one' })
    .option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' })
    .option('json', { type: 'boolean', default: false, describe: 'Print JSON lines' })
    .epilogue('Exit code: 0 done, or nothing to do; 1 failed; 2 refused, nothing was changed; 130 interrupted.');
}

function nodeOptions<T>(command: Argv<T>) {
  return command.positional('node', { type: 'string', demandOption: true, describe: 'The node' });
}

function verb({ resource, yes, json }: { resource: string | undefined; yes: boolean; json: boolean }) {
  return { resource, yes, json };
}
