// Plays one scenario with both agents at the same time and compares them.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readFileSync, rmSync } from 'node:fs';
import { judge, show, type Deviation } from './compare.ts';
import { observe, type Observation } from './observe.ts';
import type { AgentName } from './programs.ts';
import type { Scenario, Step } from './scenario.ts';
import { endServers, settle } from './servers.ts';
import { makeSide, type Rig } from './side.ts';

export type Result = {
  readonly scenario: Scenario;
  readonly problems: readonly string[];
  readonly ms: Readonly<Record<AgentName, number>>;
  readonly writes: string;
};

type Track = { readonly observations: Observation[]; ms: number; log: string };

/** Short: the path of a socket has at most 107 characters. */
function folderOf(rig: Rig, { name }: Scenario): string {
  const sum = createHash('sha1').update(name).digest('hex').slice(0, 6);
  return join(rig.root, 'run', `${name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 24)}-${sum}`);
}

async function track(rig: Rig, scenario: Scenario, agent: AgentName): Promise<Track> {
  const nodes = scenario.nodes ?? ['n1', 'n2'];
  const root = join(folderOf(rig, scenario), agent.charAt(0));
  const spelled = scenario.spelled ?? {};
  const side = await makeSide({ rig, agent, root, nodes, spelled, parameters: scenario.parameters });
  const found: Track = { observations: [], ms: 0, log: '' };
  const seen = { writes: 0 };
  try {
    for (const step of scenario.steps) {
      const began = performance.now();
      const exit = await step.run(side);
      found.ms += performance.now() - began;
      await settle(side);
      found.observations.push(await observe(side, exit, seen));
    }
  } finally {
    await endServers(side);
    found.log = nodes.map((n) => tail(join(root, n, 'agent.log'))).join('\n');
  }
  return found;
}

function tail(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-25).join('\n');
  } catch {
    return '';
  }
}

function literal(steps: readonly Step[], tracks: Readonly<Record<AgentName, Track>>): string[] {
  return steps.flatMap((step, index) =>
    (['upstream', 'ours'] as const).flatMap((agent) => {
      const wanted = step[agent];
      const got = tracks[agent].observations[index]?.exit;
      return wanted === undefined || wanted === got
        ? []
        : [`    step ${index}, ${step.says}: ${agent} answered ${String(got)}, the table says ${wanted}`];
    }),
  );
}

/** One scenario with both agents; what differs and is not meant. */
export async function play(rig: Rig, scenario: Scenario, everywhere: readonly Deviation[]): Promise<Result> {
  const [upstream, ours] = await Promise.all([track(rig, scenario, 'upstream'), track(rig, scenario, 'ours')]);
  const pairs = scenario.steps.flatMap(({ says }, index) => {
    const [left, right] = [upstream.observations[index], ours.observations[index]];
    return left === undefined || right === undefined ? [] : [{ says, upstream: left, ours: right }];
  });
  const { unexplained, unseen } = judge(pairs, scenario.deviates ?? [], everywhere);
  const problems = [
    ...unexplained.map(show),
    ...literal(scenario.steps, { upstream, ours }),
    ...unseen.map((id) => `    ${id} was expected and did not show`),
  ];
  const idle = (t: Track) => t.observations.reduce((sum, o) => sum + o.idle, 0);
  const changed = (t: Track) => t.observations.reduce((sum, o) => sum + o.writes.length, 0);
  const writes = `${changed(upstream)}+${idle(upstream)} / ${changed(ours)}+${idle(ours)}`;
  if (problems.length > 0) problems.push('    last lines of ours:', ours.log.replaceAll(/^/gm, '      '));
  else rmSync(folderOf(rig, scenario), { recursive: true });
  return { scenario, problems, ms: { upstream: upstream.ms, ours: ours.ms }, writes };
}
