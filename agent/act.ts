// Carries out a step. Nothing here reads the state to decide: the choices are in the step.
import { attributes } from '../meta/attributes.ts';
import { writeAttributeArgv } from '../lib/pacemaker/attributes.ts';
import type { Argv } from '../lib/host/exec.ts';
import { changeFiles, prepare } from './act-files.ts';
import { changeJob } from './act-job.ts';
import { rejoin } from './act-rejoin.ts';
import {
  changeSlot,
  checkpoint,
  promoteServer,
  reloadServer,
  resumeReplay,
  startServer,
  stopServer,
} from './act-server.ts';
import type { Memory } from './look.ts';
import { left, type Site } from './site.ts';
import { lastLine, ran, type Outcome, type StepOf } from './outcome.ts';
import type { Reason } from './reasons.ts';
import type { Step } from './steps.ts';

export async function act(step: Step, site: Site, memory: Memory): Promise<Outcome> {
  switch (step.do) {
    case 'set attribute':
      return setAttribute(step, site, memory);
    case 'write file':
    case 'remove file':
    case 'include in configuration':
    case 'take out of configuration':
      return changeFiles(step, site);
    case 'make directories':
      return prepare(step, site);
    case 'start server':
    case 'promote server':
      return step.do === 'start server' ? startServer(step, site) : promoteServer(site);
    case 'stop server':
      return stopServer(step, site);
    case 'reload server':
      return reloadServer(site);
    case 'checkpoint':
      return checkpoint(site);
    case 'resume replay':
      return resumeReplay(site);
    case 'create slot':
    case 'drop slot':
    case 'renew slot':
      return changeSlot(step, site);
    case 'recover server':
    case 'keep diverged WAL':
    case 'rewind':
    case 'copy primary':
    case 'put copy in place':
    case 'remove old data':
      return rejoin(step, site);
    case 'begin rejoin':
    case 'end rejoin':
    case 'end word':
      return changeJob(step, site);
    case 'ban this node':
      return ran(step, await site.exec({ argv: banArgv(site), timeoutMs: left(site) }));
    case 'wait':
      await new Promise((resolve) => setTimeout(resolve, Math.min(step.ms, left(site))));
      return {};
  }
}

function banArgv({ call }: Site): Argv {
  return ['crm_resource', '-B', '-r', call.instance, '-N', call.node, '-Q'];
}

async function setAttribute(step: StepOf<'set attribute'>, site: Site, memory: Memory): Promise<Outcome> {
  const { name, lifetime } = attributes[step.key];
  const attribute = name(site.call.resource);
  // As the cluster spells it: names of ours are lower-case.
  const node = memory.cluster?.nodes[step.node]?.name ?? step.node;
  const limit = lifetime === 'forever' ? site.call.parameters.crm_attr_timeout * 1000 : 10_000;
  const argv = writeAttributeArgv({ node, name: attribute, lifetime, value: step.value });
  const result = await site.exec({ argv, timeoutMs: Math.max(500, Math.min(limit, left(site))) });
  if (result.code === 0) {
    enter(memory, step, { attribute, lifetime });
    return {};
  }
  const reason: Reason = {
    code: 'ATTRIBUTE_NOT_WRITTEN',
    attribute: `${attribute} of ${node}`,
    message: lastLine(result),
  };
  return step.must === true ? { failed: reason } : { remark: reason };
}

/** What was written is known without asking again. */
function enter(
  memory: Memory,
  step: StepOf<'set attribute'>,
  to: { attribute: string; lifetime: 'reboot' | 'forever' },
): void {
  const node = memory.cluster?.nodes[step.node];
  if (memory.cluster === undefined || node === undefined) return;
  const { [to.attribute]: _, ...others } = node.attributes[to.lifetime];
  const values = step.value === undefined ? others : { ...others, [to.attribute]: step.value };
  const changed = { ...node, attributes: { ...node.attributes, [to.lifetime]: values } };
  memory.cluster = { ...memory.cluster, nodes: { ...memory.cluster.nodes, [step.node]: changed } };
}
