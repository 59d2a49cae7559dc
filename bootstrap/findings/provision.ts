// What is wrong with what is to be prepared: a device that is not blank, places where something else is.
import type { Context } from '../context.ts';
import type { HostFacts } from '../facts.ts';
import { mountsOf } from '../provision.ts';
import type { Report } from '../reports.ts';

export function provisionFindings({ spec, layout }: Context, host: string, found: HostFacts): Report[] {
  return [...storageFindings(spec.storage?.device, host, found), ...mountFindings({ spec, layout }, host, found)];
}

function storageFindings(device: string | undefined, host: string, { storage, data }: HostFacts): Report[] {
  if (device === undefined || storage === undefined) return [];
  switch (storage.state) {
    case 'absent':
      return [{ code: 'STORAGE_ABSENT', host, device }];
    case 'foreign':
      return [{ code: 'STORAGE_NOT_BLANK', host, device, is: storage.is ?? '' }];
    default: {
      const elsewhere = !['absent', 'empty'].includes(data.state) && storage.mounted !== true;
      return elsewhere ? [{ code: 'STORAGE_LATE', host, device }] : [];
    }
  }
}

/** Something else is mounted there, or fstab says that it shall be. */
function mountFindings({ spec, layout }: Pick<Context, 'spec' | 'layout'>, host: string, { folders = {} }: HostFacts): Report[] {
  return mountsOf(spec, layout, host).flatMap(({ at, from }): Report[] => {
    const { fstab, from: mounted } = folders[at] ?? {};
    const other = [fstab, mounted].find((one) => one !== undefined && one !== from);
    return other === undefined ? [] : [{ code: 'MOUNT_TAKEN', host, at, found: other, wanted: from }];
  });
} // prettier-ignore
