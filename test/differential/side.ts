// One side of a comparison: a pretended cluster with real servers, all driven through one of the two agents.
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyBase, type Owner } from './base.ts';
import { placeTools, type AgentName } from './programs.ts';
import { emptyHistory, type History } from './history.ts';

/** What all sides of a run share. */
export type Rig = {
  readonly root: string;
  readonly base: string;
  readonly programs: string;
  readonly functions: string;
  readonly owner: Owner;
};

/** The names a notification carries, as they were when the transition began. */
export type NotifyKeys = { readonly promoted: readonly string[]; readonly unpromoted: readonly string[] };

export type Side = {
  readonly rig: Rig;
  readonly agent: AgentName;
  readonly root: string;
  readonly nodes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly histories: Map<string, History>;
  keys: NotifyKeys;
};

export type SideSpec = {
  readonly rig: Rig;
  readonly agent: AgentName;
  readonly root: string;
  readonly nodes: readonly string[];
  /** Names of the nodes as the cluster spells them, where that is not lower case. */
  readonly spelled?: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
};

export const resource = 'cfpgsql';

export const nodeFolder = (side: Side, node: string): string => join(side.root, node);
export const dataFolder = (side: Side, node: string): string => join(side.root, node, 'data');
export const socketFolder = (side: Side, node: string): string => join(side.root, node, 'sock');
export const stateFolder = (side: Side, node: string): string => join(side.root, 'state/nodes', node);

function makeState(side: Side, spelled: Readonly<Record<string, string>>): void {
  const state = join(side.root, 'state');
  mkdirSync(join(state, 'broken'), { recursive: true });
  writeFileSync(join(state, 'resource'), `${resource}\n`);
  writeFileSync(join(state, 'provider'), side.agent === 'upstream' ? 'heartbeat:pgsql\n' : 'custom:cfpgsql\n');
  writeFileSync(join(state, 'writes'), '');
  for (const node of side.nodes) {
    const folder = stateFolder(side, node);
    mkdirSync(join(folder, 'reboot'), { recursive: true });
    mkdirSync(join(folder, 'forever'));
    writeFileSync(join(folder, 'uname'), `${spelled[node] ?? node}\n`);
    writeFileSync(join(folder, 'online'), 'true\n');
    writeFileSync(join(folder, 'role'), 'Stopped\n');
    writeFileSync(join(folder, 'lrm.xml'), '');
  }
}

async function makeNode(side: Side, node: string): Promise<void> {
  const folder = nodeFolder(side, node);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  placeTools(join(folder, 'sbin'), side.agent);
  mkdirSync(socketFolder(side, node));
  chownSync(socketFolder(side, node), side.rig.owner.uid, side.rig.owner.gid);
  await copyBase(side.rig.base, dataFolder(side, node), socketFolder(side, node));
}

/** Lays out a side: state, recorders, and a fresh data directory for every node. */
export async function makeSide(spec: SideSpec): Promise<Side> {
  const { rig, agent, root, nodes, parameters } = spec;
  const histories = new Map(nodes.map((n) => [n, emptyHistory()]));
  const side: Side = { rig, agent, root, nodes, parameters, histories, keys: { promoted: [], unpromoted: [] } };
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  makeState(side, spec.spelled ?? {});
  await Promise.all(nodes.map((n) => makeNode(side, n)));
  pointVip(side, undefined);
  return side;
}

/** Moves the address of the primary, a link to a socket directory, to a node or to nowhere. */
export function pointVip(side: Side, node: string | undefined): void {
  const vip = join(side.root, 'vip');
  rmSync(vip, { force: true });
  symlinkSync(node === undefined ? join(side.root, 'nowhere') : socketFolder(side, node), vip);
}

/** The node the address points to. */
export function vipNode(side: Side): string | undefined {
  const target = readlinkSync(join(side.root, 'vip'));
  return side.nodes.find((n) => socketFolder(side, n) === target);
}

export function role(side: Side, node: string): string {
  return readFileSync(join(stateFolder(side, node), 'role'), 'utf8').trim();
}

export function online(side: Side, node: string): boolean {
  return readFileSync(join(stateFolder(side, node), 'online'), 'utf8').trim() === 'true';
}

export function log(side: Side, text: string): void {
  appendFileSync(join(side.root, 'log'), `${text}\n`);
}
