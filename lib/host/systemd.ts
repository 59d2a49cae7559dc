// systemd: work that goes on when its caller has ended, as a unit with a name. systemd-run(1), systemctl(1), sd_booted(3).
import { exists } from './disk.ts';
import type { Argv, Exec, Result } from './exec.ts';

/** Tells the systemd that started this service that it lives (WatchdogSec=). sd_notify(3), by systemd-notify(1). */
export async function tellAlive(exec: Exec): Promise<void> {
  const { NOTIFY_SOCKET } = process.env;
  if (NOTIFY_SOCKET !== undefined)
    await exec({ argv: ['systemd-notify', 'WATCHDOG=1'], env: { NOTIFY_SOCKET }, timeoutMs: 5000 });
}

/** False in a container without systemd, for example. */
export function isBooted(): boolean {
  return exists('/run/systemd/system');
}

/**
 * Begins it and returns. KillMode=process, as pacemaker.service has it: a server that the unit has started lives on when the
 * unit ends. It may have as many processes as it needs.
 */
export function beginArgv(unit: string, argv: Argv): Argv {
  const properties = ['KillMode=process', 'TasksMax=infinity', 'TimeoutStopSec=10'].map((one) => `--property=${one}`);
  return ['systemd-run', `--unit=${unit}`, '--collect', '--quiet', ...properties, '--', ...argv];
}

export function isActiveArgv(unit: string): Argv {
  return ['systemctl', 'is-active', `${unit}.service`];
}

/** An answer that is none (systemd is busy) counts as active: what lives must not be begun a second time. */
export function isActive({ stdout, failure }: Result): boolean {
  const word = stdout.trim();
  return (
    failure === 'timed out' ||
    (word === '' && failure !== 'not found') ||
    word === 'active' ||
    word === 'activating' ||
    word === 'deactivating'
  );
}

/** All its processes, then the unit; returns when it has ended. */
export function endArgvs(unit: string): readonly Argv[] {
  return [
    ['systemctl', 'kill', '--signal=SIGTERM', `${unit}.service`],
    ['systemctl', 'stop', `${unit}.service`],
  ];
}
