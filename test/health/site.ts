// Servers with cfha serve beside them, asked as a traffic manager asks.
import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { ourAgent } from '../differential/programs.ts';
import type { Rig } from '../differential/side.ts';
import { copied, follow, port, postgres, start, stop, type Instance } from '../rejoin/instance.ts';

export type Served = { readonly instance: Instance; readonly port: number; serve: ChildProcess };
export type Site = {
  readonly rig: Rig;
  readonly root: string;
  readonly all: Served[];
  readonly others: ChildProcess[];
};

/** Every test and every server in it has ports of its own. */
let nextPort = 18_000;
export const freePort = (): number => nextPort++;

export function makeSite(rig: Rig, name: string): Site {
  const root = join(rig.root, name);
  mkdirSync(root);
  chownSync(root, rig.owner.uid, rig.owner.gid);
  return { rig, root, all: [], others: [] };
}

export async function endSite({ all, others, root }: Site): Promise<void> {
  for (const child of [...others, ...all.map(({ serve }) => serve)]) child.kill('SIGKILL');
  for (const { instance } of all) {
    wake(instance);
    await stop(instance, 'immediate').catch(() => undefined);
  }
  rmSync(root, { recursive: true, force: true });
}

export const cfha = (): string => ourAgent().replace(/cfpgsql$/, 'cfha');

/** As its unit would run it: as root here, it becomes the server's user itself. */
export function serve(instance: Instance, at: number): ChildProcess {
  const where = ['--socket', instance.folder, '--server-port', `${port}`, '--port', `${at}`, '--address', '127.0.0.1'];
  return spawn(cfha(), ['serve', ...where], { cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
}

async function served(site: Site, instance: Instance): Promise<Served> {
  const at = freePort();
  const one = { instance, port: at, serve: serve(instance, at) };
  site.all.push(one);
  await until('cfha serve answers', async () => (await probe(one, '/health')).status === 200);
  return one;
}

export async function primary(site: Site): Promise<Served> {
  const instance = await copied(site.rig, 'primary', { data: site.rig.base, root: site.root });
  if (!(await start(instance))) throw new Error('the primary does not start');
  return served(site, instance);
}

export async function standbyOf(site: Site, of: Served, name = 'standby'): Promise<Served> {
  const backup = join(site.root, 'backup');
  const { code, err } = await postgres(site.rig, [
    'pg_basebackup',
    '-D',
    backup,
    '-h',
    of.instance.folder,
    '-c',
    'fast',
  ]);
  if (code !== 0) throw new Error(err);
  const instance = await copied(site.rig, name, { data: backup, root: site.root });
  follow(instance, of.instance);
  if (!(await start(instance))) throw new Error('the standby does not start');
  return served(site, instance);
}

export type Probed = { readonly status: number; readonly body: Readonly<Record<string, unknown>>; readonly ms: number };

/** Status 0: no answer at all. */
export function probe({ port: at }: Pick<Served, 'port'>, path: string): Promise<Probed> {
  const began = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, text: string): void =>
      resolve({ status, body: JSON.parse(text === '' ? '{}' : text) as Probed['body'], ms: performance.now() - began });
    const request = get({ host: '127.0.0.1', port: at, path, agent: false, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => end(response.statusCode ?? 0, text));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => end(0, ''));
  });
}

/** Waits until it is so, and returns after how many ms it was. */
export async function until(what: string, is: () => Promise<boolean>, seconds = 20): Promise<number> {
  const began = performance.now();
  while (!(await is())) {
    if (performance.now() - began > seconds * 1000) throw new Error(`${what}: not after ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - began;
}

/** Until a question has that answer. */
export const untilAnswer = (one: Served, path: string, status: number, seconds = 20): Promise<number> => // eslint-disable-line max-params -- where, what, which, how long
  until(`${path} is ${status}`, async () => (await probe(one, path)).status === status, seconds); // prettier-ignore

export function postmaster({ data }: Instance): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function wake(instance: Instance): void {
  try {
    process.kill(postmaster(instance), 'SIGCONT');
  } catch {
    // it does not run
  }
}
