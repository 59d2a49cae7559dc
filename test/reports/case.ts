// A report of what broke another tool, as a case: on what it is played, what happened before, and what has to hold now.
import type { Cluster, ClusterSpec } from './servers.ts';
import type { Region } from './region.ts';

/** Says something while a case is played. */
export type Say = (line: string) => void;

export type Setup = 'function' | 'servers' | 'testbed';

/** Text or a snapshot goes into a function. */
export type FunctionContext = Readonly<{ say: Say }>;

/** Real servers, and the agent called by environment with pretended tools of Pacemaker. */
export type ServersContext = Readonly<{
  say: Say;
  /** A directory of this case, removed with it. */
  folder: string;
  /** Makes a pretended cluster with servers of its own; they end with the case. */
  cluster: (spec: ClusterSpec) => Promise<Cluster>;
}>;

/** A region that `cfha bootstrap` has made, healthy when the case begins. */
export type TestbedContext = Readonly<{ say: Say; region: Region }>;

type About = Readonly<{
  /** The number of the report. */
  number: number;
  /** The kind of fault, 1 to 9, as docs/faults.md groups them; 10: seen on nodes, in what is reported. */
  kind: number;
  /** A sentence: subject and behaviour. */
  title: string;
  /** One sentence: what happened before the fix. */
  before: string;
  /** Played by default; the others only when the part is run whole. */
  core: boolean;
}>;

export type FunctionCase = About &
  Readonly<{
    setup: 'function';
    /** What happens now, in one sentence. */ play: (context: FunctionContext) => Promise<string>;
  }>;

export type ServersCase = About & Readonly<{ setup: 'servers'; play: (context: ServersContext) => Promise<string> }>;

export type TestbedCase = About &
  Readonly<{
    setup: 'testbed';
    /** Debian 12 with PostgreSQL 15, if not given; trixie is Debian 13 with PostgreSQL 17. */
    suite?: 'bookworm' | 'trixie';
    /** `async`, if not given. */
    mode?: 'async' | 'sync';
    play: (context: TestbedContext) => Promise<string>;
  }>;

/** `play` throws what does not hold, and returns what happens now in one sentence. */
export type Case = FunctionCase | ServersCase | TestbedCase;
