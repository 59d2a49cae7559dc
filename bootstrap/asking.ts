// The questions of the preflight, each put to all nodes at once.
import { randomBytes } from 'node:crypto';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { offset, type Offset } from './clocks.ts';
import type { Context } from './context.ts';
import type { Surveyed } from './findings/hosts.ts';
import { lastLine, lostBecause, type Hosts } from './hosts.ts';
import { portsArgv, portsProgram, readPorts } from './ports.ts';
import type { Evidence } from './preflight.ts';
import { probeScript, readProbe, type Probe } from './probe.ts';
import type { Node, Spec } from './spec.ts';
import { programsOf, readSurvey, surveyScript } from './survey.ts';

type Names = readonly string[];
const namesOf = (nodes: readonly Node[]): Names => nodes.map(({ name }) => name);

/** Runs a script of ours on a node. */
export const ask = (hosts: Hosts, name: string, script: string) =>
  hosts.run(name, { argv: ['sh', '-s'], input: script });

async function ofEach<T>(names: Names, question: (name: string) => Promise<T>): Promise<Record<string, T>> {
  const answers = await Promise.all(names.map(async (name) => [name, await question(name)] as const));
  return Object.fromEntries(answers);
}

/** What each node is. */
export async function survey(spec: Spec, hosts: Hosts): Promise<Record<string, Surveyed>> {
  const script = surveyScript(programsOf(spec), spec.fencing.agent);
  return ofEach(namesOf(spec.nodes), async (name) => {
    const result = await ask(hosts, name, script);
    try {
      return readSurvey(result);
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      // The connection is there, and sudo asks for a password or forbids.
      if (/^sudo: /m.test(result.stderr)) return { notRoot: lastLine(result.stderr) ?? '' };
      return { unreachable: lostBecause(result) ?? error.message };
    }
  });
}

/** Probes nodes for the preflight. */
export function probe(context: Context, hosts: Hosts, names: Names): Promise<Record<string, Probe>> {
  const script = probeScript(context);
  return ofEach(names, async (name) => readProbe(await ask(hosts, name, script)));
}

/** How far each node's clock is from ours. The connections are open already: an answer takes milliseconds. */
export function clocks(hosts: Hosts, names: Names): Promise<Record<string, Offset>> {
  const now = () => Date.now() / 1000;
  return ofEach(names, async (name) => {
    const asked = now();
    const { stdout } = await hosts.run(name, { argv: ['date', '+%s.%N'] });
    return offset(Number(stdout), asked, now());
  });
}

/** Tries the ports between the nodes. For so long a node waits for the others. */
const seconds = 8;
export function tryPorts({ spec }: Context, hosts: Hosts, nodes: readonly Node[]): Promise<Evidence['ports']> {
  const among = { ...spec, nodes: [...nodes] };
  const token = randomBytes(12).toString('hex');
  return ofEach(namesOf(nodes), async (name) => {
    const result = await hosts.run(name, { argv: portsArgv, input: portsProgram(among, name, { token, seconds }) });
    try {
      return readPorts(spec, result);
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      return { untried: lastLine(result.stderr) ?? error.message };
    }
  });
}
