// cfha serve: the health endpoint, in the foreground; --install makes a systemd unit of it.
import type { Server } from 'node:http';
import { gateRecordFile, isGateOpen } from '../../global/rules/gate.ts';
import { configFile } from '../../global/site-name.ts';
import { monotonicMs } from '../../lib/host/clock.ts';
import { isMissing, readText, remove, writeWhole } from '../../lib/host/disk.ts';
import type { Argv } from '../../lib/host/exec.ts';
import { becomeUser, findUser, ownIdentity } from '../../lib/host/identity.ts';
import { ownExecutable } from '../../lib/host/own-executable.ts';
import { untilToldToEnd } from '../../lib/host/signals.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import { healthServer } from '../../health/server.ts';
import { unitFile, unitName, unitText } from '../../health/unit.ts';
import { watch } from '../../health/watch.ts';
import type { Terminal } from './region.ts';

export type ServeOptions = {
  readonly address: string;
  readonly port: number;
  readonly socket: string;
  readonly serverPort: number;
  readonly user: string;
  readonly database: string;
};

type Told = Pick<Terminal, 'out' | 'err'>;

/** An answer takes less than a second, whatever hangs. */
const limits = { limitMs: 700, freshMs: 250, proofMs: 5000 };

/** One of a pair of sites (`cfha global`) writes down whether its gate is open; any other server has none. */
const gateOfSite = (): Promise<boolean> =>
  Promise.resolve(isMissing(configFile) || isGateOpen(readText(gateRecordFile), monotonicMs()));

/** Serves until it is told to end: exit code 0. 1: it cannot listen; 2: it was called wrongly. */
export async function serveCommand(options: ServeOptions, told: Told, gate = gateOfSite): Promise<number> {
  const user = await findUser(options.user, spawnExec());
  if (user === undefined || !becomeUser(user)) {
    told.err(
      `cfha serve: ${user === undefined ? `there is no user ${options.user}` : `run it as root or as ${options.user}`}\n`,
    );
    return 2;
  }
  const { socket: host, serverPort: port, database } = options;
  const target = {
    host,
    port,
    database,
    user: options.user,
    as: ownIdentity(),
    owner: true,
    application: 'cfha serve',
  };
  const watched = watch({ target, gate, ...limits });
  const server = healthServer(watched.find);
  const failed = await listening(server, options);
  if (failed !== undefined) {
    told.err(`cfha serve: cannot listen on ${options.address} port ${options.port}: ${failed}\n`);
    return 1;
  }
  told.out(
    `cfha serve: listening on ${options.address} port ${options.port}, asking the server at ${host} port ${port}\n`,
  );
  await untilToldToEnd();
  server.close();
  server.closeAllConnections();
  watched.end();
  return 0;
}

function listening(server: Server, { address, port }: ServeOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(error.message));
    server.listen({ host: address, port }, () => resolve(undefined));
  });
}

/** Exit code 0: the unit runs; 1: it does not; 2: called wrongly. */
export async function serveInstallCommand(options: ServeOptions, told: Told): Promise<number> {
  const executable = ownExecutable();
  if (executable === undefined || ownIdentity().uid !== 0) {
    told.err('cfha serve: --install is for root, and for an executable that was built\n');
    return 2;
  }
  const { user, address, port, socket, serverPort, database } = options;
  const argv = [
    ...[executable, 'serve', '--address', address, '--port', `${port}`, '--user', user],
    ...['--socket', socket, '--server-port', `${serverPort}`, '--database', database],
  ];
  writeWhole(unitFile, unitText({ user, argv }), { uid: 0, gid: 0, mode: 0o644 });
  return systemctl(
    ['daemon-reload'],
    ['enable', unitName],
    ['restart', unitName],
  )(told, `${unitName} runs: curl http://localhost:${port}/primary\n`);
}

export async function serveUninstallCommand(told: Told): Promise<number> {
  const ended = await systemctl(['disable', '--now', unitName])(told, '');
  remove(unitFile);
  return ended === 0 ? systemctl(['daemon-reload'])(told, `${unitName} is gone\n`) : ended;
}

function systemctl(...calls: readonly (readonly string[])[]) {
  return async ({ out, err }: Told, says: string): Promise<number> => {
    const exec = spawnExec();
    for (const call of calls) {
      const argv: Argv = ['systemctl', ...call];
      const { code, stderr, failure } = await exec({ argv, timeoutMs: 60_000 });
      if (code === 0) continue;
      err(`cfha serve: ${argv.join(' ')}: ${failure ?? stderr.trim()}\n`);
      return 1;
    }
    out(says);
    return 0;
  };
}
