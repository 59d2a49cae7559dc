// The gate before PostgreSQL's port: looked at, made, opened, closed; and seen to be what it was made.
import { UnreadableAnswer, type Exec } from '../lib/host/exec.ts';
import {
  closeText,
  endConnectionsArgv,
  gateText,
  listGateArgv,
  nftArgv,
  openText,
  readGate,
  type GateRules,
  type GateState,
} from '../lib/host/nftables.ts';
import { makeDirectory, writeWhole } from '../lib/host/disk.ts';
import { dirname } from 'node:path';
import { gateRecordFile, type GateRecord } from './rules/gate.ts';
import { otherOf, type Site } from './site.ts';

const timeoutMs = 5000;

/** The other site's server passes always: it streams, and it asks whether this one lives. */
export function gateRules(site: Pick<Site, 'spec' | 'site'>): GateRules {
  return { port: site.spec.postgres.port, always: [otherOf(site).address] };
}

export async function lookAtGate(exec: Exec, port: number): Promise<GateState> {
  return readGate(await exec({ argv: listGateArgv, timeoutMs }), port);
}

async function change({ exec, spec }: Pick<Site, 'exec' | 'spec'>, input: string, expected: GateState): Promise<void> {
  const { port } = spec.postgres;
  const { code, stderr, failure } = await exec({ argv: nftArgv, input, timeoutMs });
  if (code !== 0) throw new UnreadableAnswer(`nft: ${failure ?? stderr.trim().slice(0, 200)}`);
  const now = await lookAtGate(exec, port);
  if (now !== expected) throw new UnreadableAnswer(`the gate is ${now} after it was to be ${expected}`);
}

/** It says "open" only while the gate is: written after it has opened, and before it closes. */
function record(gate: GateRecord): void {
  makeDirectory(dirname(gateRecordFile), { uid: 0, gid: 0, mode: 0o755 });
  writeWhole(gateRecordFile, `${JSON.stringify(gate)}\n`, { uid: 0, gid: 0, mode: 0o644 });
}
const shut = (): void => record({ open: false, untilMs: null });

/** New, and closed; what was there of it goes in the same moment. */
export async function makeGate(site: Pick<Site, 'exec' | 'spec' | 'site'>): Promise<void> {
  await change(site, gateText(gateRules(site)), 'closed');
  shut();
}

export async function closeGate(site: Pick<Site, 'exec' | 'spec'>): Promise<void> {
  shut();
  await change(site, closeText, 'closed');
}

/** `untilMs`, by the monotonic clock: a program that was held up on its way must not open later than it may. */
export async function openGate(
  { exec, spec }: Pick<Site, 'exec' | 'spec'>,
  until?: { readonly untilMs: number; readonly now: () => number },
): Promise<boolean> {
  const { port } = spec.postgres;
  if (until === undefined) {
    await change({ exec, spec }, openText(port), 'open');
    record({ open: true, untilMs: null });
    return true;
  }
  const forMs = until.untilMs - until.now();
  if (forMs < 50) return false;
  await exec({ argv: nftArgv, input: openText(port, forMs), timeoutMs });
  // The kernel counts from when it was told: that must have been at once.
  if (until.now() <= until.untilMs - forMs + forMs / 6) {
    record({ open: true, untilMs: until.untilMs });
    return true;
  }
  await exec({ argv: nftArgv, input: closeText, timeoutMs });
  return false;
}

/** Both sides are told: a client connects anew at once, instead of waiting for an answer that cannot come. */
export async function endConnections({ exec, ...site }: Pick<Site, 'exec' | 'spec' | 'site'>): Promise<void> {
  await exec({ argv: endConnectionsArgv(gateRules(site)), timeoutMs });
}
