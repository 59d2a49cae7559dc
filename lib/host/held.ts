// A program that is kept running while we work: it prints a line when it has begun, and ends with its standard input.
import { execa } from 'execa';
import { path, type Argv } from './exec.ts';

export type Held = { readonly release: () => Promise<void> } | { readonly refused: string };

/** Starts it; what it printed if it ended instead of beginning. */
export async function hold([file, ...args]: Argv): Promise<Held> {
  const child = execa(file, args, {
    reject: false,
    detached: true,
    extendEnv: false,
    env: { PATH: path, LC_ALL: 'C' },
    cwd: '/',
    stdin: 'pipe',
  });
  const begun = new Promise<'begun'>((resolve) => {
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (/^held$/m.test(said)) resolve('begun');
    });
  });
  const first = await Promise.race([begun, child]);
  if (first !== 'begun') return { refused: first.stdout || first.stderr || 'it ended' };
  return {
    release: async () => {
      child.stdin.end();
      await child;
    },
  };
}
