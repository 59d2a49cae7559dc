// `cfha global remove`: what the installation has made here goes. The database, its data and the epochs stay.
import { lstatSync, readlinkSync } from 'node:fs';
import { exists, remove as removeFile } from '../lib/host/disk.ts';
import type { Exec } from '../lib/host/exec.ts';
import { removeArgv } from '../lib/host/nftables.ts';
import { must } from './act.ts';
import { scripts } from './places.ts';
import { gateRecordFile } from './rules/gate.ts';
import { slotName } from './rules/kept.ts';
import { allFiles, gateUnit, type UnitFile } from './rules/units.ts';

/** `dropSlot`: on a site, when nobody moves it any more. */
export type Removing = { readonly service: string; readonly cfha: string; readonly exec: Exec; readonly dropSlot: () => Promise<void> }; // prettier-ignore

/** What was there, and is no more; and what could not be done. */
export async function remove({ service, cfha, exec, dropSlot }: Removing): Promise<readonly string[]> {
  // The watch and the gate first, together: a gate that nobody renews closes before a serving primary within seconds.
  await exec({ argv: ['systemctl', 'stop', 'cfha-global-watch.service'], timeoutMs: 60_000 });
  const { code } = await exec({ argv: removeArgv, timeoutMs: 20_000 });
  removeFile(gateRecordFile);
  const gone = await takeAway(allFiles({ cfha, service }), exec);
  const links = Object.keys(scripts).map((name) => `/usr/sbin/${name}`).filter((path) => isLinkTo(path, cfha)); // prettier-ignore
  links.forEach(removeFile);
  return [
    ...(code === 0 ? ['the gate: clients reach the port as if cfha had never been here'] : []),
    ...gone,
    ...links,
    ...(await dropSlot().then(
      () => [],
      (error: unknown) => [`NOT the slot that keeps WAL for the other site, which nobody moves any more: select pg_drop_replication_slot('${slotName}') (${error instanceof Error ? error.message : String(error)})`],
    )),
  ]; // prettier-ignore
}

function isLinkTo(path: string, target: string): boolean {
  return exists(path) && lstatSync(path).isSymbolicLink() && readlinkSync(path) === target;
}

/** The paths of those that were there. */
export async function takeAway(files: readonly UnitFile[], exec: Exec): Promise<readonly string[]> {
  const there = files.filter(({ path }) => exists(path));
  const units = there.flatMap(({ enable }) => enable ?? []);
  for (const unit of units) await must({ exec }, ['systemctl', 'disable', '--quiet', unit], 60);
  for (const unit of units.filter((one) => !one.includes('gate')))
    await must({ exec }, ['systemctl', 'stop', unit], 60);
  for (const { path } of there) removeFile(path);
  if (units.length === 0) return there.map(({ path }) => path);
  // PostgreSQL requires the gate: only when systemd has forgotten that may the unit be stopped without it.
  await must({ exec }, ['systemctl', 'daemon-reload'], 60);
  if (units.includes(gateUnit)) await exec({ argv: ['systemctl', 'stop', gateUnit], timeoutMs: 60_000 });
  return there.map(({ path }) => path);
}
