// The command line of cfha verify; what it does is loaded when it is called.
import type { Argv } from 'yargs';
import type { Asking } from './commands/drills.ts';

export type Asked = { readonly terminal: () => Asking; readonly ended: (code: number) => void };

export function withVerify(program: Argv, { terminal, ended }: Asked): Argv {
  return program.command(
    'verify [file]',
    'Prove that a failover goes well: by what must be so, and by drills that break the region and put it back',
    (command) =>
      looking(
        drilling(
          command.positional('file', {
            type: 'string',
            describe: 'The region file; without it, this node is asked alone',
          }),
        ),
      ).epilogue(
        'Exit code: 0 all held, 1 one did not, 2 could not run, 130 interrupted (and undone). Every check and every drill: docs/verify.md.',
      ),
    async (options) => ended(await performed(options, terminal())),
  );
}

type Options = {
  readonly file: string | undefined;
  readonly cib: string | undefined;
  readonly resource: string | undefined;
  readonly only: string;
  readonly maxGap: string | undefined;
  readonly junit: string | undefined;
  readonly html: string | undefined;
  readonly loss: boolean;
} & Readonly<Record<'static' | 'all' | 'json' | 'yes' | 'list' | 'undo', boolean>>;

async function performed(options: Options, terminal: Asking): Promise<number> {
  if (options.list || options.undo) {
    const { listCommand, undoCommand } = await import('./commands/drills.ts');
    return options.list ? listCommand(terminal) : undoCommand(options.file, terminal);
  }
  if (!options.static && options.cib === undefined) return drilled(options, terminal);
  const { staticCommand } = await import('./commands/verify.ts');
  return staticCommand(options, terminal);
}

async function drilled({ maxGap, file, ...options }: Options, terminal: Asking): Promise<number> {
  const maxGapSeconds = maxGap === undefined ? undefined : seconds(maxGap);
  if (file !== undefined && !Number.isNaN(maxGapSeconds)) {
    const { drillsCommand } = await import('./commands/drills.ts');
    const only = options.only.split(',').filter((name) => name !== '');
    return drillsCommand({ ...options, file, only, maxGapSeconds, noLoss: !options.loss }, terminal);
  }
  const wrong = file === undefined ? 'drills need the region file; --static does not' : `--max-gap ${maxGap ?? ''} is no time: 30s, or 2min`;
  terminal.err(`cfha: ${wrong}\n`);
  return 2;
} // prettier-ignore

function looking<T>(command: Argv<T>) {
  return command
    .option('static', { type: 'boolean', default: false, describe: 'Look only: nothing is changed or broken' })
    .option('cib', { type: 'string', describe: 'Judge this saved CIB, without access to the cluster' })
    .option('resource', { type: 'string', describe: 'The PostgreSQL resource; may be left out if there is one' })
    .option('all', { type: 'boolean', default: false, describe: 'Show what held, too (--static)' })
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
    .option('junit', { type: 'string', describe: 'Write the report into this file, as JUnit reads it' })
    .option('html', { type: 'string', describe: 'Write the report into this file, as one page for people' })
    .example('$0 verify region.yaml --static', 'all nodes, and the file against them')
    .example('$0 verify --cib cib.xml', 'a CIB that somebody sent')
    .example('$0 verify region.yaml --only switchover,crash', 'two drills, after you have typed the region’s name')
    .example('$0 verify --undo region.yaml', 'what a run that was killed has left');
}

function drilling<T>(command: Argv<T>) {
  return command
    .option('list', { type: 'boolean', default: false, describe: 'Say what each drill breaks, and how long clients wait' })
    .option('only', { type: 'string', default: '', describe: 'These drills, by name, separated by commas' })
    .option('yes', { type: 'boolean', default: false, describe: 'Do it without asking' })
    .option('undo', { type: 'boolean', default: false, describe: 'Undo what an interrupted run has left' })
    .option('max-gap', { type: 'string', describe: 'Clients must not wait longer in any drill, as 30s' })
    .option('loss', { type: 'boolean', default: true, describe: '--no-loss: no acknowledged write may be lost, in asynchronous mode either' });
} // prettier-ignore

export function seconds(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(s|min)?$/.exec(text) ?? [];
  return Number(number ?? NaN) * (unit === 'min' ? 60 : 1);
}
