// Carrying out the agent's steps in the simulated world.
import { rogueLock } from '../../agent/rules/history.ts';
import type { Reason } from '../../agent/reasons.ts';
import { readRepModeConf } from '../../agent/rules/sync.ts';
import type { Step } from '../../agent/steps.ts';
import { withValue, type Cluster } from '../../lib/pacemaker/cib.ts';
import { attributes } from '../../meta/attributes.ts';
import { chance } from './random.ts';
import { promote, reload, start, stop } from './server.ts';
import { write } from './store.ts';
import { onNode, span, type Node, type World } from './world.ts';

export type Carried = {
  readonly world: World;
  readonly node: Node;
  readonly enter: (change: (known: Cluster | undefined) => Cluster | undefined) => void;
  readonly done: (failed: Reason | undefined) => void;
};

type StepOf<D extends Step['do']> = Extract<Step, { do: D }>;

export function carryOut(step: Step, carried: Carried): void {
  const { world, node, done } = carried;
  switch (step.do) {
    case 'set attribute':
      return setAttribute(step, carried);
    case 'start server':
      return startServer(step, carried);
    case 'stop server':
      return stop(world, node, () => done(undefined));
    case 'promote server':
      return promoteServer(carried);
    case 'reload server':
      reload(world, node);
      return done(undefined);
    case 'ban this node':
      node.lrm.keptOff = true;
      return done(undefined);
    default:
      changeFiles(step, node);
      return done(undefined);
  }
}

/** pg_ctl waits until its time is over where the server does not end recovery. */
function promoteServer({ world, node, done }: Carried): void {
  const failed = { code: 'STEP_FAILED', step: 'promote server', message: 'not in time' } as const;
  if (!node.promotionFails) return done(promote(world, node) ? undefined : failed);
  onNode(world, node, { ms: span(world, 1000, 40_000), run: () => done(failed) });
}

function startServer(step: StepOf<'start server'>, { world, node, done }: Carried): void {
  node.server.isolated = step.isolated === true;
  if (step.unattended === true) {
    start(world, node, () => undefined);
    return done(undefined);
  }
  start(world, node, (ready) => done(ready ? undefined : { code: 'SERVER_DIED', message: 'it ended', log: '' }));
}

function changeFiles(step: Step, { files }: Node): void {
  switch (step.do) {
    case 'write file':
      return file(files, step.file, step.content);
    case 'remove file':
      return file(files, step.file, undefined);
    case 'include in configuration':
    case 'take out of configuration':
      if (step.file === 'rep_mode.conf') files.included = step.do === 'include in configuration';
      return;
    default:
      return;
  }
}

function file(files: Node['files'], name: string, content: string | undefined): void {
  if (name === 'standby.signal') files.standbySignal = content !== undefined;
  else if (name === 'PGSQL.lock') {
    files.lock = content !== undefined;
    files.rogueLock = content === rogueLock;
  } else if (name === 'rep_mode.conf') takeRepMode(files, content);
  else if (name.startsWith('xlog_note.')) {
    const n = Number(name.slice('xlog_note.'.length));
    files.notes = content === undefined ? files.notes.slice(0, n) : [...files.notes.slice(0, n), content];
  }
}

function takeRepMode(files: Node['files'], content: string | undefined): void {
  files.repMode = content;
  files.names = readRepModeConf(content ?? '');
}

function setAttribute(step: StepOf<'set attribute'>, { world, node, enter, done }: Carried): void {
  const { name, lifetime } = attributes[step.key];
  const attribute = name('pg');
  const failed = node.attributesLost && chance(world.random, 0.6);
  // One that failed may have been written all the same.
  if (!failed || chance(world.random, 0.5))
    write(world, node, { node: step.node, lifetime, name: attribute, value: step.value });
  if (!failed) enter((known) => entered(known, step.node, { name: attribute, lifetime, value: step.value }));
  const message = 'no answer';
  done(failed && step.must === true ? { code: 'ATTRIBUTE_NOT_WRITTEN', attribute, message } : undefined);
}

function entered(
  known: Cluster | undefined,
  name: string,
  value: Parameters<typeof withValue>[1],
): Cluster | undefined {
  const node = known?.nodes[name];
  return known === undefined || node === undefined
    ? known
    : { ...known, nodes: { ...known.nodes, [name]: withValue(node, value) } };
}
