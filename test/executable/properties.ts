// What must be true of the executable whatever the configuration.
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { family } from '../differential/call.ts';
import { pair } from '../differential/scenarios/golden.ts';
import { endServers, postmaster } from '../differential/servers.ts';
import { dataFolder, makeSide, nodeFolder, type Rig, type Side } from '../differential/side.ts';
import { call } from './interrupt.ts';
import type { Test } from './test.ts';

type Fresh = { readonly name: string; readonly parameters?: Readonly<Record<string, string>> };

async function withSide(
  rig: Rig,
  { name, parameters }: Fresh,
  body: (side: Side) => Promise<string[]>,
): Promise<string[]> {
  const root = join(rig.root, name);
  const side = await makeSide({
    rig,
    agent: 'ours',
    root,
    nodes: ['n1', 'n2'],
    parameters: parameters ?? pair('async'),
  });
  try {
    return await body(side);
  } finally {
    await endServers(side);
  }
}

const key = (name: string, value: string) => ({ [`OCF_RESKEY_${name}`]: value });
const nothing = () => undefined;

type Broken = {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly happens?: (side: Side) => unknown;
};

const broken: readonly Broken[] = [
  { name: 'pg_ctl missing', env: key('pgctl', '/no/such/pg_ctl') },
  { name: 'psql missing', env: key('psql', '/no/such/psql') },
  { name: 'a configuration file that does not exist', env: key('config', '/no/such/postgresql.conf') },
  { name: 'a user that does not exist', env: key('pgdba', 'no_user') },
  { name: 'an unknown rep_mode', env: key('rep_mode', 'both') },
  { name: 'a port that is no number', env: key('pgport', 'five') },
  { name: 'no socketdir', env: key('socketdir', '') },
  { name: 'no master_ip', env: key('master_ip', '') },
  { name: 'no node_list', env: key('node_list', '') },
  {
    name: 'a clone that is not promotable',
    env: { OCF_RESKEY_CRM_meta_promotable: 'false', OCF_RESKEY_CRM_meta_master_max: '0' },
  },
  {
    name: 'a configuration file that cannot be read by the server',
    happens: (side) => appendFileSync(join(dataFolder(side, 'n1'), 'postgresql.conf'), "max_connections = 'many\n"),
  },
  { name: 'tmpdir gone', happens: (side) => rmSync(join(nodeFolder(side, 'n1'), 'tmp'), { recursive: true }) },
  {
    name: 'tmpdir gone, in mode sync',
    env: key('rep_mode', 'sync'),
    happens: (side) => rmSync(join(nodeFolder(side, 'n1'), 'tmp'), { recursive: true }),
  },
  {
    name: 'the socket directory gone',
    happens: (side) => rmSync(join(nodeFolder(side, 'n1'), 'sock'), { recursive: true }),
  },
  { name: 'the pid file gone', happens: (side) => rmSync(join(dataFolder(side, 'n1'), 'postmaster.pid')) },
  {
    name: 'no tool of Pacemaker',
    happens: (side) => rmSync(join(nodeFolder(side, 'n1'), 'sbin'), { recursive: true }),
  },
];

export const brokenStops: readonly Test[] = broken.map(({ name, env, happens = nothing }, index) => ({
  name: `stop with ${name} ends the server`,
  run: (rig) =>
    withSide(rig, { name: `broken-${index}` }, async (side) => {
      const started = await call(side, { action: 'start', node: 'n1' });
      happens(side);
      const { exit, output } = await call(side, { action: 'stop', node: 'n1', env });
      return [
        ...(started.exit === 0 ? [] : [`start answered ${String(started.exit)}: ${started.output}`]),
        ...(exit === 0 ? [] : [`stop answered ${String(exit)}: ${output}`]),
        ...(postmaster(side, 'n1') === undefined ? [] : ['the server still runs']),
      ];
    }),
}));

export const deadServer: Test = {
  name: 'start of a server that dies says what its log says last',
  run: (rig) =>
    withSide(rig, { name: 'dead' }, async (side) => {
      appendFileSync(join(dataFolder(side, 'n1'), 'postgresql.conf'), "shared_preload_libraries = 'no_such_library'\n");
      const began = performance.now();
      const { exit, output } = await call(side, { action: 'start', node: 'n1' });
      const reason = /^ocf-exit-reason:.*could not access file "no_such_library"/m.test(output);
      return [
        ...(exit === 1 ? [] : [`answered ${String(exit)}`]),
        ...(reason ? [] : [`the exit reason does not quote the log:\n${output}`]),
        ...(performance.now() - began < 10_000 ? [] : ['it took more than ten seconds']),
      ];
    }),
};

const secret = 'hunter2-never-to-be-seen';

function readsOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Between fork and exec a child is still the agent, or the script that has become it. */
function isChild(command: string, agent: string): boolean {
  return command !== '' && command !== agent && !/^\/bin\/bash\0.*cfpgsql\0/.test(command);
}

/** Looks at the agent's processes as long as it runs: no command line holds the secret, and no child's environment. */
function watching(found: string[]): (pid: number) => void {
  return (agent) => {
    const look = () => {
      const members = family(agent);
      for (const pid of members) {
        const command = readsOf(pid, 'cmdline');
        if (command.includes(secret))
          found.push(`the command line of ${command.replaceAll('\0', ' ')} holds the secret`);
        const child = isChild(command, readsOf(agent, 'cmdline'));
        if (child && readsOf(pid, 'environ').includes(secret)) found.push(`the environment of ${command} holds it`);
      }
      if (readsOf(agent, 'stat') !== '' && !readsOf(agent, 'stat').includes(') Z ')) setImmediate(look);
    };
    look();
  };
}

export const secrets: Test = {
  name: 'secrets are in no command line, no environment of a child, no message and no readable file',
  run: (rig) =>
    withSide(
      rig,
      { name: 'secrets', parameters: pair('async', { primary_conninfo_opt: `password=${secret}` }) },
      async (side) => {
        const found: string[] = [];
        const env = { ...key('monitor_user', 'postgres'), ...key('monitor_password', secret) };
        for (const action of ['start', 'monitor', 'promote', 'monitor', 'demote', 'stop']) {
          const { output } = await call(side, { action, node: 'n1', env, watch: watching(found) });
          if (output.includes(secret)) found.push(`${action} prints the secret`);
          const server = postmaster(side, 'n1');
          if (server !== undefined && readsOf(server, 'environ').includes(secret))
            found.push('the server has it in its environment');
        }
        const note = readFileSync(join(nodeFolder(side, 'n1'), 'tmp/recovery.conf'), 'utf8');
        return [...new Set(found), ...(note.includes(secret) ? [] : ['the secret did not even reach recovery.conf'])];
      },
    ),
};
