// This site, as everything that acts needs it.
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Problem } from '../lib/yaml/read.ts';
import { readSmallFile } from '../lib/host/files.ts';
import { UnreadableAnswer, type Exec } from '../lib/host/exec.ts';
import { findUser, type User } from '../lib/host/identity.ts';
import { isOwnAddress } from '../lib/host/addresses-here.ts';
import { readSecret, readSpec } from './read-spec.ts';
import type { Line } from './rules/facts.ts';
import { otherSite, siteNames, type SiteName } from './site-name.ts';
import type { Spec } from './spec.ts';

export type Site = {
  readonly spec: Spec;
  readonly secret: string | undefined;
  readonly site: SiteName;
  readonly user: User;
  readonly exec: Exec;
  readonly say: (line: Line) => void;
};

export type Found = { readonly spec: Spec; readonly secret: string | undefined; readonly site: SiteName | undefined };

/**
 * What the file says, and which site this host is: by an address of its own, or its name. The witnesses' secret is for who asks
 * them; PostgreSQL's user, as whom WAL files are kept, may not read it.
 */
export function readConfig(
  file: string,
  { asksWitnesses }: { asksWitnesses: boolean },
): Found | { problems: readonly Problem[] } {
  const read = readSmallFile(file);
  if ('problem' in read)
    return { problems: [{ path: 'the file', given: `"${file}", which ${read.problem}`, expected: 'a global.yaml' }] };
  const spec = readSpec(read.text);
  if ('problems' in spec) return spec;
  if (!asksWitnesses) return { spec: spec.spec, secret: undefined, site: siteHere(spec.spec) };
  const secret = readSecret(spec.spec, dirname(file));
  return 'problems' in secret ? secret : { spec: spec.spec, secret: secret.secret, site: siteHere(spec.spec) };
}

export function siteHere(spec: Spec): SiteName | undefined {
  const name = hostname().toLowerCase();
  return (
    siteNames.find((site) => isOwnAddress(spec[site].address)) ?? siteNames.find((site) => spec[site].host === name)
  );
}

/** The user that PostgreSQL runs as; an error that names it if there is none. */
export async function serverUser(spec: Spec, exec: Exec): Promise<User> {
  const user = await findUser(spec.postgres.user, exec);
  if (user === undefined)
    throw new UnreadableAnswer(`there is no user ${spec.postgres.user} here: correct postgres.user in global.yaml`);
  return user;
}

export function otherOf({ spec, site }: Pick<Site, 'spec' | 'site'>): Spec['first'] {
  return spec[otherSite(site)];
}
