// The keeper as a service: on each witness and on each site. What it lends it has written to its disk before it says so.
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { monotonicMs } from '../lib/host/clock.ts';
import { readText, writeWhole } from '../lib/host/disk.ts';
import { ask, blank, started, type Keeper, type Memory } from './rules/keeper.ts';
import { longestLine, memoryForm, requestForm, seal, unseal } from './wire.ts';

export type KeeperOptions = {
  readonly file: string;
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  readonly log: (text: string) => void;
};

/** A line after which a connection that stays silent is closed. */
const patienceMs = 5000;

/** A keeper without memory would lend twice what it has lent: it does not begin by itself. */
export function readMemory(file: string): Memory | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const { holder, ...rest } = memoryForm.parse(JSON.parse(text));
  return { ...rest, holder };
}

export function writeMemory(file: string, memory: Memory): void {
  writeWhole(file, `${JSON.stringify(memory)}\n`, { uid: 0, gid: 0, mode: 0o600 });
}

export function makeMemory(file: string): void {
  writeMemory(file, blank);
}

/** Answers until the process ends. */
export function serveKeeper(options: KeeperOptions, memory: Memory): Promise<Server> {
  const keep = { keeper: started(memory, monotonicMs()) };
  const server = createServer((socket) => converse(socket, keep, options));
  server.maxConnections = 100;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port, host: options.address }, () => resolve(server));
  });
}

function converse(socket: Socket, keep: { keeper: Keeper }, options: KeeperOptions): void {
  const nonce = randomBytes(16).toString('hex');
  let text = '';
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    const end = text.indexOf('\n');
    if (end < 0 && text.length < longestLine) return;
    const answer = end < 0 ? undefined : answered(text.slice(0, end), nonce, { keep, options });
    if (answer === undefined) socket.destroy();
    else socket.end(answer);
  });
  socket.write(`${nonce}\n`);
}

function answered(
  line: string,
  nonce: string,
  { keep, options }: { keep: { keeper: Keeper }; options: KeeperOptions },
): string | undefined {
  const said = unseal(options.secret, nonce, line) as { nonce?: unknown; request?: unknown } | undefined;
  const request = requestForm.safeParse(said?.request);
  if (typeof said?.nonce !== 'string' || !request.success) return undefined;
  const { memory } = keep.keeper;
  const { keeper, answer } = ask(keep.keeper, request.data, monotonicMs());
  if (keeper.memory !== memory && JSON.stringify(keeper.memory) !== JSON.stringify(memory)) {
    writeMemory(options.file, keeper.memory);
    options.log(`epoch ${keeper.memory.epoch}: ${keeper.memory.holder ?? 'nobody'} (was ${memory.epoch})`);
  }
  keep.keeper = keeper;
  return seal(options.secret, said.nonce, answer);
}
