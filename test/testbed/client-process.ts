// Runs the client on the administrator's host, as a process of its own.
import { vipAddress, type Layout } from './layout.ts';
import { mustBeUp } from './definition.ts';
import { commandOfAdmin } from './node.ts';
import { exitCode, start } from './processes.ts';
import { Refusal } from './refusal.ts';
import type { Report } from './gaps.ts';
import { text } from 'node:stream/consumers';

export type ClientOptions = Readonly<{
  seconds: number;
  host?: string;
  port?: number;
  database?: string;
  user?: string;
  passwordFile?: string;
  /** The nodes' own addresses: then it also keeps lists there. */
  addresses?: readonly string[];
}>;

/** `report` comes at the end of the run; `stop` ends it early, and then gives it. */
export type RunningClient = Readonly<{ report: Promise<Report>; stop: () => Promise<Report> }>;

export const clientDefaults = {
  host: vipAddress,
  port: 5432,
  database: 'vmdb_production',
  user: 'cloudforms',
  passwordFile: '/etc/cfha/cloudforms.password',
} as const;

export function clientArguments(options: ClientOptions): readonly string[] {
  const { seconds, host, port, database, user, passwordFile, addresses = [] } = { ...clientDefaults, ...options };
  return [
    '--seconds',
    seconds,
    '--host',
    host,
    '--port',
    port,
    '--db',
    database,
    '--user',
    user,
    '--password-file',
    passwordFile,
    ...(addresses.length === 0 ? [] : ['--lists-at', addresses.join(',')]),
  ].map(String);
}

export function clientCommand(layout: Layout, options: ClientOptions) {
  mustBeUp(layout);
  return commandOfAdmin(layout, [
    process.execPath,
    `${import.meta.dirname}/main.ts`,
    'run-client',
    ...clientArguments(options),
  ]);
}

/** Starts the client. */
export function startClient(layout: Layout, options: ClientOptions): RunningClient {
  const command = clientCommand(layout, options);
  const child = start({ ...command, args: [...command.args, '--json'] }, { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = Promise.all([
    exitCode(child),
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]);
  const report = end.then(([code, stdout, stderr]) => {
    if (code !== 0 && code !== 1) throw new Refusal(`the client: ${stderr.trim() || `exit code ${code}`}`, code);
    return JSON.parse(stdout) as Report;
  });
  report.catch(() => undefined); // for whoever awaits it; a client nobody awaits must not end the process
  return {
    report,
    stop: () => {
      child.kill('SIGTERM');
      return report;
    },
  };
}
