// The command line of cfha serve.
import type { Argv } from 'yargs';
import type { ServeOptions } from './commands/serve.ts';

type Words = { readonly out: (text: string) => void; readonly err: (text: string) => void };
type Outside = { readonly words: Words; readonly ended: (code: number) => void };

/** It ends when it is told to: not `terminal`, whose commands end by themselves first. */
export function withServe(program: Argv, { words: told, ended }: Outside): Argv {
  return program.command(
    'serve',
    'Tell traffic managers over HTTP whether this server is a writable primary, or a standby that keeps up',
    (command) =>
      command
        .option('address', { type: 'string', default: '0.0.0.0', describe: 'Where to listen' })
        .option('port', { type: 'number', default: 8008, describe: 'The port to listen on' })
        .option('socket', {
          type: 'string',
          default: '/var/run/postgresql',
          describe: 'The directory of PostgreSQL’s socket',
        })
        .option('server-port', { type: 'number', default: 5432, describe: 'PostgreSQL’s port' })
        .option('database', { type: 'string', default: 'postgres', describe: 'The database to connect to' })
        .option('user', { type: 'string', default: 'postgres', describe: 'The user to run as, and its role' })
        .option('install', {
          type: 'boolean',
          default: false,
          describe: 'Make a systemd unit with these options, start it',
        })
        .option('uninstall', { type: 'boolean', default: false, describe: 'Remove that unit' })
        .example('$0 serve --install', 'on every server')
        .example('curl -i http://db1:8008/primary', '200 if it is the primary and can write, else 503 and why')
        .epilogue('Exit code: 0 told to end, or installed; 1 failed; 2 called wrongly.'),
    async ({ install, uninstall, ...options }) => {
      const wrong = install && uninstall ? '--install or --uninstall, not both' : mistake(options);
      if (wrong !== undefined) {
        told.err(`cfha: ${wrong}\n`);
        return ended(2);
      }
      const { serveCommand, serveInstallCommand, serveUninstallCommand } = await import('./commands/serve.ts');
      if (uninstall) ended(await serveUninstallCommand(told));
      else ended(await (install ? serveInstallCommand : serveCommand)(options, told));
    },
  );
}

const port = (value: number): boolean => Number.isInteger(value) && value > 0 && value < 65536;

function mistake(options: ServeOptions): string | undefined {
  if (!port(options.port)) return '--port is a whole number from 1 to 65535';
  if (!port(options.serverPort)) return '--server-port is a whole number from 1 to 65535';
  return options.socket.startsWith('/') ? undefined : '--socket is an absolute path';
}
