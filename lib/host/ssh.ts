// The same on another host: OpenSSH's client, one connection a host, kept open while cfha runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Argv } from './exec.ts';
import { localExec, type FedCommand, type FedExec } from './local.ts';
import { commandLine, withEnvironment } from './shell.ts';

export type SshTarget = {
  readonly address: string;
  readonly user: string;
  readonly port: number;
  readonly identity?: string | undefined;
  /** A known_hosts file that must know the host; without one a new host key is accepted, a changed one never. */
  readonly knownHosts?: string | undefined;
  /** How often a silent host is asked whether it is there, and how often in vain before it is given up. */
  readonly aliveSeconds?: number;
  readonly aliveCount?: number;
};

/** What ssh exits with when it is ssh that failed, not the command. */
export const sshFailed = 255;

/** The ssh command line for a command on a host. */
export function sshArgv(target: SshTarget, controlPath: string, remote: readonly string[]): Argv {
  const options = {
    BatchMode: 'yes',
    ConnectTimeout: '10',
    ServerAliveInterval: String(target.aliveSeconds ?? 15),
    ServerAliveCountMax: String(target.aliveCount ?? 4),
    ControlMaster: 'auto',
    ControlPath: controlPath,
    ControlPersist: '60',
    LogLevel: 'ERROR',
    StrictHostKeyChecking: target.knownHosts === undefined ? 'accept-new' : 'yes',
    ...(target.knownHosts === undefined ? {} : { UserKnownHostsFile: target.knownHosts }),
    ...(target.identity === undefined ? {} : { IdentityFile: target.identity, IdentitiesOnly: 'yes' }),
  };
  return [
    'ssh',
    '-T',
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    '-p',
    String(target.port),
    '-l',
    target.user,
    '--',
    target.address,
    commandLine(remote),
  ];
}

/** What runs on the host: the command with its environment, by sudo for anybody but root. */
export function remoteArgv(user: string, command: FedCommand): readonly string[] {
  return [...(user === 'root' ? [] : ['sudo', '-n']), ...withEnvironment(command)];
}

export type Connection = {
  readonly exec: FedExec;
  /** The command line that runs a program there. */
  readonly argv: (argv: Argv) => Argv;
};

/** Connections to hosts; `close` ends them. */
export function sshConnections(alive: Pick<SshTarget, 'aliveSeconds' | 'aliveCount'> = {}): {
  to: (target: SshTarget) => Connection;
  close: () => Promise<void>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'cfha-'));
  const controlPath = join(folder, '%C');
  const opened = new Map<string, SshTarget>();
  return {
    to: (target) => {
      opened.set(target.address, target);
      const line = (command: FedCommand) =>
        sshArgv({ ...alive, ...target }, controlPath, remoteArgv(target.user, command));
      return {
        exec: ({ env, argv, ...rest }) =>
          localExec({ ...rest, argv: line({ argv, ...(env === undefined ? {} : { env }) }) }),
        argv: (argv) => line({ argv }),
      };
    },
    close: async () => {
      const leave = (t: SshTarget) =>
        localExec({
          argv: [
            'ssh',
            '-o',
            `ControlPath=${controlPath}`,
            '-p',
            String(t.port),
            '-l',
            t.user,
            '-O',
            'exit',
            '--',
            t.address,
          ],
        });
      await Promise.all([...opened.values()].map(leave));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
