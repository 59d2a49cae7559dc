// The command line of cfha verify; what it does is loaded when it is called.
import type { Argv } from 'yargs';
import type { Terminal } from './commands/region.ts';

type Outside = { readonly terminal: () => Terminal; readonly ended: (code: number) => void };

export function withVerify(program: Argv, { terminal, ended }: Outside): Argv {
  return program.command(
    'verify [file]',
    'Judge a region, on this node or as its region file says, by what must be so for a failover to go well',
    (command) =>
      command
        .positional('file', { type: 'string', describe: 'The region file; without it, this node is asked alone' })
        .option('static', { type: 'boolean', default: false, describe: 'Look only: nothing is changed or broken' })
        .option('cib', { type: 'string', describe: 'Judge this saved CIB, without access to the cluster' })
        .option('resource', { type: 'string', describe: 'The PostgreSQL resource; may be left out if there is one' })
        .option('all', { type: 'boolean', default: false, describe: 'Show what held, too' })
        .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' })
        .example('$0 verify --static', 'on a node: what this node knows')
        .example('$0 verify region.yaml --static', 'all nodes, and the file against them')
        .example('$0 verify --cib cib.xml', 'a CIB that somebody sent')
        .epilogue('Exit code: 0 all held, 1 one did not, 2 could not run. Every check: docs/verify.md.'),
    async ({ file, cib, resource, all, json, static: only }) => {
      const { out, err } = terminal();
      if (!only && cib === undefined) {
        err('cfha: say --static or --cib FILE\n');
        return ended(2);
      }
      const { staticCommand } = await import('./commands/verify.ts');
      ended(await staticCommand({ file, cib, resource, all, json }, { out, err }));
    },
  );
}
