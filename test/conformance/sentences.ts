// The sentences, each with its proof on a real server. What is not here is no demand on the agent (definitions, hints to
// resource managers) or stands in docs/deviations.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '../differential/pacemaker.ts';
import { ourAgent } from '../differential/programs.ts';
import { file, killServer, sql } from '../differential/scenario.ts';
import { dataFolder, nodeFolder, stateFolder, type Side } from '../differential/side.ts';
import {
  answers,
  called,
  claim,
  cloneParameters,
  isGone,
  isPrimary,
  isStandby,
  lives,
  probed,
  type Sentence,
} from './sentence.ts';

const api = 'OCF Resource Agent API 1.1';
const pacemaker = 'Pacemaker Administration, "OCF Resource Agents"';
const clone = { mode: 'async', parameters: cloneParameters } as const;
const programs = { pgctl: '/nowhere/pg_ctl' };

function printed(side: Side, action: string): string {
  return execFileSync(ourAgent(), [action], { env: environment(side, 'n1', {}), encoding: 'utf8' });
}

/** Every file of a node with its size, mode and time of change: what "changes nothing" means. */
function filesOf(side: Side): string {
  const list = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return list(path);
      if (entry.name === 'agent.log' || !entry.isFile()) return [];
      const { size, mode, mtimeMs } = statSync(path);
      return [`${path} ${size} ${mode} ${mtimeMs}`];
    });
  return list(nodeFolder(side, 'n1')).sort().join('\n');
}

let before = '';
const remember = claim('what is there is noted', (side) => (before = filesOf(side)) !== '');
const unchanged = claim('nothing has changed on disk', (side) => filesOf(side) === before);

const attribute = (side: Side, name: string): string | undefined => {
  const path = join(stateFolder(side, 'n1'), 'reboot', name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
};

export const sentences: readonly Sentence[] = [
  {
    source: `${api}, Resource Agent actions`,
    says: 'Invoking any operation twice - in particular, the start and stop actions - shall succeed and leave the resource instance in the requested state.',
    steps: [called('start', 0), called('start', 0), answers, called('stop', 0), called('stop', 0), isGone],
  },
  {
    source: `${api}, Resource Agent actions`,
    says: 'The same for a promotable clone, promote and demote included.',
    ...clone,
    steps: [
      ...[called('start', 0), called('start', 0), isStandby, called('promote', 0), called('promote', 0), isPrimary],
      ...[called('demote', 0), called('demote', 0), called('stop', 0), called('stop', 0), isGone],
    ],
  },
  {
    source: `${api}, start`,
    says: 'It should NOT terminate before the resource instance has either been fully started or an error has been encountered.',
    steps: [called('start', 0), answers, called('monitor', 0)],
  },
  {
    source: `${api}, start`,
    says: 'start must return an error if the resource instance is not fully started.',
    steps: [file('n1', 'data/postgresql.conf', "shared_buffers = 'nonsense'\n"), called('start', 1), isGone],
  },
  {
    source: `${api}, start`,
    says: 'start must succeed if the resource is already running.',
    steps: [called('start', 0), sql('n1', 'select 1'), called('start', 0), answers],
  },
  {
    source: `${api}, stop`,
    says: 'After the stop command has completed, no component of the resource shall remain active.',
    steps: [
      called('start', 0),
      called('stop', 0),
      isGone,
      claim('no process works in the data directory', (side) => !someoneWorksIn(dataFolder(side, 'n1'))),
    ],
  },
  {
    source: `${api}, stop`,
    says: 'The stop request includes the authorization to bring down the resource even by force as long as data integrity is maintained.',
    steps: [
      called('start', 0),
      claim('the postmaster is frozen', freeze),
      called('stop', 0, { OCF_RESKEY_CRM_meta_timeout: '12000' }),
      isGone,
      called('start', 0),
      answers,
    ],
  },
  {
    source: `${api}, stop`,
    says: 'The stop action should also perform clean-ups of artifacts like lock files.',
    steps: [called('start', 0), killServer('n1'), called('stop', 0), called('start', 0), answers],
  },
  {
    source: `${api}, stop`,
    says: 'stop must succeed if the resource is already stopped.',
    steps: [called('stop', 0), isGone],
  },
  {
    source: `${api}, monitor`,
    says: 'monitor shall also return a well defined error code for stopped instances, ie before start has ever been invoked.',
    steps: [called('monitor', 7), probed(7)],
  },
  {
    source: `${api}, exit status 1`,
    says: 'The "monitor" operation shall return this for a crashed, hung or otherwise non-functional resource.',
    parameters: { monitor_sql: 'select * from no_such_table' },
    steps: [called('start', 1, { OCF_RESKEY_CRM_meta_timeout: '3000' }), called('monitor', 1), lives],
  },
  {
    source: `${api}, exit status 3`,
    says: 'Unimplemented feature (for example, "reload").',
    steps: [called('reload', 3), called('recover', 3), called('promote', 3), called('demote', 3)],
  },
  {
    source: `${api}, exit status 5`,
    says: 'Program is not installed.',
    parameters: programs,
    steps: [called('start', 5), called('monitor', 5), probed(5), isGone],
  },
  {
    source: `${api}, exit status 6`,
    says: 'Program is not configured.',
    parameters: { ...cloneParameters, master_ip: '' },
    mode: 'async',
    steps: [called('start', 6), isGone],
  },
  {
    source: `${api}, exit status 7`,
    says: 'A successful "stop" operation shall return 0.',
    steps: [called('stop', 0)],
  },
  {
    source: `${api}, meta-data`,
    says: 'Returns the resource agent meta data via stdout.',
    steps: [
      claim('stdout holds one resource-agent', (side) =>
        /^<\?xml[^]*<resource-agent name="cfpgsql"/.test(printed(side, 'meta-data')),
      ),
    ],
  },
  {
    source: `${api}, Parameter passing`,
    says: 'The environment is used because it does not reveal the parameters to an unprivileged user.',
    parameters: { monitor_user: 'postgres', monitor_password: 'se-cret-word' },
    steps: [
      called('start', 0),
      called('monitor', 0),
      claim('no command line and no log has the password', (side) => !everythingWritten(side).includes('se-cret-word')),
    ],
  },
  {
    source: `${api}, OCF_CHECK_LEVEL`,
    says: 'If a requested level is not implemented, the RA should perform the next lower level supported.',
    steps: [
      called('start', 0),
      called('monitor', 0, { OCF_CHECK_LEVEL: '20' }),
      called('monitor', 0, { OCF_CHECK_LEVEL: '0' }),
    ],
  },
  {
    source: pacemaker,
    says: 'meta-data is not performed as root.',
    steps: [claim('nobody gets the metadata', metadataAsNobody)],
  },
  {
    source: pacemaker,
    says: 'validate-all: return 0 if valid, and an error if not.',
    steps: [called('validate-all', 0), called('validate-all', 0, { OCF_CHECK_LEVEL: '10' })],
  },
  {
    source: pacemaker,
    says: 'validate-all and probes look and change nothing.',
    ...clone,
    steps: [remember, called('validate-all', 0, { OCF_CHECK_LEVEL: '10' }), probed(7), unchanged],
  },
  {
    source: pacemaker,
    says: 'A monitor of a promoted instance returns 8, of an unpromoted one 0.',
    ...clone,
    steps: [called('start', 0), called('monitor', 0), called('promote', 0), called('monitor', 8), probed(8)],
  },
  {
    source: pacemaker,
    says: 'A start of a promotable clone ends unpromoted.',
    ...clone,
    steps: [called('start', 0), isStandby, called('monitor', 0)],
  },
  {
    source: pacemaker,
    says: 'Promotion scores are set by the agent; an instance without one is not promoted.',
    ...clone,
    steps: [
      called('start', 0),
      claim('the score is -INFINITY', (side) => attribute(side, 'master-cfpgsql') === '-INFINITY'),
      called('promote', 0),
      claim('the score is 1000', (side) => attribute(side, 'master-cfpgsql') === '1000'),
    ],
  },
  {
    source: pacemaker,
    says: 'The exit code of notify is ignored; a notification about nothing of concern does nothing.',
    steps: [remember, called('notify', 0), unchanged],
  },
  {
    source: pacemaker,
    says: 'The reason of a failure is one line on stderr that begins with ocf-exit-reason.',
    parameters: programs,
    steps: [
      called('start', 5),
      claim(
        'there is exactly one',
        (side) =>
          readLog(side)
            .split('\n')
            .filter((line) => line.startsWith('ocf-exit-reason:')).length === 1,
      ),
    ],
  },
  {
    source: `${api}, Execution syntax`,
    says: 'The RA will be called with the requested action as its sole argument (without one: usage and 1, as pgsql).',
    steps: [called('', 1)],
  },
];

function readLog(side: Side): string {
  return readFileSync(join(nodeFolder(side, 'n1'), 'agent.log'), 'utf8');
}

function everythingWritten(side: Side): string {
  const lines = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const commandLines = lines.map((pid) =>
    existsSync(`/proc/${pid}/cmdline`) ? readSafely(`/proc/${pid}/cmdline`) : '',
  );
  return [readLog(side), readSafely(join(nodeFolder(side, 'n1'), 'pg.log')), ...commandLines].join('\n');
}

function readSafely(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a process that has ended
  }
}

function someoneWorksIn(folder: string): boolean {
  const found = spawnSync('find', ['/proc', '-maxdepth', '2', '-name', 'cwd', '-lname', folder], { encoding: 'utf8' });
  return found.stdout.trim() !== '';
}

function freeze(side: Side): boolean {
  const pid = Number(readFileSync(join(dataFolder(side, 'n1'), 'postmaster.pid'), 'utf8').split('\n')[0]);
  return process.kill(pid, 'SIGSTOP');
}

function metadataAsNobody(side: Side): boolean {
  const copy = join(side.rig.root, 'cfpgsql');
  copyFileSync(realpathSync(ourAgent()), copy);
  chmodSync(copy, 0o755);
  const { status, stdout } = spawnSync('runuser', ['-u', 'nobody', '--', copy, 'meta-data'], {
    encoding: 'utf8',
    cwd: '/',
  });
  return status === 0 && stdout.includes('</resource-agent>');
}
