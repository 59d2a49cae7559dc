// The built cfha at a terminal of its own (script(1)): it asks, and takes Ctrl-C and Ctrl-D for what they are.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ourAgent } from '../differential/programs.ts';
import type { Test } from './test.ts';

type Talk = Readonly<{ code: number; text: string }>;

/** Runs cfha, and types each text when what it waits for has been printed. */
function talk(args: string, typed: readonly (readonly [waitsFor: string, types: string])[]): Promise<Talk> {
  const child = spawn('script', ['-qefc', `${join(dirname(ourAgent()), 'cfha')} ${args}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  const left = [...typed];
  let [text, from] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    const [next] = left;
    if (next === undefined || !text.slice(from).includes(next[0])) return;
    left.shift();
    from = text.length;
    child.stdin.write(next[1]);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, text })));
}

const answers = ['dc1', 'db1=10.77.0.11 db2=10.77.0.12'];

/** Problems of a talk. */
function judge({ code, text }: Talk, wants: { code: number; says: string }): string[] {
  const well = code === wants.code && text.includes(wants.says) && !text.includes('internal error');
  return well ? [] : [`ended with ${code}, wanted ${wants.code} and "${wants.says}":\n${text}`];
}

async function asks(root: string): Promise<string[]> {
  mkdirSync(root, { recursive: true });
  const file = join(root, 'region.yaml');
  const flags = '--vip 10.77.0.100/24 --fence-agent fence_vmware_soap --fence-options ip=10.77.0.1 --machines "db1=a db2=b" --database vmdb --owner app --clients 10.77.0.0/24'; // prettier-ignore
  try {
    const command = `init ${flags} -o ${file}`;
    const interrupted = await talk(command, [['): ', '\x03']]);
    const problems = [
      ...judge(interrupted, { code: 130, says: '): ' }),
      ...(existsSync(file) ? ['a file, after Ctrl-C'] : []),
    ];
    const nothing = await talk(command, [['): ', '\x04'], ['): ', '\x04']]); // prettier-ignore
    problems.push(...judge(nothing, { code: 2, says: 'cfha: ' }));
    const asked = await talk(
      command,
      answers.map((answer) => ['): ', `${answer}\r`] as const),
    );
    problems.push(...judge(asked, { code: 0, says: file }));
    return existsSync(file) && readFileSync(file, 'utf8').includes('10.77.0.12')
      ? problems
      : [...problems, 'no region file'];
  } finally {
    rmSync(root, { recursive: true });
  }
}

export const atTerminal: Test = {
  name: 'cfha asks at a terminal: answers, Ctrl-C, Ctrl-D',
  run: (rig) => asks(join(rig.root, 'terminal')),
};
