// What is mounted for a region, as fstab says it.
import type { Spec } from './spec.ts';

export type Mount = {
  readonly at: string;
  readonly from: string;
  readonly type: string;
  readonly options: string;
  /** The last field of fstab: 2 for a file system that fsck looks at. */
  readonly pass: '0' | '2';
  readonly mode: string;
};

const nfsOptions = 'nofail,_netdev,soft,timeo=100,retrans=3';

/** The mount of the WAL archive; undefined if the file asks for none. */
export function archiveMount({ postgres: { archive } }: Spec): Mount | undefined {
  const { directory, mount } = archive ?? {};
  if (directory === undefined || mount === undefined) return undefined;
  const type = mount.type ?? (mount.from.includes(':/') ? 'nfs' : 'auto');
  const options = mount.options ?? (type.startsWith('nfs') ? nfsOptions : 'nofail');
  return { at: directory, from: mount.from, type, options, pass: '0', mode: '0700' };
}
