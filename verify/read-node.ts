// What a node's script printed -> facts. Pure.
import { decoded, readAnswer, type Answer } from '../bootstrap/answer.ts';
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
import type { NodeFacts, ServerFacts, Slot, Tried } from './facts.ts';
import { readPlatform } from './platform.ts';

/** A question about the clock: when it was asked and answered here, what was said there. All in milliseconds. */
export type Clock = { readonly askedMs: number; readonly answeredMs: number; readonly saysMs: number };

export function readClock(result: Result, times: Pick<Clock, 'askedMs' | 'answeredMs'>): Clock {
  const says = Number(readAnswer(result).one('clock') ?? NaN) / 1e6;
  if (Number.isNaN(says)) throw new UnreadableAnswer('the node does not say what time it is');
  return { ...times, saysMs: says };
}

export function readNode(node: string, result: Result, clock: Clock): NodeFacts {
  const answer = readAnswer(result);
  return {
    node,
    agent: answer.one('agent') ?? '',
    versions: pairs(answer.all('version')),
    corosyncConf: { hash: answer.one('corosync-hash') ?? '', text: decoded(answer.one('corosync-conf')) ?? '' },
    corosync: pairs(answer.all('cmap')),
    links: answer.all('link').map((line) => {
      const { to, says } = split(line);
      return { to, ok: says.startsWith('connected'), says };
    }),
    units: Object.fromEntries(answer.all('unit').map(unit)),
    clockMs: clock.saysMs - (clock.askedMs + clock.answeredMs) / 2,
    clockErrorMs: (clock.answeredMs - clock.askedMs) / 2,
    synchronised: { yes: true, no: false }[answer.one('synchronised') ?? ''],
    server: server(decoded(answer.one('server'))),
    lock: answer.one('lock') === 'yes',
    ports: answer.all('port').map(readTried),
    logins: answer.all('login').map(readTried),
    fencing: answer.all('fence').map(readTried),
    addresses: answer.all('address').map((line) => {
      const { to: device, says: address } = split(line);
      return { device, address };
    }),
    names: Object.fromEntries(answer.all('name').map((line) => [split(line).to, split(line).says.split(' ').filter(Boolean)])), // prettier-ignore
    macs: pairs(answer.all('mac')),
    copyObstacle: answer.one('copy-obstacle'),
    ipc: ipc(answer.one('ipc')),
    environmentFiles: answer.all('environment'),
    walOnRoot: answer.one('wal-on-root') === 'yes',
    certificates: answer.all('certificate').map((line) => ({ days: Number(split(line).to), file: split(line).says })),
    disks: answer.all('disk').map((line) => {
      const [what = '', free = '', all = ''] = line.split(' ');
      return { what, freeBytes: Number(free), bytes: Number(all) };
    }),
    restored: undefined,
    container: container(answer),
    platform: readPlatform(answer),
  };
}

/** `UID SYS_UID_MAX true`, by logind itself. */
function ipc(line: string | undefined): NodeFacts['ipc'] {
  const [uid = '', most = '', removed = ''] = (line ?? '').split(' ');
  if (!/^\d+$/.test(uid) || !['true', 'false'].includes(removed)) return undefined;
  return { uid: Number(uid), systemUidMax: Number(most), removed: removed === 'true' };
}

function container(answer: Answer): string | undefined {
  const says = answer.one('container') ?? '';
  return says === '' || says === 'none' ? undefined : says;
}

function split(line: string): { readonly to: string; readonly says: string } {
  const [to = '', ...rest] = line.split(' ');
  return { to, says: rest.join(' ').trim() };
}

function pairs(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map((line) => [split(line).to, split(line).says]));
}

/** `NAME yes`, or `NAME` and why not. */
export function readTried(line: string): Tried {
  const { to, says } = split(line);
  return { to, ok: says === 'yes', says };
}

/** systemd prints the properties in an order of its own, not in ours. */
function unit(line: string): [string, string] {
  const words = `unit ${line}`.split(' ').filter(Boolean);
  const after = (word: string) => words[words.indexOf(word) + 1] ?? '';
  return [after('unit'), `${after('active')} ${after('enabled')}`];
}

type Said = {
  readonly standby: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly pending: readonly string[];
  readonly errors: readonly string[];
  readonly outranking: readonly string[];
  readonly paused: boolean;
  readonly behind: number | null;
  readonly streaming: boolean;
  readonly bytes: number;
  readonly system: string;
  readonly timeline: number;
  readonly checksums: boolean;
  readonly slots: readonly Slot[];
  readonly tablespaces: readonly string[];
  readonly archiver: ServerFacts['archiver'];
};

function server(json: string | undefined): ServerFacts | undefined {
  if (json === undefined) return undefined;
  const { pending, errors, paused, behind, bytes, system, ...rest } = JSON.parse(json) as Said;
  return {
    ...rest,
    pendingRestart: pending,
    fileErrors: errors,
    replayPaused: paused,
    behindBytes: behind === null ? undefined : Math.max(0, behind),
    databaseBytes: bytes,
    systemId: system,
  };
}
