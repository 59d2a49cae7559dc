// What a region file names: passwords read, keys looked for; or everything that is wrong with them.
// Works on whatever the region file holds, so that a missing password is said together with all else.
import { pathFrom, readPrivateFile, readSmallFile } from '../lib/host/files.ts';
import type { SecretsHere } from '../lib/host/secrets-here.ts';
import { pathText, valueAt, type Problem } from '../lib/yaml/read.ts';
import { onlyDevice } from './devices.ts';
import { devicePassword, onlyDevicePassword, secretPlaces, type Path } from './secret-places.ts';

export type Passwords = {
  /** By the name of the fence device. */
  readonly fencing: Readonly<Record<string, string>>;
  readonly replication: string;
  readonly owner: string;
  /** Of the server that is cloned, if one is. */
  readonly source: string;
  /** hacluster’s, at the quorum device. */
  readonly quorum: string;
};

const otherFiles = [
  ['ssh', 'identity'],
  ['ssh', 'known_hosts'],
] as const;

/** The fence devices that the file may name, and where their passwords are. */
function fencePlaces(file: unknown): readonly (readonly [name: string, path: Path])[] {
  const devices = valueAt(file, ['fencing', 'devices']);
  if (!Array.isArray(devices)) return [[onlyDevice, onlyDevicePassword]];
  return devices.map((_, i) => [String(valueAt(file, ['fencing', 'devices', i, 'name'])), devicePassword(i)]);
}

export type Named = {
  readonly problems: readonly Problem[];
  /** The passwords. They are complete if there are no problems: what is typed is asked for only then. */
  readonly passwords: () => Passwords | { readonly problem: Problem };
};

/** Reads what the file names; a relative path starts at the folder of the region file. */
export function readNamed(file: unknown, folder: string, here: SecretsHere): Named {
  const problems: Problem[] = [];
  const found = new Map<string, string>();
  const toAsk: string[] = [];
  const secret = (path: Path): void => {
    const given = valueAt(file, path);
    const key = pathText(path);
    if (typeof given !== 'object' || given === null) return;
    const read = secretOf(given as Given, folder, here);
    if ('ask' in read) toAsk.push(key);
    else if ('problem' in read) problems.push({ ...read.problem, path: `${key}.${read.problem.path}` });
    else found.set(key, read.text);
  };
  const devices = fencePlaces(file);
  for (const path of [...devices.map(([, where]) => where), ...Object.values(secretPlaces)]) secret(path);
  problems.push(...otherFiles.flatMap((path) => unreadable(file, path, folder)));
  const taken = (path: Path): string => found.get(pathText(path)) ?? '';
  const passwords = () => {
    for (const key of toAsk) {
      const text = checked(here.ask(key) ?? '');
      if (typeof text !== 'string') {
        const expected = 'a password, typed at a terminal';
        return { problem: { path: `${key}.prompt`, given: 'nothing that can be used', expected } };
      }
      found.set(key, text);
    }
    return {
      fencing: Object.fromEntries(devices.flatMap(([name, path]) => (found.has(pathText(path)) ? [[name, taken(path)]] : []))),
      replication: taken(secretPlaces.replication),
      owner: taken(secretPlaces.owner),
      source: taken(secretPlaces.source),
      quorum: taken(secretPlaces.quorum),
    }; // prettier-ignore
  };
  return { problems, passwords };
}

type Unusable = { readonly problem: string; readonly expected?: string | undefined };
type Given = Readonly<Record<string, unknown>>;

type Secret = { readonly text: string } | { readonly ask: true } | { readonly problem: Problem };

/** Where a secret comes from: of the three ways the one that is given. */
function secretOf({ file, env, prompt }: Given, folder: string, here: SecretsHere): Secret {
  if (typeof file === 'string' && file !== '') return fromFile(file, folder);
  if (typeof env === 'string') return fromVariable(env, here);
  return prompt === true ? { ask: true } : { text: '' };
}

function fromFile(file: string, folder: string): Secret {
  const read = readPrivateFile(pathFrom(folder, file));
  const text: Unusable | string = 'problem' in read ? read : checked(read.text);
  if (typeof text === 'string') return { text };
  const expected = text.expected ?? 'a readable file with the password alone on one line';
  return { problem: { path: 'file', given: `"${file}", which ${text.problem}`, expected } };
}

function fromVariable(env: string, here: SecretsHere): Secret {
  const text = checked(here.fromEnvironment(env) ?? '');
  if (typeof text === 'string') return { text };
  const expected = 'a variable of the environment with the password (sudo hands none over)';
  return { problem: { path: 'env', given: `${env}, which ${text.problem}`, expected } };
}

function unreadable(file: unknown, path: Path, folder: string): Problem[] {
  const named = valueAt(file, path);
  if (typeof named !== 'string' || named === '') return [];
  const read = readSmallFile(pathFrom(folder, named));
  if (!('problem' in read)) return [];
  return [{ path: pathText(path), given: `"${named}", which ${read.problem}`, expected: 'a readable file' }];
}

function checked(text: string): string | { problem: string } {
  const password = text.replace(/\r?\n$/, '');
  if (password.trim() === '') return { problem: 'is empty' };
  if (/[\n\r\0]/.test(password)) return { problem: 'has more than one line' };
  return password.length > 500 ? { problem: 'has more than 500 characters' } : password;
}
