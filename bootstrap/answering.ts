// What was found out about the hosts -> what the goals are made from. A run, `--check` and `cfha verify` begin with it.
import { dialectOf } from '../lib/pacemaker/dialect.ts';
import { contextOf, type Context, type Executable } from './context.ts';
import { versionFinding } from './findings/alike.ts';
import type { Surveyed } from './findings/hosts.ts';
import { layoutOf, serverVersion } from './layout.ts';
import type { Passwords } from './read-secrets.ts';
import type { Report } from './reports.ts';
import type { Spec } from './spec.ts';
import type { Survey } from './survey.ts';

export type Answering = readonly (Survey & { readonly host: string })[];

/** The hosts that can be looked at and changed. */
export function answeringOf(surveys: Readonly<Record<string, Surveyed>>): Answering {
  return Object.entries(surveys).flatMap(([host, one]) =>
    'unreachable' in one || 'notRoot' in one || !one.root ? [] : [{ host, ...one }],
  );
}

type Given = {
  readonly spec: Spec;
  readonly passwords: Passwords;
  /** Undefined: the nodes' executable is not compared. */
  readonly executable: Executable | undefined;
};

/** The context of these hosts, or why there is none: no version of the server is on all of them. */
export function contextFor({ executable, ...given }: Given, answering: Answering): Context | Report {
  const version = answering.length === 0 ? undefined : serverVersion(given.spec, answering);
  const [first] = answering;
  if (first === undefined || version === undefined) return versionFinding(given.spec, answering);
  return contextOf({
    ...given,
    layout: layoutOf(given.spec, first, version),
    dialect: dialectOf(first.versions),
    executable: executable ?? { path: '', bytes: 0, sha256: '' },
  });
}
