// `cfha global remove`: what the installation has made here goes. The database, its data and the epochs stay.
import { lstatSync, readlinkSync } from 'node:fs';
import { exists, remove as removeFile } from '../lib/host/disk.ts';
import { UnreadableAnswer, type Exec, type Result } from '../lib/host/exec.ts';
import { removeArgv } from '../lib/host/nftables.ts';
import { must } from './act.ts';
import { scripts } from './places.ts';
import { gateRecordFile } from './rules/gate.ts';
import { slotName } from './rules/kept.ts';
import { allFiles, gateUnit, type UnitFile } from './rules/units.ts';

/** `dropSlot`: on a site, when nobody moves it any more. */
export type Removing = { readonly service: string; readonly cfha: string; readonly exec: Exec; readonly dropSlot: () => Promise<void> }; // prettier-ignore

/** `gone`: what was there, and is no more; `left`: what could not be done. Throws `UnreadableAnswer`: nothing was changed. */
export async function remove(removing: Removing): Promise<{ gone: readonly string[]; left: readonly string[] }> {
  const { service, cfha, exec, dropSlot } = removing;
  const files = allFiles({ cfha, service });
  // Nobody makes the gate again meanwhile. It goes as soon as nobody renews it: it would close before a serving primary within seconds.
  const byCron = await takeAway(files.filter(({ path }) => path.startsWith('/etc/cron.d/')), exec); // prettier-ignore
  await stopWatch(exec);
  const without = [await exec({ argv: removeArgv, timeoutMs: 20_000 })];
  removeFile(gateRecordFile);
  const gone = await takeAway(files, exec);
  const links = Object.keys(scripts).map((name) => `/usr/sbin/${name}`).filter((path) => isLinkTo(path, cfha)); // prettier-ignore
  links.forEach(removeFile);
  without.push(await exec({ argv: removeArgv, timeoutMs: 20_000 }));
  const gate = without.some(({ code }) => code === 0) ? ['the gate: clients reach the port as if cfha had never been here'] : []; // prettier-ignore
  return { gone: [...gate, ...byCron, ...gone, ...links], left: [...gateLeft(without.at(-1)), ...(await slotLeft(dropSlot))] }; // prettier-ignore
}

async function stopWatch(exec: Exec): Promise<void> {
  const { code, stderr, failure } = await exec({ argv: ['systemctl', 'stop', 'cfha-global-watch.service'], timeoutMs: 100_000 }); // prettier-ignore
  // 5: there is no such unit.
  if (code !== 0 && code !== 5) throw new UnreadableAnswer(`cfha-global-watch does not stop (${failure ?? stderr.trim()}): nothing was changed; call this again`); // prettier-ignore
}

/** The second time it must not be there any more. */
function gateLeft(last: Result | undefined): readonly string[] {
  const isGone = last !== undefined && (last.code === 0 || last.stderr.includes('No such file'));
  return isGone ? [] : [`the gate, which nobody opens any more: ${removeArgv.join(' ')} (${last?.failure ?? last?.stderr.trim() ?? ''})`]; // prettier-ignore
}

function slotLeft(dropSlot: () => Promise<void>): Promise<readonly string[]> {
  return dropSlot().then(
    () => [],
    (error: unknown) => [`the slot that keeps WAL for the other site, which nobody moves any more: select pg_drop_replication_slot('${slotName}') (${error instanceof Error ? error.message : String(error)})`], // prettier-ignore
  );
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
