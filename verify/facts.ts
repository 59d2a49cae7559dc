// What the static checks know. Types only: how it is asked is in node-script.ts, read in read-node.ts and read-cib.ts.
import type { View } from '../cli/region/view.ts';
import type { Values } from '../lib/pacemaker/cib.ts';
import type { Platform } from './platform.ts';

export type Operation = Values & { readonly name: string };

export type Primitive = {
  readonly id: string;
  /** `ocf:custom:cfpgsql`, `stonith:fence_vmware_soap` */
  readonly agent: string;
  readonly attributes: Values;
  readonly meta: Values;
  readonly operations: readonly Operation[];
  /** The group it is in. */
  readonly group: string | undefined;
};

export type CibFacts = {
  readonly view: View;
  readonly properties: Values;
  readonly defaults: Values;
  readonly primitives: readonly Primitive[];
  /** The PostgreSQL resource, one of them. */
  readonly postgres: Primitive;
  readonly cloneMeta: Values;
  /** The attributes of each, and which kind it is. */
  readonly constraints: readonly Values[];
  /** False for a document that holds the configuration alone. */
  readonly hasStatus: boolean;
};

export type Tried = { readonly to: string; readonly ok: boolean; readonly says: string };
/** `synced`: the server keeps it in step with its primary's (PostgreSQL 17). */
export type Slot = {
  readonly name: string;
  readonly active: boolean;
  readonly walStatus: string;
  readonly synced?: boolean;
};

export type ServerFacts = {
  readonly standby: boolean;
  readonly settings: Values;
  /** Settings that wait for a restart, and lines of the files that the server cannot use. */
  readonly pendingRestart: readonly string[];
  readonly fileErrors: readonly string[];
  /** Settings of the agent that its files set after the agent's own, with their places. */
  readonly outranking: readonly string[];
  readonly replayPaused: boolean;
  /** Not replayed yet; of a standby. */
  readonly behindBytes: number | undefined;
  readonly streaming: boolean;
  readonly databaseBytes: number;
  readonly systemId: string;
  readonly timeline: number;
  readonly checksums: boolean;
  readonly slots: readonly Slot[];
  /** Directories of its tablespaces, each an absolute path. */
  readonly tablespaces: readonly string[];
  readonly archiver: { readonly last: string; readonly failed: number; readonly failing: boolean };
};

export type NodeFacts = {
  readonly node: string;
  /** Hash of the agent that Pacemaker runs, of the files it is made of. */
  readonly agent: string;
  readonly versions: Values;
  readonly corosyncConf: { readonly hash: string; readonly text: string };
  /** The running values of corosync, by key. */
  readonly corosync: Values;
  readonly links: readonly Tried[];
  /** `active enabled` by unit. */
  readonly units: Values;
  /** The node's clock less ours. */
  readonly clockMs: number;
  /** How sure that is: half the time of the question. */
  readonly clockErrorMs: number;
  readonly synchronised: boolean | undefined;
  readonly server: ServerFacts | undefined;
  readonly lock: boolean;
  readonly ports: readonly Tried[];
  readonly logins: readonly Tried[];
  readonly fencing: readonly Tried[];
  readonly addresses: readonly { readonly device: string; readonly address: string }[];
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Hardware addresses by device. */
  readonly macs: Values;
  readonly walOnRoot: boolean;
  /** Why no copy can take the place of the data; undefined: one can. */
  readonly copyObstacle: string | undefined;
  /** Whether logind removes what a user leaves in memory, and whose the server is; undefined: it does not tell. */
  readonly ipc: { readonly uid: number; readonly systemUidMax: number; readonly removed: boolean } | undefined;
  /** Files that set the environment of a server that Debian's own programs start. */
  readonly environmentFiles: readonly string[];
  readonly certificates: readonly { readonly file: string; readonly days: number }[];
  readonly disks: readonly { readonly what: string; readonly freeBytes: number; readonly bytes: number }[];
  /** The WAL file that was archived last, got back by this node's restore_command; undefined: not tried. */
  readonly restored: Tried | undefined;
  /** Whether the node has a kernel of its own, and what it is otherwise. */
  readonly container: string | undefined;
  readonly platform: Platform;
};

export type Facts = {
  readonly cib: CibFacts;
  readonly nodes: readonly NodeFacts[];
  /** Why a node could not be asked, by name. */
  readonly silent: Values;
  /** What differs from the region file; undefined: there is none, or it could not be compared. */
  readonly drift: readonly string[] | undefined;
};
