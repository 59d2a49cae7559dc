// Each secret comes from one place.
import type { Problem } from '../../lib/yaml/read.ts';
import { listOf, mappingOf, type Loose } from './loose.ts';

export function secretProblems(top: Loose): Problem[] {
  const postgres = mappingOf(top['postgres']);
  const fencing = mappingOf(top['fencing']);
  const secrets: readonly (readonly [path: string, secret: unknown])[] = [
    ['fencing.password', fencing['password']],
    ...listOf(fencing['devices']).map((one, i) => [`fencing.devices[${String(i)}].password`, mappingOf(one)['password']] as const),
    ['quorum.password', mappingOf(top['quorum'])['password']],
    ['postgres.replication.password', mappingOf(postgres['replication'])['password']],
    ['postgres.database.password', mappingOf(postgres['database'])['password']],
    ['postgres.source.clone.password', mappingOf(mappingOf(postgres['source'])['clone'])['password']],
  ]; // prettier-ignore
  return secrets.flatMap(([path, secret]) => {
    const ways = ['file', 'env', 'prompt'].filter((way) => mappingOf(secret)[way] !== undefined);
    // What is no mapping is told already, and so is what is missing.
    if (typeof secret !== 'object' || secret === null || Array.isArray(secret) || ways.length === 1) return [];
    return [{ path, given: ways.join(' and ') || 'none of them', expected: 'one of file, env and prompt' }];
  });
}
