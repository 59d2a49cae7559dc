// What of a running region is not as its file says: the goals of bootstrap, looked at and not reached.
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { dialectOf } from '../lib/pacemaker/dialect.ts';
import { survey } from './asking.ts';
import { contextOf, type Executable } from './context.ts';
import type { Hosts } from './hosts.ts';
import { layoutOf, serverVersion } from './layout.ts';
import { goalsOf } from './plan.ts';
import { printerTo } from './print.ts';
import type { Passwords } from './read-secrets.ts';
import type { Spec } from './spec.ts';
import { realWorld } from './world.ts';

type Given = {
  readonly spec: Spec;
  readonly passwords: Passwords;
  readonly hosts: Hosts;
  /** Undefined: the nodes' executable is not compared. */
  readonly executable: Executable | undefined;
};

const silent = printerTo({ out: () => undefined, err: () => undefined, json: false });

/** What each goal lacks; undefined if not every node could be asked. */
export async function driftOf({ spec, passwords, hosts, executable }: Given): Promise<readonly string[] | undefined> {
  const surveys = Object.entries(await survey(spec, hosts)).flatMap(([host, one]) =>
    'unreachable' in one || 'notRoot' in one ? [] : [{ host, ...one }],
  );
  const version = serverVersion(spec, surveys);
  const [first] = surveys;
  if (first === undefined || version === undefined || surveys.length < spec.nodes.length) return undefined;
  const layout = layoutOf(spec, first, version);
  const context = contextOf({
    ...{ spec, passwords, layout, dialect: dialectOf(first.versions) },
    executable: executable ?? { path: '', bytes: 0, sha256: '' },
  });
  const log = { write: () => undefined, close: () => Promise.resolve() };
  const given = { context, hosts, printer: silent, log, stopping: () => false, mayRestart: false };
  try {
    const seen = await realWorld(
      given,
      surveys.map(({ host }) => host),
    ).look();
    if ('lost' in seen) return undefined;
    return goalsOf(context)
      .filter(({ id }) => executable !== undefined || id !== 'nodes/executable')
      .flatMap((goal) => goal.lacks(seen.facts).map((lack) => `${goal.id}: ${lack}`));
  } catch (error) {
    if (error instanceof UnreadableAnswer) return undefined;
    throw error;
  }
}
