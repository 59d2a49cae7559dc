// What a node told of the system below its server -> facts. Pure.
import { decoded, type Answer } from '../bootstrap/answer.ts';
import { readStarters, type Starter } from '../bootstrap/starters.ts';
import type { Values } from '../lib/pacemaker/cib.ts';

/** A version that was recorded when the indexes were made, and the one that this node sorts by. */
export type Collation = {
  readonly database: string;
  /** Undefined: the database's own. */
  readonly collation?: string;
  readonly recorded: string;
  readonly actual: string | null;
};

export type Tablespace = { readonly directory: string; readonly state: string };

export type Platform = {
  /** Versions of the libraries that sort text: `glibc`, `ICU`. */
  readonly libraries: Values;
  readonly collations: readonly Collation[];
  /** The directories of the primary's tablespaces, as they are here. */
  readonly tablespaces: readonly Tablespace[];
  readonly starters: readonly Starter[];
  /** What needrestart would restart of the cluster, and its mode (a, i, l); undefined: it is not installed. */
  readonly needrestart: { readonly mode: string; readonly units: readonly string[] } | undefined;
  /** What installs updates by itself, and the packages that it leaves alone; undefined: nothing does. */
  readonly upgrades: { readonly by: string; readonly except: readonly string[] } | undefined;
};

export function readPlatform(answer: Answer): Platform {
  const [mode = '', ...units] = words(answer.one('needrestart') ?? '');
  const [by = '', ...except] = words(answer.one('upgrades') ?? '');
  return {
    libraries: Object.fromEntries(
      answer.all('library').map(words).flatMap(([name = '', version]) => (version === undefined ? [] : [[name, version]])),
    ),
    collations: answer.all('collation').flatMap((line) => JSON.parse(decoded(line) ?? '[]') as readonly Collation[]),
    tablespaces: [],
    starters: readStarters(answer),
    needrestart: mode === '' ? undefined : { mode, units },
    upgrades: by === '' ? undefined : { by, except },
  };
} // prettier-ignore

export function readTablespaces(answer: Answer): readonly Tablespace[] {
  return answer.all('tablespace').map((line) => {
    const [place, ...state] = line.split(' ');
    return { directory: decoded(place) ?? '', state: state.join(' ') };
  });
}

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');
