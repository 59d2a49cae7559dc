// What a site knows when it decides, and what it can do.
import type { SiteName } from '../site-name.ts';
import type { Views } from './keeper.ts';

/** The server of this site. `hung`: it runs, and does not answer. */
export type Server = 'stopped' | 'starting' | 'standby' | 'primary' | 'hung';

export type Other =
  | {
      readonly answers: true;
      readonly inRecovery: boolean;
      readonly timeline: number;
      readonly systemId: string;
      /** In bytes; as text, since JSON has no such numbers. */
      readonly position: bigint | undefined;
    }
  | { readonly answers: false; readonly because: string };

/** What the site keeps on its disk. */
export type Mine = {
  /** The epoch in which this site was, or is, the primary: given to it by all that are needed. */
  readonly epoch: number;
  /** The last epoch that it has asked for: if it was interrupted, the keepers know whether it was given. */
  readonly begun: number;
  /** The last epoch of the other site that its server was seen to follow. */
  readonly followed: number;
  readonly failures: number;
};

export type Gate = 'open' | 'closed' | 'absent';

export type Facts = {
  readonly site: SiteName;
  /** Host names, for messages. */
  readonly hosts: Readonly<Record<SiteName, string>>;
  readonly server: Server;
  readonly timeline: number | undefined;
  readonly systemId: string | undefined;
  /** A standby that receives WAL from the other site. */
  readonly streams: boolean;
  /** What a stopped server will be when it is started. */
  readonly startsAs: 'primary' | 'standby' | 'nothing';
  readonly other: Other;
  readonly mine: Mine;
  /** Undefined: there are no witnesses. */
  readonly views: Views | undefined;
  readonly gate: Gate;
  readonly limit: number;
  readonly passfile: 'private' | 'missing' | 'open to others';
};

export type Step =
  | { readonly do: 'make gate' }
  | { readonly do: 'close gate' }
  /** Without witnesses: until it is closed. */
  | { readonly do: 'open gate' }
  | { readonly do: 'end sessions' }
  /** Asks to go on; if it may, the gate is open for the time of the loan. */
  | { readonly do: 'hold'; readonly epoch: number }
  /** Asks to begin; if it may not, no further step is taken. */
  | { readonly do: 'take'; readonly epoch: number }
  | { readonly do: 'yield'; readonly epoch: number }
  | { readonly do: 'remember'; readonly mine: Partial<Mine> }
  | { readonly do: 'promote' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'start server' }
  | { readonly do: 'stop server' }
  | { readonly do: 'start at boot'; readonly enabled: boolean };

export type Level = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
export type Line = readonly [level: Level, text: string];

export type Decision = { readonly exit: 0 | 1; readonly steps: readonly Step[]; readonly says: readonly Line[] };

export function decided(says: Line, ...steps: readonly Step[]): Decision {
  return { exit: 0, steps, says: [says] };
}

export function refused(...says: readonly Line[]): Decision {
  return { exit: 1, steps: [], says };
}
