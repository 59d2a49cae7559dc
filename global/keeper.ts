// The keeper as a service: on each witness and on each site. What it lends it has written to its disk before it says so.
import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { monotonicMs } from '../lib/host/clock.ts';
import { readText, writeWhole } from '../lib/host/disk.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { readJson } from '../lib/json.ts';
import { ask, blank, started, type Answer, type Keeper, type Memory, type Request } from './rules/keeper.ts';
import { isTooLate } from './rules/votes.ts';
import type { SiteName } from './site-name.ts';
import { longestLine, memoryForm, requestForm, seal, unseal } from './wire.ts';

export type KeeperOptions = {
  readonly file: string;
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  /** Where clients connect to the sites: what is tried for them from here. */
  readonly ports: Readonly<Record<SiteName, { readonly host: string; readonly port: number }>>;
  readonly log: (text: string) => void;
};

/** A line after which a connection that stays silent is closed. */
const patienceMs = 5000;

/** A keeper without memory would lend twice what it has lent: it does not begin by itself. */
export function readMemory(file: string): Memory | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const read = memoryForm.safeParse(readJson(text));
  if (!read.success) throw new UnreadableAnswer(`${file} is damaged, so what this keeper has promised is not known: docs/global.md, "A keeper without memory"`); // prettier-ignore
  const { holder, ...rest } = read.data;
  return { ...rest, holder };
}

export function writeMemory(file: string, memory: Memory): void {
  writeWhole(file, `${JSON.stringify(memory)}\n`, { uid: 0, gid: 0, mode: 0o600 });
}

/** It may be a second one, after the first was lost with its disk: what that has lent has to end first. */
export function makeMemory(file: string, leaseMs: number): void {
  writeMemory(file, { ...blank, leaseMs });
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
  const givenMs = monotonicMs();
  let text = '';
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    const end = text.indexOf('\n');
    if (end < 0 && text.length < longestLine) return;
    const line = end < 0 ? '' : text.slice(0, end);
    text = '';
    answered(line, { nonce, givenMs }, { keep, options }).then(
      (answer) => (answer === undefined ? socket.destroy() : socket.end(answer)),
      (error: unknown) => {
        options.log(`not answered: ${String(error)}`);
        socket.destroy();
      },
    );
  });
  socket.write(`${nonce}\n`);
}

async function answered(
  line: string,
  { nonce, givenMs }: { nonce: string; givenMs: number },
  { keep, options }: { keep: { keeper: Keeper }; options: KeeperOptions },
): Promise<string | undefined> {
  const said = unseal(options.secret, nonce, line) as { nonce?: unknown; request?: unknown } | undefined;
  const request = requestForm.safeParse(said?.request);
  if (typeof said?.nonce !== 'string' || !request.success) return undefined;
  if (isTooLate(monotonicMs() - givenMs, request.data.leaseMs)) return undefined;
  const answer = lend(request.data, keep, options);
  const tried = request.data.what === 'try' ? { granted: await reaches(request.data, options) } : {};
  return seal(options.secret, said.nonce, { ...answer, ...tried });
}

/** What is lent is on the disk before it is said. */
function lend(request: Request, keep: { keeper: Keeper }, options: KeeperOptions): Answer {
  const { memory } = keep.keeper;
  const { keeper, answer } = ask(keep.keeper, request, monotonicMs());
  if (keeper.memory !== memory && JSON.stringify(keeper.memory) !== JSON.stringify(memory)) {
    writeMemory(options.file, keeper.memory);
    options.log(`epoch ${keeper.memory.epoch}: ${keeper.memory.holder ?? 'nobody'} (was ${memory.epoch})`);
  }
  keep.keeper = keeper;
  return answer;
}

/** Shorter than whoever asks waits. A gate that is closed refuses at once. */
const tryMs = 300;

function reaches({ site }: Request, { ports }: KeeperOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(ports[site]);
    const end = (reached: boolean): void => {
      socket.destroy();
      resolve(reached);
    };
    socket.setTimeout(tryMs, () => end(false));
    socket.on('error', () => end(false)).on('connect', () => end(true));
  });
}
