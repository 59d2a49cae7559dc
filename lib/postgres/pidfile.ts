// postmaster.pid. Lines: pid, data directory, start time (s since the epoch), port, socket directory, listen address,
// shared memory key, status. Source: PostgreSQL src/include/utils/pidfile.h. A starting server has only the first ones.

export type PostmasterStatus = 'starting' | 'stopping' | 'ready' | 'standby';

export type PidFile = {
  readonly pid: number;
  readonly dataDirectory: string;
  readonly startedAt: number | undefined;
  readonly port: number | undefined;
  readonly socketDirectory: string | undefined;
  readonly status: PostmasterStatus | undefined;
};

const statuses: readonly string[] = ['starting', 'stopping', 'ready', 'standby'] satisfies PostmasterStatus[];

/** Reads the text of postmaster.pid; undefined if its first two lines are not a pid and an absolute path. */
export function readPidFile(text: string): PidFile | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = wholeNumber(lines[0]);
  const dataDirectory = lines[1];
  if (pid === undefined || pid < 2 || !dataDirectory?.startsWith('/')) return undefined;
  return {
    pid,
    dataDirectory,
    startedAt: wholeNumber(lines[2]),
    port: wholeNumber(lines[3]),
    socketDirectory: lines[4]?.startsWith('/') ? lines[4] : undefined,
    status: isStatus(lines[7]) ? lines[7] : undefined,
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  // A standalone backend's pid is negative: it is not a postmaster.
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function isStatus(text: string | undefined): text is PostmasterStatus {
  return text !== undefined && statuses.includes(text);
}
