// Asking the server on this node, over its socket.
import { join } from 'node:path';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { readText } from '../lib/host/disk.ts';
import { ownIdentity } from '../lib/host/identity.ts';
import { readPidFile, type PidFile } from '../lib/postgres/pidfile.ts';
import { query } from '../lib/postgres/session.ts';
import { readServer, serverSql, type Server } from './needs.ts';
import type { Settings } from './settings.ts';

/** `absent`: no server runs here, which is no fault of the archive. */
export type Asked = { readonly server: Server } | { readonly absent: string } | { readonly silent: string };

export async function askServer({ data, user }: Settings): Promise<Asked> {
  if (data === undefined) return ask({ host: '/var/run/postgresql', port: 5432 }, user);
  const running = readPidFile(readText(join(data, 'postmaster.pid')) ?? '');
  if (running === undefined) return { absent: `no server runs in ${data}` };
  return ask(listening(running), user);
}

function listening({ socketDirectory, port }: PidFile): Address {
  return { host: socketDirectory ?? '/var/run/postgresql', port: port ?? 5432 };
}

type Address = { readonly host: string; readonly port: number };

async function ask(address: Address, user: string): Promise<Asked> {
  const own = {
    user,
    database: 'postgres',
    as: ownIdentity(),
    owner: true,
    timeoutMs: 10_000,
    application: 'cfha wal',
  };
  const [answer] = await query({ ...address, ...own }, (rows) => (rows.length === 0 ? serverSql : undefined));
  if (answer === undefined || 'rows' in answer) return read(answer?.rows[0]);
  const { kind, message } = answer.failure;
  return kind === 'absent' ? { absent: `no server answers at ${address.host}` } : { silent: message };
}

function read(row: Readonly<Record<string, unknown>> | undefined): Asked {
  try {
    return { server: readServer(row) };
  } catch (error) {
    if (error instanceof UnreadableAnswer) return { silent: error.message };
    throw error;
  }
}
