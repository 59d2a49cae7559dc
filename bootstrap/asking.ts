// The questions of the preflight, each put to all nodes at once.
import { randomBytes } from 'node:crypto';
import { timeOfDayMs } from '../lib/host/clock.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { offset, type Offset } from './clocks.ts';
import { secondRing } from './addresses.ts';
import type { Context } from './context.ts';
import { fenceAgents } from './devices.ts';
import type { Surveyed } from './findings/hosts.ts';
import { lastLine, lostBecause, type Hosts } from './hosts.ts';
import { portsArgv, portsOf, portsProgram, readPorts, secondPorts, type Ring } from './ports.ts';
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
  const script = surveyScript(programsOf(spec), fenceAgents(spec));
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
  const now = () => timeOfDayMs() / 1000;
  return ofEach(names, async (name) => {
    const asked = now();
    const { stdout } = await hosts.run(name, { argv: ['date', '+%s.%N'] });
    return offset(Number(stdout), asked, now());
  });
}

/** Tries the ports between the nodes. For so long a node waits for the others. */
const seconds = 8;
export function tryPorts({ spec }: Context, hosts: Hosts, nodes: readonly Node[]): Promise<Evidence['ports']> {
  const second = secondRing(spec).filter(({ name }) => namesOf(nodes).includes(name));
  const rings = [portsOf({ ...spec, nodes: [...nodes] }), ...(second.length === 0 ? [] : [secondPorts(second)])];
  const token = randomBytes(12).toString('hex');
  return ofEach(namesOf(nodes), async (name) => {
    const tried = await Promise.all(rings.map((ring) => tryOne(hosts, name, { ring, token, seconds })));
    return tried.find((one) => 'untried' in one) ?? tried.flatMap((one) => ('untried' in one ? [] : one));
  });
}

type How = { readonly ring: Ring; readonly token: string; readonly seconds: number };

async function tryOne(hosts: Hosts, name: string, { ring, ...how }: How) {
  const result = await hosts.run(name, { argv: portsArgv, input: portsProgram(ring, name, how) });
  try {
    return readPorts(ring, result);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    return { untried: lastLine(result.stderr) ?? error.message };
  }
}
