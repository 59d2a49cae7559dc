// One connection to the database behind the virtual IP, that can be dropped without the server's help.
import { ownIdentity } from '../lib/host/identity.ts';
import { open, type Session } from '../lib/postgres/session.ts';

export type { Session } from '../lib/postgres/session.ts';
export type Target = Readonly<{ host: string; port: number; database: string; user: string; password?: string }>;

/** For connecting, and for each query. */
const connectMs = 1000;
const queryMs = 2000;

/** What a drill has written is read back in one answer. */
const mostBytes = 256 * 1024 * 1024;

export function openSession(target: Target): Promise<Session> {
  return open({ ...target, as: ownIdentity(), application: 'cfha verify', timeoutMs: queryMs, connectMs, mostBytes });
}
