import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readAnswer } from '../../../bootstrap/answer.ts';
import { lookScript, serverQuestion } from '../../../bootstrap/look.ts';
import { probeScript, readProbe } from '../../../bootstrap/probe.ts';
import { readFacts } from '../../../bootstrap/read-facts.ts';
import { readSurvey, surveyScript } from '../../../bootstrap/survey.ts';
import { UnreadableAnswer, type Result } from '../../../lib/host/exec.ts';
import { spawnExec } from '../../../lib/host/spawn.ts';
import { aContext, aSpec } from './pretend-hosts.ts';

const printed = (stdout: string, code = 0): Result => ({ code, stdout, stderr: '' });
const base64 = (text: string) => Buffer.from(text).toString('base64');

const survey =
  'name DB1\nuid 0\nmachine x86_64\nfamily debian\nprogram pcs\nserver 15 15.14 /usr/lib/postgresql/15/bin\n' +
  'system debian 12\nversion pacemaker 2.1.5\nversion corosync \nversion pcs 0.11.5\nglibc 2.36\nmachineid a1\nclock no\nselinux \n' +
  'postgres 105:111\nlocale C\nlocale C.utf8\nmasked pcsd.service\nagent fence_x ' +
  Buffer.from('<parameter name="ip" required="1"><content type="string"/></parameter><action name="list"/>').toString(
    'base64',
  ) +
  '\nend\n';
const server = base64(
  JSON.stringify({ standby: false, roles: { replicator: 'SCRAM' }, databases: { vm: 'cf' }, pending: ['port'] }),
);
const look = `file 0${'a'.repeat(63)} 0600 root /etc/cfha/fencing.password
known 1:2:3=abc
link /usr/sbin/cfha
name db1 10.77.0.11${' '}
address 127.0.0.1
address 10.77.0.11
unit pcsd.service active active enabled enabled
unit postgresql.service active inactive enabled${' '}
corosync ${base64('totem {\n cluster_name: dc1\n}\nnodelist {\n node {\n name: db1\n ring0_addr: 10.77.0.11\n }\n}\n')}
authenticated known_hosts
authenticated db1
data ours 15 7001 dc1
server ${server}
vip answers
end
`;

describe('the survey', () => {
  it('is read', () => {
    expect(readSurvey(printed(survey))).toEqual({
      name: 'db1', root: true, machine: 'x86_64', family: 'debian', programs: ['pcs'], servers: { 15: '/usr/lib/postgresql/15/bin' },
      serverVersions: { 15: '15.14' }, system: 'debian 12', versions: { pacemaker: '2.1.5', pcs: '0.11.5' }, glibc: '2.36', machineId: 'a1', clockKept: false,
      selinux: '', apparmor: [], watchdog: false, postgresIds: '105:111', locales: ['C', 'C.utf8'], masked: ['pcsd.service'], fenceAgents: { fence_x: { actions: ['list'], options: [{ name: 'ip', required: true, deprecated: false, type: 'string', choices: [] }] } },
    }); // prettier-ignore
  });

  it('runs on this host', async () => {
    const result = await spawnExec()({ argv: ['sh', '-s'], input: surveyScript(['sh', 'no-such-program']) });
    expect(readSurvey(result).programs).toEqual(['sh']);
  });
});

describe('a look', () => {
  it('is read', async () => {
    const { host, known } = await readFacts(printed(look), 'postgresql');
    expect(known).toBe('1:2:3=abc');
    expect(host).toEqual({
      files: { '/etc/cfha/fencing.password': { sha256: `0${'a'.repeat(63)}`, mode: '0600', owner: 'root' } },
      names: { db1: ['10.77.0.11'] },
      addresses: ['127.0.0.1', '10.77.0.11'],
      units: {
        'pcsd.service': { active: true, enabled: true },
        'postgresql.service': { active: false, enabled: false },
      },
      corosync: { name: 'dc1', nodes: [{ name: 'db1', address: '10.77.0.11' }], twoNode: false, waitForAll: false },
      authenticated: ['db1'],
      data: { state: 'ours', version: 15, systemId: '7001', region: 'dc1' },
      server: { state: 'primary', roles: { replicator: 'SCRAM' }, databases: { vm: 'cf' } },
      pending: ['port'],
      firewall: false,
      vipAnswers: true,
      runs: [],
      cluster: undefined,
    });
  });

  it('runs on this host, whatever is missing here', async () => {
    const { spec, layout } = aContext();
    const nowhere = { ...layout, data: '/no/such/data' };
    const result = await spawnExec()({ argv: ['sh', '-s'], input: lookScript(spec, nowhere, { known: "a'b" }) });
    expect(result.stderr).not.toMatch(/cannot open|No such file/); // it would be quoted as why a connection was lost
    const { host } = await readFacts(result, 'postgresql');
    expect(host.data).toEqual({ state: 'absent' });
    expect(host.server).toEqual({ state: 'stopped' });
  });

  it('asks the server for the roles of the file', () => {
    expect(serverQuestion(aSpec())).toContain("IN ('replicator', 'cloudforms')");
  });
});

describe('a probe', () => {
  it('is read', () => {
    const list = base64('dc1-db1-vm,4201\ndc1-db2-vm,4202\n');
    expect(readProbe(printed(`used 10.77.0.100\nlink 10.77.0.100\nroom 2048 ext4 ro /var/lib\nmachines a ${list}\nmachines b\nclosed 5403\nend\n`))).toEqual({
      vipsUsed: ['10.77.0.100'], vipsOnLink: ['10.77.0.100'], portUsed: false, room: { free: 2048, kind: 'ext4', readOnly: true, at: '/var/lib' },
      source: undefined, fencing: { a: { machines: ['dc1-db1-vm', 'dc1-db2-vm'] }, b: { machines: [] } }, quorumClosed: ['5403'], starters: [],
    }); // prettier-ignore
    expect(readProbe(printed(`failed a ${base64('no login\n')}\nend\n`)).fencing).toEqual({
      a: { failed: 'no login' },
    });
  });

  it('runs on this host and finds the room for a directory that is not there yet', async () => {
    const context = aContext(aSpec({ postgres: { ...aSpec().postgres, data: '/no/such/data' } }));
    const result = await spawnExec()({ argv: ['sh', '-s'], input: probeScript(context) });
    const { room, fencing } = readProbe(result);
    expect(room).toMatchObject({ at: '/', readOnly: false });
    expect(room.free).toBeGreaterThan(0);
    expect(fencing['fencing']).toHaveProperty('failed');
  });

  it('gives the fence agent its password on standard input', () => {
    expect(probeScript(aContext())).toMatch(/printf '%s' "\$3" \| timeout 90 "\$2"/);
  });
});

describe('no reader', () => {
  it.each([['survey', survey], ['look', look]])('takes a truncated %s for a whole one', async (_, whole) => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => readAnswer(printed(whole.slice(0, length)))).toThrow(UnreadableAnswer);
    }
    await Promise.resolve();
  }); // prettier-ignore

  it('crashes on garbage otherwise than by saying so', async () => {
    const property = fc.asyncProperty(fc.string(), async (noise) => {
      await readFacts(printed(`${noise}\ndata absent\nend\n`), 'postgresql').catch((error: unknown) => {
        if (!(error instanceof UnreadableAnswer) && !(error instanceof SyntaxError)) throw error;
      });
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it('takes the output of a failed script', () => {
    expect(() => readAnswer(printed(survey, 1))).toThrow(UnreadableAnswer);
  });
});
