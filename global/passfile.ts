// The password file, as libpq wants it: nobody else may read it, otherwise it is ignored.
import { exists, isPrivate } from '../lib/host/disk.ts';
import type { Facts } from './rules/facts.ts';

export function privacyOf(file: string, { uid }: { readonly uid: number }): Facts['passfile'] {
  if (!exists(file)) return 'missing';
  return isPrivate(file, uid) ? 'private' : 'open to others';
}
