// Everything cfha bootstrap can say went wrong, and how it is said.
import { doubts, notes } from './doubts.ts';
import { refusals, type Text, type Where } from './texts.ts';

/** What goes wrong while goals are reached. */
export const failures = {
  HOST_LOST: (r: Where & { because: string }): Text => [
    `it does not answer any more: ${r.because}`,
    'Run the same command again when it is back.',
  ],
  COMMAND_FAILED: (r: Where & { goal: string; command: string; because: string }): Text => [
    `${r.goal}: "${r.command}" failed: ${r.because}`,
    'Remove the cause and run the same command again: it goes on where it stopped.',
  ],
  NOT_REACHED: (r: { goal: string; lacks: string; evidence: string }): Text => [
    `${r.goal}: its commands ran, but: ${r.lacks}${r.evidence}`,
    'Look at the nodes (pcs status --full, journalctl -u pacemaker), then run the same command again.',
  ],
  NOT_BUILT: (_: object): Text => ['there is no dist/cfha to install on the nodes', 'Build it: npm run build.'],
} as const;

export const reports = { ...refusals, ...doubts, ...notes, ...failures };

type Details = { [C in keyof typeof reports]: Parameters<(typeof reports)[C]>[0] };
export type Report = { [C in keyof Details]: { readonly code: C } & Readonly<Details[C]> }[keyof Details];

/** A report as text: the sentence with its host before it, and what to do. */
export function say(report: Report): { says: string; todo: string } {
  const [says, todo] = (reports[report.code] as (details: Report) => Text)(report);
  return { says: 'host' in report ? `${report.host}: ${says}` : says, todo };
}

/** Whether a person may say that it shall be done nevertheless. */
export function mayBeAccepted(code: string): boolean {
  return code in doubts;
}

/** Whether it is only to be known, and forbids nothing. */
export function isNote({ code }: Report): boolean {
  return code in notes;
}
