// What the rig runs: PostgreSQL's programs, the agent of resource-agents with a private copy of its functions, and ours.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export type AgentName = 'upstream' | 'ours';

export const upstreamAgent = '/usr/lib/ocf/resource.d/heartbeat/pgsql';
const upstreamFunctions = '/usr/lib/ocf/lib/heartbeat';
const tools = join(import.meta.dirname, 'tools');

/** Installs Debian's packages that are missing. */
export function install(packages: Readonly<Record<string, string>>): void {
  const missing = Object.entries(packages).filter(([, path]) => !existsSync(path));
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name);
  console.log(`installing ${names.join(' ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, stdio: ['ignore', 'ignore', 'inherit'] as const } as const;
  execFileSync('apt-get', ['-qq', 'update'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...names], {
    ...options,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Folder of the newest PostgreSQL of Debian's packages. */
export function postgresPrograms(): string {
  const root = '/usr/lib/postgresql';
  const newest = readdirSync(root)
    .filter((v) => existsSync(join(root, v, 'bin/postgres')))
    .sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) throw new Error('no PostgreSQL server is installed');
  return join(root, newest, 'bin');
}

/** The built executable, called as the agent. */
export function ourAgent(): string {
  const path = join(import.meta.dirname, '../../dist/cfpgsql');
  if (!existsSync(path)) throw new Error(`${path} is not built: npm run build`);
  return path;
}

/**
 * A copy of resource-agents' shell functions with one line corrected: `crm_attribute -p -v -INFINITY` is read by
 * Pacemaker 2.1.5 as other options than those meant, and start never ends.
 */
export function correctedFunctions(root: string): string {
  const copy = join(root, 'functions');
  if (existsSync(copy)) return copy;
  cpSync(upstreamFunctions, copy, { recursive: true });
  const path = join(copy, 'ocf-shellfuncs');
  const text = readFileSync(path, 'utf8');
  const corrected = text.replace('/crm_attribute -p $@', '/crm_attribute -p -l reboot $@');
  if (corrected === text) throw new Error(`${path} does not have the line to correct`);
  writeFileSync(path, corrected);
  return copy;
}

/** Puts the recorders where a node's agent looks for Pacemaker's programs. `sleep` and `ps` are for the shell agent only. */
export function placeTools(folder: string, agent: AgentName): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(tools)) {
    if (['sleep', 'ps'].includes(name) && agent === 'ours') continue;
    cpSync(join(realpathSync(tools), name), join(folder, name));
    chmodSync(join(folder, name), 0o755);
  }
}
