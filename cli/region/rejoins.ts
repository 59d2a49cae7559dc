// How far nodes are that are being made standbys again: read from the attribute that the work in the background writes. Pure.
import { valueOf, type View } from './view.ts';

export type Rejoin = {
  readonly node: string;
  readonly way: string;
  readonly doneBytes: number;
  /** 0: not known yet. */
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
  /** Undefined: cannot be told. */
  readonly secondsLeft: number | undefined;
};

export function rejoinsOf(view: View, now: Date): readonly Rejoin[] {
  return view.nodes.flatMap((node) => {
    const rejoin = readRejoin(valueOf(view, node, 'rejoin'), now);
    return rejoin === undefined ? [] : [{ node: node.name, ...rejoin }];
  });
}

/** `clone DONE/TOTAL since SECONDS`, the seconds since the epoch. */
function readRejoin(value: string | undefined, now: Date): Omit<Rejoin, 'node'> | undefined {
  const [, way = '', done, total, since] = /^(\w+) (\d{1,15})\/(\d{1,15}) since (\d{9,11})$/.exec(value ?? '') ?? [];
  if (done === undefined) return undefined;
  const [doneBytes, totalBytes] = [Number(done), Number(total)];
  const seconds = Math.max(1, now.getTime() / 1000 - Number(since));
  const bytesPerSecond = Math.round(doneBytes / seconds);
  const left = bytesPerSecond > 0 && totalBytes > 0 ? (totalBytes - doneBytes) / bytesPerSecond : undefined;
  return { way, doneBytes, totalBytes, bytesPerSecond, secondsLeft: left === undefined ? undefined : Math.round(left) };
}

export function rejoinText({ way, doneBytes, totalBytes, bytesPerSecond, secondsLeft }: Rejoin): string {
  if (totalBytes === 0) return `${way} has begun`;
  const left = secondsLeft === undefined ? '' : `, about ${secondsLeft} s left`;
  return `${way}, ${bytes(doneBytes)} of ${bytes(totalBytes)}, ${bytes(bytesPerSecond)}/s${left}`;
}

export function bytes(count: number): string {
  if (count < 10_240) return `${count} bytes`;
  return count < 10_485_760 ? `${Math.round(count / 1024)} kB` : `${Math.round(count / 1_048_576)} MB`;
}
