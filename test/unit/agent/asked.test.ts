import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { askedBefore, type Asked } from '../../../agent/asked.ts';
import { askedVariable } from '../../../meta/launcher.ts';

const folder = mkdtempSync(join(tmpdir(), 'asked-'));
const children: ChildProcess[] = [];
let pipes = 0;

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

type Put = { readonly found: Asked | undefined; readonly ended: Promise<unknown> };

/** What the agent finds when a child of its own writes to a pipe. */
function put(script: string): Put {
  const fifo = join(folder, `pipe-${pipes++}`);
  execFileSync('mkfifo', [fifo]);
  const child = spawn('sh', ['-c', `exec >'${fifo}'; ${script}`], { stdio: ['ignore', 'ignore', 'ignore'] });
  children.push(child);
  const fd = openSync(fifo, 'r');
  return { found: askedBefore({ [askedVariable]: `${fd} ${child.pid ?? 0}` }), ended: once(child, 'exit') };
}

const document = '<cib><status/></cib>';

describe('a question that is under way', () => {
  it('is answered by the whole document', async () => {
    const { found } = put(`printf '%s' '<cib>'; sleep 0.05; printf '%s\\n' '<status/></cib>'`);
    expect(await found?.answer(10_000)).toEqual({ code: 0, stdout: `${document}\n`, stderr: '' });
  });

  it.each([
    ['nothing', 'true'],
    ['half of it', `printf '%s' '<cib><status>'`],
    ['something else', 'echo Error'],
  ])('is to be put again if the answer is %s', async (_, script) => {
    expect(await put(script).found?.answer(10_000)).toBeUndefined();
  });

  it('is ended, and to be put again, when there is no answer in time', async () => {
    const { found, ended } = put('exec sleep 60');
    expect(await found?.answer(50)).toBeUndefined();
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  it('is ended when nobody wants to know', async () => {
    const { found, ended } = put('exec sleep 60');
    found?.drop();
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  it('that nobody has put is none, whatever the environment says', () => {
    const none = ['', 'x', '3', '3 x', '-1 2', '99999999 1', `0x3 ${process.pid}`, '3 4 5', `${'9'.repeat(400)} 1`];
    for (const text of none) expect(askedBefore({ [askedVariable]: text })).toBeUndefined();
    const file = openSync('/dev/null', 'r');
    expect(askedBefore({ [askedVariable]: `${file} 1` })).toBeUndefined();
    expect(askedBefore({})).toBeUndefined();
  });

  it('that another process has put is left to it', async () => {
    const stranger = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(stranger);
    const [told] = (await once(stranger.stdout, 'data')) as [Buffer];
    const fifo = join(folder, 'stranger');
    execFileSync('mkfifo', [fifo]);
    const writer = spawn('sh', ['-c', `exec sleep 60 >'${fifo}'`]);
    children.push(writer);
    const fd = openSync(fifo, 'r');
    const pid = Number(String(told).trim());
    askedBefore({ [askedVariable]: `${fd} ${pid}` })?.drop();
    expect(() => process.kill(pid, 0)).not.toThrow();
    process.kill(pid, 'SIGKILL');
  });
});
