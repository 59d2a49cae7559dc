// The phases of a failover, from the journals of all nodes on one clock. Pure.

export type LogLine = { readonly node: string; readonly atMs: number; readonly text: string };

/** Reads `journalctl -o short-unix`; `offsetMs`: how far that node's clock is ahead of ours. */
export function readJournal(node: string, text: string, offsetMs: number): readonly LogLine[] {
  return text.split('\n').flatMap((line) => {
    const [, seconds, rest] = /^(\d+\.\d+) \S+ (.*)$/.exec(line) ?? [];
    return seconds === undefined || rest === undefined ? [] : [{ node, atMs: Number(seconds) * 1000 - offsetMs, text: rest }];
  });
} // prettier-ignore

export type PhaseName = 'detected' | 'fenced' | 'promoted' | 'VIP moved' | 'first write';
/** `tookMs`: since the phase before it, or since it was broken. */
export type Phase = {
  readonly phase: PhaseName;
  readonly atMs: number;
  readonly tookMs: number;
  readonly evidence: string;
};

/** What tells that a phase has come. */
export type Signs = readonly (readonly [PhaseName, RegExp])[];

const signs: Signs = [
  ['detected', /Unexpected result \(|Setting fail-count-|Token has not been received|A processor failed|state is now lost|Shutting down cluster resource manager|has active shutdown request|wants to fence|Setting standby\[|Setting shutdown\[|due to node availability|Promoted? .*->|Demote /],
  ['fenced', /Operation '(reboot|off)' targeting \S+ by \S+ for .*: OK/],
  ['promoted', /Result of promote operation for \S+ on \S+: ok/],
  ['VIP moved', /Result of start operation for VIP on \S+: ok/],
]; // prettier-ignore

type Moment = {
  readonly lines: readonly LogLine[];
  readonly brokenMs: number;
  /** The end of the client's longest gap; undefined: there was none. */
  readonly firstWriteMs: number | undefined;
  /** The resource of the virtual IP. */
  readonly vip: string | undefined;
  /** Of a region, if not given. */
  readonly signs?: Signs;
};

/** The first sign of each, after it was broken and before clients wrote again, in the order of time. */
export function phasesOf({ lines, brokenMs, firstWriteMs, vip, signs: known = signs }: Moment): readonly Phase[] {
  const until = (firstWriteMs ?? Infinity) + 500;
  const within = lines.filter(({ atMs }) => atMs >= brokenMs - 50 && atMs <= until).toSorted((a, b) => a.atMs - b.atMs);
  const found = known.flatMap(([phase, sign]) => {
    const pattern = phase === 'VIP moved' ? new RegExp(sign.source.replace('VIP', vip ?? '\\S+')) : sign;
    const line = within.find(({ text }) => pattern.test(text));
    return line === undefined ? [] : [{ phase, atMs: line.atMs, evidence: `${line.node}: ${line.text}` }];
  });
  const write = firstWriteMs === undefined ? [] : [{ phase: 'first write' as const, atMs: firstWriteMs, evidence: 'the client' }];
  const sorted = [...found, ...write].toSorted((a, b) => a.atMs - b.atMs);
  return sorted.map((phase, n) => ({ ...phase, tookMs: phase.atMs - (sorted[n - 1]?.atMs ?? brokenMs) }));
} // prettier-ignore

/** Lines that tell what the cluster did; for the report. */
export function telling(lines: readonly LogLine[], known = signs): readonly LogLine[] {
  return lines
    .filter(({ text }) => known.some(([, sign]) => new RegExp(sign.source.replace('VIP', '\\S+')).test(text)))
    .toSorted((a, b) => a.atMs - b.atMs);
}
