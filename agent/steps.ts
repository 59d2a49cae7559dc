// What the agent can do, as data: every choice is in the step, so carrying it out decides nothing.
// A step is harmless if it is repeated.
import type { AttributeKey } from '../meta/attributes.ts';

/** Files of the agent. The last two lie in the data directory, the others in tmpdir. */
export type FileName =
  | 'recovery.conf'
  | 'rep_mode.conf'
  | 'PGSQL.lock'
  | 'rejoin'
  | `xlog_note.${number}`
  | 'standby.signal'
  | 'postmaster.pid';

/** A setting, and whose value it has instead of which one: words for a place. */
export type Overruled = { readonly name: string; readonly value: string; readonly instead: string };

export type Step =
  /** `must`: what follows is unsafe if Pacemaker does not know it. Otherwise the next monitor writes it. */
  | {
      readonly do: 'set attribute';
      readonly node: string;
      readonly key: AttributeKey;
      readonly value: string | undefined;
      readonly must?: true;
    }
  | { readonly do: 'write file'; readonly file: FileName; readonly content: string }
  | { readonly do: 'remove file'; readonly file: FileName }
  | { readonly do: 'include in configuration'; readonly file: 'recovery.conf' | 'rep_mode.conf' }
  | { readonly do: 'take out of configuration'; readonly file: 'rep_mode.conf' }
  | { readonly do: 'make directories' }
  | {
      readonly do: 'start server';
      /** Begun and not waited for; the next monitor does that. */
      readonly unattended?: true;
      /** With an empty restore_command, whatever the configuration has. */
      readonly withoutArchive?: true;
      /** The primary is asked for its timelines first, which restore_command is told. */
      readonly askingPrimary?: true;
      /** What is given on the command line, since something else would be in force. */
      readonly over?: readonly Overruled[];
      /** As a standby that follows no primary and no archive: its data have to be compared first. */
      readonly isolated?: true;
    }
  | { readonly do: 'promote server' }
  /** Fast, after `fastSeconds` immediate, before the deadline SIGKILL; done only when no postmaster lives. */
  | { readonly do: 'stop server'; readonly fastSeconds: number }
  | { readonly do: 'reload server' }
  /** Asked for and waited for, if the server answers at all: it only shortens what follows. */
  | { readonly do: 'checkpoint' }
  /** Of a standby on which it was paused. That it fails is no reason not to promote. */
  | { readonly do: 'resume replay' }
  /** None of the three fails an action. Dropped is what nobody uses. */
  | { readonly do: 'create slot' | 'drop slot'; readonly name: string }
  /** Dropped and created. */
  | { readonly do: 'renew slot'; readonly name: string }
  /** Crash recovery without serving anyone, up to a clean shutdown. */
  | { readonly do: 'recover server' }
  /** `kept`: the name of a directory in TMPDIR/kept; positions as PostgreSQL prints them. */
  | {
      readonly do: 'keep diverged WAL';
      readonly kept: string;
      /** A rewind needs more WAL than what has diverged. */
      readonly before: 'rewind' | 'clone';
      readonly timeline: number;
      readonly fork: string;
      readonly end: string;
    }
  | { readonly do: 'rewind'; readonly kept: string }
  /** A base backup beside the data directory; it gets the name of a whole one when it is on the disk. `bytes`: about. */
  | {
      readonly do: 'copy primary';
      readonly bytes: number;
      /** The node that is copied, and whether a person wants it: what is written down if it fails. */
      readonly from?: string;
      readonly word?: true;
    }
  /** What a person has wanted has failed. */
  | { readonly do: 'end word' }
  /** The whole copy becomes the data directory, which is kept beside it. */
  | { readonly do: 'put copy in place' }
  | { readonly do: 'remove old data' }
  /** This start, once more, as a unit of systemd: there its time is not limited. */
  | { readonly do: 'begin rejoin' }
  | { readonly do: 'end rejoin' }
  /** Keeps this instance off this node until a person allows it again. */
  | { readonly do: 'ban this node' }
  | { readonly do: 'wait'; readonly ms: number };

/** A step in one line, for logs and the printed table. Contents are left out: they may hold a password. */
export function describe(step: Step): string {
  switch (step.do) {
    case 'set attribute':
      return step.value === undefined
        ? `delete ${step.key} of ${step.node}`
        : `set ${step.key} of ${step.node} to ${step.value}`;
    case 'write file':
    case 'remove file':
    case 'include in configuration':
    case 'take out of configuration':
      return `${step.do.replace(' file', '')} ${step.file}`;
    case 'start server':
      return startInWords(step);
    case 'stop server':
      return `stop server (fast for ${step.fastSeconds} s)`;
    case 'create slot':
    case 'drop slot':
    case 'renew slot':
      return `${step.do} ${step.name}`;
    case 'keep diverged WAL':
      return `keep diverged WAL in kept/${step.kept}`;
    case 'wait':
      return `wait ${step.ms} ms`;
    default:
      return step.do;
  }
}

function startInWords(step: Extract<Step, { do: 'start server' }>): string {
  const { unattended, withoutArchive, isolated, over = [] } = step;
  const names = over.length === 0 ? '' : ` with its own ${over.map(({ name }) => name).join(', ')}`;
  const marks = [
    ...(unattended === true ? [' (unattended)'] : []),
    ...(withoutArchive === true ? [' (without the archive)'] : []),
    ...(isolated === true ? [' (isolated)'] : []),
  ];
  return `start server${names}${marks.join('')}`;
}
