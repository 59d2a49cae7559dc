// The words in which scenarios are written: actions, notifications, whole transitions, faults.
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { callAgent } from './call.ts';
import type { Deviation } from './compare.ts';
import { beginTransition, forget, metaAttributes, nodesInRole, notifyEnvironment, record } from './pacemaker.ts';
import { ask, baseBackup, crash } from './servers.ts';
import { log, nodeFolder, pointVip, socketFolder, stateFolder, type Side } from './side.ts';

export type Step = {
  readonly says: string;
  /** The exit code, if an agent was called. */
  readonly run: (side: Side) => Promise<number | undefined>;
  /** What ours must answer, literally. */
  readonly ours?: number;
  /** What upstream 4.12 must answer, literally. */
  readonly upstream?: number;
};

export type Scenario = {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly nodes?: readonly string[];
  readonly spelled?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly deviates?: readonly Deviation[];
  /** Part of the quick run. */
  readonly core?: boolean;
};

type Extra = {
  readonly env?: Readonly<Record<string, string>>;
  readonly about?: Readonly<Record<string, readonly string[]>>;
  readonly limitMs?: number;
  readonly ours?: number;
  readonly upstream?: number;
  readonly exit?: number;
  readonly says?: string;
};

function asserted({ ours, upstream, exit }: Extra): { ours?: number; upstream?: number } {
  if (exit !== undefined) return { ours: exit, upstream: exit };
  return ours === undefined || upstream === undefined ? {} : { ours, upstream };
}

function intervalOf(action: string, side: Side, node: string): number {
  if (action !== 'monitor') return 0;
  return side.histories.get(node)?.role === 'Promoted' ? 3000 : 4000;
}

async function perform(side: Side, node: string, doing: { op: string; probe: boolean; extra: Extra }): Promise<number> {
  const { op, probe, extra } = doing;
  const interval = probe ? 0 : intervalOf(op, side, node);
  const replicated = side.parameters['rep_mode'] === 'async' || side.parameters['rep_mode'] === 'sync';
  const env = {
    ...metaAttributes(side, op, interval),
    ...(replicated && op !== 'monitor' ? notifyEnvironment(side, { [op]: [node], ...extra.about }) : {}),
    ...extra.env,
  };
  const rc = await callAgent(side, {
    action: op,
    node,
    env: expand(side, node, env),
    limitMs: extra.limitMs ?? 60_000,
  });
  record(side, node, { op, interval, rc });
  return rc;
}

function expand(side: Side, node: string, env: Readonly<Record<string, string>>): Record<string, string> {
  const place = (value: string) => value.replaceAll('@side', side.root).replaceAll('@node', nodeFolder(side, node));
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, place(value)]));
}

/** Ours asks the primary about a lock, by psql; where it cannot, the lock stands as with pgsql (else: D28). */
export const cannotAsk = { env: { OCF_RESKEY_psql: '/bin/false' } } as const;

/** One action on one node, by itself. */
export function act(op: string, node: string, extra: Extra = {}): Step {
  const run = (side: Side) => {
    beginTransition(side);
    return perform(side, node, { op, probe: false, extra });
  };
  return { says: extra.says ?? `${op === '' ? '(no argument)' : op} on ${node}`, run, ...asserted(extra) };
}

/** A monitor by which Pacemaker finds out what runs. */
export function probe(node: string, extra: Extra = {}): Step {
  return {
    says: extra.says ?? `probe on ${node}`,
    run: (side) => perform(side, node, { op: 'monitor', probe: true, extra }),
    ...asserted(extra),
  };
}

export const monitor = (node: string, extra: Extra = {}): Step => act('monitor', node, extra);

type Note = {
  readonly type: 'pre' | 'post';
  readonly op: string;
  readonly about: Readonly<Record<string, readonly string[]>>;
};

async function sendNotice(side: Side, node: string, note: Note & { extra?: Extra }): Promise<number> {
  const env = {
    ...metaAttributes(side, 'notify', 0),
    ...notifyEnvironment(side, note.about),
    OCF_RESKEY_CRM_meta_notify_type: note.type,
    OCF_RESKEY_CRM_meta_notify_operation: note.op,
    ...note.extra?.env,
  };
  return callAgent(side, { action: 'notify', node, env, limitMs: note.extra?.limitMs ?? 60_000 });
}

/** One notification to one node, by itself. */
export function notify(node: string, note: Note, extra: Extra = {}): Step {
  const about = Object.values(note.about).flat().join(' ');
  return {
    says: extra.says ?? `${note.type}-${note.op} of ${about} to ${node}`,
    run: (side) => {
      beginTransition(side);
      return sendNotice(side, node, { ...note, extra });
    },
    ...asserted(extra),
  };
}

/** An action with all notifications around it, as a transition of Pacemaker: told to every node that is active. */
export function transition(op: string, node: string, extra: Extra = {}): Step[] {
  const about = { [op]: [node] };
  const toActive = (type: 'pre' | 'post'): Step => ({
    says: `${type}-${op} of ${node} to all active nodes`,
    run: async (side) => {
      if (type === 'pre') beginTransition(side);
      const active = [...nodesInRole(side, 'Promoted'), ...nodesInRole(side, 'Unpromoted')].sort();
      let worst = 0;
      for (const other of active) worst = Math.max(worst, await sendNotice(side, other, { type, op, about }));
      return worst;
    },
  });
  const doing: Step = {
    says: `${op} on ${node}`,
    run: (side) => perform(side, node, { op, probe: false, extra }),
    ...asserted(extra),
  };
  return [toActive('pre'), doing, toActive('post')];
}

/** Something that happens to the cluster or the servers, not an action of the agent. */
export function fault(says: string, happens: (side: Side) => Promise<unknown>): Step {
  return {
    says,
    run: async (side) => {
      log(side, says);
      await happens(side);
      return undefined;
    },
  };
}

const at = (happens: (side: Side) => void) => (side: Side) => {
  happens(side);
  return Promise.resolve();
};

export const vip = (node: string | undefined): Step =>
  fault(
    `address to ${node ?? 'nowhere'}`,
    at((side) => pointVip(side, node)),
  );

export const killServer = (node: string): Step => fault(`server of ${node} crashes`, (side) => crash(side, node));

export const sql = (node: string, text: string): Step => fault(`${node}: ${text}`, (side) => ask(side, node, text));

/** Somebody receives the WAL of a node's server, under a name, until it stops. */
export const follow = (node: string, name: string): Step =>
  fault(`${name} follows ${node}`, async (side) => {
    const wal = join(side.root, `wal-of-${name}`);
    mkdirSync(wal);
    const words = ['-h', socketFolder(side, node), '-U', 'postgres', '-D', wal, '--no-loop'];
    spawn(`${side.rig.programs}/pg_receivewal`, words, { stdio: 'ignore', env: { PGAPPNAME: name } })
      .on('error', () => undefined)
      .unref();
    const rows = () =>
      ask(side, node, `select 1 from pg_stat_replication where application_name = '${name}' and state = 'streaming'`);
    for (let tries = 0; tries < 400 && (await rows())?.length !== 1; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
  });

/** Some WAL on a primary. */
export const work = (node: string): Step =>
  sql(node, "select pg_logical_emit_message(false, 'work', repeat('x', 3000)); create table if not exists t(i int)");

/** Writes or removes a file of a node, owned by the servers' user. */
export function file(node: string, path: string, content: string | undefined): Step {
  return fault(
    `${content === undefined ? 'remove' : 'write'} ${node}/${path}`,
    at((side) => {
      const place = join(nodeFolder(side, node), path);
      if (content === undefined) return rmSync(place, { recursive: true, force: true });
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, content.replaceAll('@side', side.root).replaceAll('@node', nodeFolder(side, node)));
      return chownSync(place, side.rig.owner.uid, side.rig.owner.gid);
    }),
  );
}

export const configure = (node: string, line: string): Step =>
  fault(
    `${node}: ${line} in postgresql.conf`,
    at((side) =>
      appendFileSync(
        join(nodeFolder(side, node), 'data/postgresql.conf'),
        `${line.replaceAll('@node', nodeFolder(side, node))}\n`,
      ),
    ),
  );

/** The node's configuration goes to where it is not part of the data, as on Debian: a rewind or a copy replaces all data. */
export const ownConfiguration = (node: string): Step =>
  fault(
    `${node}: postgresql.conf beside the data`,
    at((side) =>
      copyFileSync(
        join(nodeFolder(side, node), 'data/postgresql.conf'),
        join(nodeFolder(side, node), 'postgresql.conf'),
      ),
    ),
  );

/** Somebody sets or deletes an attribute by hand. */
export function attribute(node: string, name: string, value: string | undefined): Step {
  const lifetime = /(data-status|timeline)$/.test(name) ? 'forever' : 'reboot';
  return fault(
    `${name} of ${node} ${value === undefined ? 'deleted' : `set to ${value}`} by hand`,
    at((side) => {
      const place = join(stateFolder(side, node), lifetime, name);
      if (value !== undefined) writeFileSync(place, `${value}\n`);
      else if (existsSync(place)) rmSync(place);
    }),
  );
}

/** A node leaves the cluster, and is known to have left: what was transient is gone. Its server ends with it. */
export const leave = (node: string): Step =>
  fault(`${node} leaves the cluster`, async (side) => {
    await crash(side, node);
    forget(side, node);
    writeFileSync(join(stateFolder(side, node), 'online'), 'false\n');
    rmSync(join(stateFolder(side, node), 'reboot'), { recursive: true });
    mkdirSync(join(stateFolder(side, node), 'reboot'));
  });

/** Contact to a node is lost: its server lives on and is no longer reached, and nobody knows whether it does. */
export const lose = (node: string): Step =>
  fault(`contact to ${node} is lost`, async (side) => {
    await crash(side, node);
    writeFileSync(join(stateFolder(side, node), 'online'), 'lost\n');
  });

export const join_ = (node: string): Step =>
  fault(
    `${node} joins the cluster`,
    at((side) => writeFileSync(join(stateFolder(side, node), 'online'), 'true\n')),
  );

/** One of Pacemaker's tools fails, or works again. */
export const breakTool = (tool: string, broken: boolean): Step =>
  fault(
    `${tool} ${broken ? 'fails' : 'works again'}`,
    at((side) => {
      const place = join(side.root, 'state/broken', tool);
      if (broken) writeFileSync(place, '');
      else rmSync(place, { force: true });
    }),
  );

/** A person gives a node a new base backup. */
export const clone = (from: string, to: string): Step =>
  fault(`${to} gets a base backup of ${from}`, (side) => baseBackup(side, from, to));

/** A file or a directory of a node becomes root's alone. */
export const forbid = (node: string, path: string): Step =>
  fault(
    `${node}/${path} becomes root's`,
    at((side) => {
      const place = join(nodeFolder(side, node), path);
      chownSync(place, 0, 0);
      chmodSync(place, 0o700);
    }),
  );

/** Makes a directory of a node that belongs to the servers' user. */
export const folder = (node: string, path: string): Step =>
  fault(
    `make ${node}/${path}`,
    at((side) => {
      const place = join(nodeFolder(side, node), path);
      mkdirSync(place, { recursive: true, mode: 0o700 });
      chownSync(place, side.rig.owner.uid, side.rig.owner.gid);
    }),
  );
