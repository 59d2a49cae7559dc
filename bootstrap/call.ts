// What a run of bootstrap is called with, and what it then has.
import type { Log } from '../lib/host/log.ts';
import type { Context, Executable } from './context.ts';
import type { Hosts } from './hosts.ts';
import type { Printer } from './print.ts';
import type { World } from './reach.ts';

export type Call = {
  /** The region file: what to call it, its text, its folder. */
  readonly file: { readonly name: string; readonly text: string; readonly folder: string };
  /** `check` says what does not hold, `plan` also what would be done; neither changes anything. */
  readonly doing: 'apply' | 'plan' | 'check';
  /** Whether what runs may be restarted. */
  readonly restart: boolean;
  /** Who is at work, for others who come meanwhile. */
  readonly who: string;
  /** Codes of findings that a person accepts. */
  readonly accept: readonly string[];
  readonly executable: Executable | undefined;
  readonly arch: string;
  readonly logFile: string | undefined;
  readonly printer: Printer;
  readonly stopping: () => boolean;
};

export type Run = {
  readonly call: Call;
  readonly context: Context;
  readonly hosts: Hosts;
  readonly world: World;
  readonly log: Log;
};
