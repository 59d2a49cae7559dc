import { describe, expect, it } from '@jest/globals';
import { crossChecks } from '../../../bootstrap/cross-checks.ts';
import { levelsOf } from '../../../bootstrap/devices.ts';
import { deviceFindings } from '../../../bootstrap/findings/fencing.ts';
import { wantedConfiguration } from '../../../bootstrap/pacemaker/wanted.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { regionFindings } from '../../../bootstrap/preflight.ts';
import { probeScript, readProbe } from '../../../bootstrap/probe.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { spawnExec } from '../../../lib/host/spawn.ts';
import { endsTheSame } from './killed-anywhere.ts';
import { aContext, aFile, aSpec, aSurvey, metadata, PretendHosts } from './pretend-hosts.ts';

const board = (node: string, ip: string) => ({
  name: `ipmi-${node}`,
  agent: 'fence_ipmilan',
  options: { ip, username: 'root', lanplus: 1 },
  password: { file: 'ipmi.password' },
  nodes: [node],
});
const vcenter = {
  name: 'vcenter',
  level: 2,
  agent: 'fence_vmware_soap',
  options: aFile.fencing.options,
  password: { file: 'fencing.password' },
  hosts: aFile.fencing.hosts,
};
const several = { fencing: { devices: [board('db1', '10.1.1.1'), board('db2', '10.1.1.2'), vcenter] } };
const spec = aSpec(several);
const context = aContext(spec);
const run = (hosts: PretendHosts, of = context) => reach(goalsOf(of), hosts.facts, hosts);
const path = (file: object) => crossChecks({ ...aFile, ...file }).map((one) => one.path);

describe('several fence devices', () => {
  it('are tried level after level, for each node its own', () => {
    expect(levelsOf(spec)).toEqual([
      { target: 'db1', index: '1', devices: 'ipmi-db1' },
      { target: 'db1', index: '2', devices: 'vcenter' },
      { target: 'db2', index: '1', devices: 'ipmi-db2' },
      { target: 'db2', index: '2', devices: 'vcenter' },
    ]);
    expect(levelsOf(aSpec())).toEqual([]);
    expect(levelsOf(aSpec({ fencing: { devices: several.fencing.devices.slice(0, 2) } }))).toEqual([]);
  });

  it('of one level must all succeed, as two power supplies of one machine', () => {
    const pdu = (name: string) => ({ name, agent: 'fence_apc', options: { ip: name }, hosts: { db1: '4', db2: '5' } });
    expect(levelsOf(aSpec({ fencing: { devices: [pdu('pdu-a'), pdu('pdu-b')] } }))).toEqual([
      { target: 'db1', index: '1', devices: 'pdu-a,pdu-b' },
      { target: 'db2', index: '1', devices: 'pdu-a,pdu-b' },
    ]);
  });

  it('are configured with their machines or their nodes, and their passwords in files of their own', () => {
    const { resources } = wantedConfiguration(spec, context.layout);
    expect(resources.filter(({ agent }) => agent.startsWith('stonith:'))).toMatchObject([
      { id: 'ipmi-db1', attributes: { pcmk_host_list: 'db1', password_script: '/etc/cfha/fencing-ipmi-db1-password' } },
      { id: 'ipmi-db2', attributes: { pcmk_host_list: 'db2', pcmk_host_check: 'static-list' } },
      { id: 'vcenter', attributes: { pcmk_host_map: 'db1:dc1-db1-vm;db2:dc1-db2-vm' } },
    ]);
    expect(context.secretFiles.map(({ path: file }) => file)).toContain('/etc/cfha/fencing-vcenter.password');
  });

  it('are configured by goals, killed anywhere, to the same end; a second run executes nothing', async () => {
    const whole = new PretendHosts(context);
    expect(await run(whole)).toMatchObject({ ended: 'done' });
    expect(await run(whole)).toMatchObject({ ended: 'done', executed: 0 });
    await endsTheSame(whole, () => new PretendHosts(context), run);
  });

  it('have a level that somebody has changed put right, and no other', async () => {
    const hosts = new PretendHosts(context);
    await run(hosts);
    const own = { target: 'db1', index: '7', devices: 'sbd' };
    const wrong = levelsOf(spec).map((one) => (one.target === 'db2' && one.index === '2' ? { ...one, devices: 'x' } : one));
    hosts.configure({ levels: [...wrong, own] });
    hosts.story.length = 0;
    expect(await run(hosts)).toMatchObject({ ended: 'done' });
    expect(hosts.story.filter((line) => line.includes('on the copy'))).toEqual([
      'db1: on the copy: stonith level remove',
      'db1: on the copy: stonith level add',
    ]);
    expect(await run(hosts)).toMatchObject({ executed: 0 });
  }); // prettier-ignore
});

describe('devices in the file', () => {
  it.each<[string, object, string[]]>([
    ['in short', {}, []],
    ['as a list', several, []],
    ['in both forms', { fencing: { ...aFile.fencing, ...several.fencing } }, ['fencing.agent', 'fencing.options', 'fencing.password', 'fencing.hosts']],
    ['in neither', { fencing: { delay: 5 } }, ['fencing.agent', 'fencing.password', 'fencing.hosts']],
    ['that leave a node out', { fencing: { devices: [board('db1', '10.1.1.1')] } }, ['fencing.devices']],
    ['for a stranger', { fencing: { devices: [board('db9', '10.1.1.1'), vcenter] } }, ['fencing.devices[0].nodes']],
    ['of one name', { fencing: { devices: [vcenter, vcenter] } }, ['fencing.devices[1].name']],
    ['with machines and nodes', { fencing: { devices: [{ ...vcenter, nodes: ['db1'] }] } }, ['fencing.devices[0]']],
    ['with one machine for two', { fencing: { devices: [{ ...vcenter, hosts: { db1: 'a', db2: 'a' } }] } }, ['fencing.devices[0].hosts.db2']],
  ])('%s are checked', (_, file, expected) => expect(path(file)).toEqual(expected)); // prettier-ignore
});

describe('the options of a device', () => {
  const surveys = [
    { ...aSurvey, fenceAgents: { fence_ipmilan: metadata('fence_ipmilan'), fence_vmware_soap: metadata('fence_vmware_soap') } },
  ]; // prettier-ignore
  const told = (options: object, agent = 'fence_vmware_soap') => {
    const one = aSpec({ fencing: { devices: [{ ...vcenter, agent, options }] } });
    return deviceFindings(one, surveys).map((report) => ('option' in report ? `${report.code} ${report.option}` : report.code)); // prettier-ignore
  };
  it.each<[string, object, string[]]>([
    ['that are right', { ip: 'vc', username: 'cfha', ssl: 'on', login_timeout: 5 }, []],
    ['by their former names', { ipaddr: 'vc', login: 'cfha' }, []],
    ['with - for _', { ip: 'vc', username: 'cfha', 'login-timeout': 5 }, []],
    ['of Pacemaker', { ip: 'vc', username: 'cfha', pcmk_delay_max: '5s' }, []],
    ['that are missing', { ip: 'vc' }, ['FENCING_OPTION_MISSING username']],
    ['that nobody knows', { ip: 'vc', username: 'x', colour: 'blue' }, ['FENCING_OPTION_UNKNOWN colour']],
    ['that are no number', { ip: 'vc', username: 'x', login_timeout: 'soon' }, ['FENCING_OPTION_WRONG login_timeout']],
    ['that are neither on nor off', { ip: 'vc', username: 'x', ssl: 'perhaps' }, ['FENCING_OPTION_WRONG ssl']],
  ])('%s', (_, options, expected) => expect(told(options)).toEqual(expected));

  it('that may be chosen from a few', () => {
    expect(told({ ip: 'x', auth: 'rot13' }, 'fence_ipmilan')).toEqual(['FENCING_OPTION_WRONG auth']);
    expect(told({ ip: 'x', auth: 'md5' }, 'fence_ipmilan')).toEqual([]);
  });

  it('that make one of two nodes wait are no race', () => {
    const race = (options: object) =>
      deviceFindings(aSpec({ fencing: { ...aFile.fencing, delay: 0, options } }), []).map(({ code }) => code);
    expect(race({})).toEqual(['FENCE_RACE']);
    expect(race({ pcmk_delay_max: '10s' })).toEqual([]);
  });
});

describe('the devices, asked from a host', () => {
  it('are each told with what they answered', () => {
    const probe = { vipsUsed: [], vipsOnLink: ['10.77.0.100'], portUsed: false, room: { free: 2 ** 40, kind: 'ext4', readOnly: false, at: '/' }, source: undefined, quorumClosed: [], starters: [] }; // prettier-ignore
    const fencing = { 'ipmi-db1': { failed: 'no route' }, 'ipmi-db2': { machines: [] }, vcenter: { machines: ['dc1-db1-vm'] } }; // prettier-ignore
    const evidence = { facts: new PretendHosts(context).facts, probes: { db1: { ...probe, fencing } }, ports: {} };
    expect(regionFindings(context, evidence)).toMatchObject([
      { code: 'FENCING_FAILED', device: 'ipmi-db1' },
      { code: 'FENCING_UNKNOWN', device: 'vcenter', node: 'db2' },
    ]);
  });

  // Agents that are shell functions here: one that lists, one that knows only states, one that is part of a machine.
  const agents = `
fence_vmware_soap() { case "$*" in *metadata*) echo '<action name="list"/>' ;; *) grep -q password=geheim && printf 'dc1-db1-vm,1\\ndc1-db2-vm,2\\n' ;; esac; }
fence_apc() { case "$*" in *metadata*) echo '<action name="status"/>' ;; *) case "$(cat)" in *plug=4*) return 2 ;; *plug=5*) return 0 ;; esac ;; esac; }
fence_ipmilan() { grep -q action=monitor; }
timeout() { shift; "$@"; }
`;
  it('answer in their own way', async () => {
    const apc = { name: 'apc', agent: 'fence_apc', hosts: { db1: '4', db2: '5' } };
    const all = aContext(aSpec({ fencing: { devices: [vcenter, apc, board('db1', '1'), board('db2', '2')] } }));
    const passwords = { ...all.passwords, fencing: { vcenter: 'geheim', 'ipmi-db1': 'x' } };
    const script = probeScript({ ...all, passwords });
    const calls = script.slice(script.indexOf('errors=$(mktemp)'));
    const { fencing } = readProbe(await spawnExec()({ argv: ['sh', '-s'], input: `${agents}tar= clone=\n${calls}` }));
    expect(fencing).toEqual({
      vcenter: { machines: ['dc1-db1-vm', 'dc1-db2-vm'] },
      apc: { machines: ['4', '5'] },
      'ipmi-db1': { machines: [] },
      'ipmi-db2': { machines: [] },
    });
  });
});
