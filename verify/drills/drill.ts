// What a drill is: data. What it breaks and how that is undone, what must hold while and after. run-drill.ts plays it. Pure.
import type { View } from '../../cli/region/view.ts';
import type { CibFacts } from '../facts.ts';

/** The region as it is when a drill begins: healthy. */
export type Situation = {
  readonly primary: string;
  readonly standbys: readonly string[];
  /** The first of them. */
  readonly standby: string;
  readonly nodes: readonly string[];
  readonly cib: CibFacts;
  readonly database: string;
  readonly place: Readonly<Record<'pgdata' | 'bindir' | 'pgdba' | 'port' | 'socket', string>>;
  readonly mode: 'async' | 'sync';
  /** What a node is, if it has no kernel of its own. */
  readonly containers: Readonly<Record<string, string | undefined>>;
  /** Whether the WAL is on the same file system as the node's root, by node. */
  readonly walOnRoot: Readonly<Record<string, boolean>>;
  /** Hardware addresses of the device with the node's own address. */
  readonly macs: Readonly<Record<string, string>>;
  readonly archive: { readonly configured: boolean; readonly restoreCommand: string };
  /** cfha runs on one of the nodes. */
  readonly onNode: string | undefined;
};

/** What is seen while a drill runs. */
export type Seen = {
  /** Each node that answers: its own copy of the CIB, and which boot it lives in. */
  readonly nodes: Readonly<Record<string, { readonly view: View | undefined; readonly boot: string } | undefined>>;
  readonly acknowledged: number;
  readonly sinceAcknowledgedMs: number;
  /** Boots at the drill's begin. */
  readonly boots: Readonly<Record<string, string>>;
};

export type Step =
  | { readonly do: 'run'; readonly on: string; readonly says: string; readonly script: string; readonly expects?: RegExp; readonly seconds?: number; /** It breaks something: time is counted from here. */ readonly breaks?: true; /** The node may vanish under it. */ readonly mayFail?: true }
  /** The script is run until what it prints is as expected. */
  | { readonly do: 'poll'; readonly on: string; readonly says: string; readonly script: string; readonly expects: RegExp; readonly seconds: number }
  | { readonly do: 'wait'; readonly says: string; readonly seconds: number; readonly until: (seen: Seen) => boolean; /** A node that must have stopped answering by 30 s. */ readonly leaves?: string }
  /** For so long it must be so all the time. */
  | { readonly do: 'stays'; readonly says: string; readonly seconds: number; readonly while: (seen: Seen) => boolean }
  | { readonly do: 'undo'; readonly says: string }
  /** The region is as before; for drills of several parts. */
  | { readonly do: 'healthy' }
  | { readonly do: 'load'; readonly turn: 'on' | 'off' }; // prettier-ignore

/** A script that takes back what was broken; it may run twice, and when nothing was broken. */
export type Undo = { readonly on: string; readonly script: string };

export type Holds<S = Situation> = {
  readonly primary: 'stays' | 'moves' | 'either';
  /** Nodes that must be started anew by it; all others must not be. */
  readonly rebooted: (situation: S) => readonly string[] | 'any';
  /** `async`: asynchronous replication may lose what was acknowledged in the last moments; synchronous never. */
  readonly loss: 'never' | 'async';
  /** What clients have to bear at most. */
  readonly gapSeconds: number;
};

export type Drill = {
  readonly name: string;
  readonly says: string;
  readonly breaks: string;
  /** How long clients wait. */
  readonly clients: string;
  readonly undone: string;
  readonly source: string;
  /** Numbers in docs/faults.md. */
  readonly faults: readonly number[];
  /** A node loses its power or its network: cfha must not run there. */
  readonly losesNode?: true;
  /** Why it cannot be played here. */
  readonly refuse?: (situation: Situation) => string | undefined;
  readonly steps: (situation: Situation) => readonly Step[];
  readonly undo: (situation: Situation) => readonly Undo[];
  readonly holds: Holds;
  /** How long the region may take to be healthy again after it; 180 if not given. */
  readonly seconds?: number;
};
