// What of a running region is not as its file says, for who judges a region: the same goals that `--check` tells of.
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { answeringOf, contextFor } from './answering.ts';
import { survey } from './asking.ts';
import { openGoals } from './conclusions.ts';
import type { Executable } from './context.ts';
import type { Hosts } from './hosts.ts';
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
export async function driftOf({ hosts, ...given }: Given): Promise<readonly string[] | undefined> {
  const answering = answeringOf(await survey(given.spec, hosts));
  const context = contextFor(given, answering);
  if ('code' in context || answering.length < given.spec.nodes.length) return undefined;
  const log = { write: () => undefined, close: () => Promise.resolve() };
  const run = { context, hosts, printer: silent, log, stopping: () => false, mayRestart: false };
  const names = answering.map(({ host }) => host);
  try {
    const seen = await realWorld(run, names).look();
    if ('lost' in seen) return undefined;
    return openGoals(goalsOf(context), seen.facts)
      .filter(({ goal }) => given.executable !== undefined || goal.id !== 'nodes/executable')
      .flatMap(({ goal, lacks }) => lacks.map((lack) => `${goal.id}: ${lack}`));
  } catch (error) {
    if (error instanceof UnreadableAnswer) return undefined;
    throw error;
  }
}
