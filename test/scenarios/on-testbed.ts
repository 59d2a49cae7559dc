// The frame of a part that plays on a testbed: opened for it, and removed at its end, however that comes.
import { openTestbed } from '../testbed/testbed.ts';
import { ensureExecutable, openStage, type Stage, type Wanted } from './stage.ts';

type Options = Readonly<{ name: string; keep: boolean; say: (line: string) => void; kind?: Wanted }>;

/** Plays on a stage and sets the exit code to what `play` returns. The testbed is wiped unless it is to be kept. */
export async function onTestbed(
  { name, keep, say, kind }: Options,
  play: (stage: Stage) => Promise<number>,
): Promise<void> {
  const testbed = openTestbed(name);
  const wipe = async (): Promise<void> => {
    if (!keep) await testbed.down({ wipe: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void wipe().finally(() => process.exit(130)));
  }
  try {
    await ensureExecutable(say);
    process.exitCode = await play(await openStage(name, say, kind));
  } finally {
    await wipe();
  }
}
