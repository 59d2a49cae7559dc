// Each secret comes from one place.
import { pathText, valueAt, type Problem } from '../../lib/yaml/read.ts';
import { devicePassword, onlyDevicePassword, secretPlaces } from '../secret-places.ts';
import { listOf, mappingOf, type Loose } from './loose.ts';

export function secretProblems(top: Loose): Problem[] {
  const devices = listOf(mappingOf(top['fencing'])['devices']).map((_, i) => devicePassword(i));
  return [onlyDevicePassword, ...devices, ...Object.values(secretPlaces)].flatMap((path) => {
    const secret = valueAt(top, path);
    const ways = ['file', 'env', 'prompt'].filter((way) => mappingOf(secret)[way] !== undefined);
    // What is no mapping is told already, and so is what is missing.
    if (typeof secret !== 'object' || secret === null || Array.isArray(secret) || ways.length === 1) return [];
    return [{ path: pathText(path), given: ways.join(' and ') || 'none of them', expected: 'one of file, env and prompt' }];
  });
} // prettier-ignore
