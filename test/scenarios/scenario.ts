// What a scenario is, and how a list of them is played.
import { countsLine, sum, type Counts } from '../run/counts.ts';
import { begin, type Stage, type State } from './stage.ts';

export type Scenario = Readonly<{
  /** A sentence: subject and behaviour. */
  name: string;
  from: State;
  /** Played by default; the others only when the part is run whole. */
  core: boolean;
  /** `leave` tells the next scenario that it may go on where this one ended. */
  ends: 'as it began' | 'otherwise';
  play: (stage: Stage, extent: Extent) => Promise<void>;
}>;

/** How much is tried, and the seed of what is chosen by chance. */
export type Extent = Readonly<{ whole: boolean; seed: number }>;

const times = { one: { passed: 1, failed: 0 }, none: { passed: 0, failed: 1 } } as const;

/** Plays them in order, loading a state whenever the one before has left it. */
export async function playAll(stage: Stage, scenarios: readonly Scenario[], extent: Extent): Promise<Counts> {
  const all: Counts[] = [];
  let present: State | undefined;
  for (const scenario of scenarios) {
    const good = await played(stage, scenario, { present, extent });
    present = good && scenario.ends === 'as it began' ? scenario.from : undefined;
    all.push(good ? times.one : times.none);
  }
  return sum(all);
}

type Moment = Readonly<{ present: State | undefined; extent: Extent }>;

async function played(stage: Stage, scenario: Scenario, { present, extent }: Moment): Promise<boolean> {
  stage.say(`-- ${scenario.name}`);
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  try {
    if (present !== scenario.from) await begin(stage, scenario.from);
    await scenario.play(stage, extent);
    stage.say(`ok   ${scenario.name} (${seconds()})`);
    return true;
  } catch (error) {
    stage.say(`FAIL ${scenario.name} (${seconds()})`);
    stage.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    await showEvidence(stage);
    return false;
  }
}

const evidence = [
  ['crm_mon', '-Afr', '-1'],
  ['sh', '-c', 'grep -hE " cfpgsql|postgresql_|error:|warning:" /var/log/pacemaker/pacemaker.log | tail -25'],
  ['sh', '-c', 'tail -n 15 /var/lib/postgresql/*/main/log/* /var/log/postgresql/* 2>/dev/null'],
] as const;

/** What a person would look at first. */
export async function showEvidence(stage: Stage): Promise<void> {
  for (const node of stage.nodes.filter((name) => stage.testbed.isOn(name))) {
    for (const argv of evidence) {
      const { stdout, stderr } = await stage
        .on(node, argv, { timeoutMs: 15_000 })
        .catch((error: unknown) => ({ stdout: '', stderr: String(error) }));
      const text = (stdout || stderr).trim();
      if (text !== '') stage.say(`${node}# ${argv.join(' ')}\n${text}`);
    }
  }
}

/** Prints the counts; the exit code for them. */
export function concluded(counts: Counts): number {
  process.stdout.write(`${countsLine(counts)}\n`);
  return counts.failed > 0 ? 1 : 0;
}
