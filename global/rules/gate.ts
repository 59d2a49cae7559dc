// What the site writes down of its gate, for those who may not ask the kernel: a health check runs without privileges.
import { readJson } from '../../lib/json.ts';

/** Read by everybody, written by the site alone. It does not outlive a boot, as the gate does not either. */
export const gateRecordFile = '/run/cfha-global/gate.json';

/** `untilMs`: by the monotonic clock of this boot; null: until it is closed. */
export type GateRecord = { readonly open: boolean; readonly untilMs: number | null };

/** Whether this site's gate is open, by the text of the record. What cannot be read is closed. */
export function isGateOpen(text: string | undefined, nowMs: number): boolean {
  const record = readJson(text) as Partial<Record<keyof GateRecord, unknown>> | null | undefined;
  if (record?.open !== true) return false;
  return record.untilMs === null || (typeof record.untilMs === 'number' && nowMs < record.untilMs);
}
