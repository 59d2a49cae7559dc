// What is wrong with the fence devices of a region: their options against their agents' metadata, the machines they know, races.
import { nearest } from '../../lib/host/nearest.ts';
import { expectedOf, type FenceMetadata } from '../../lib/pacemaker/fence-metadata.ts';
import { devicesOf, type Device } from '../devices.ts';
import type { Probe } from '../probe.ts';
import type { Report } from '../reports.ts';
import type { Spec } from '../spec.ts';
import type { Survey } from '../survey.ts';

/** What the file alone, and the metadata of the agents as the hosts have them, say. */
export function deviceFindings(spec: Spec, surveys: readonly Survey[]): Report[] {
  const devices = devicesOf(spec);
  const metadata = (agent: string) => surveys.map(({ fenceAgents }) => fenceAgents[agent]).find((one) => one !== undefined);
  return [
    ...devices.flatMap((device) => optionFindings(device, metadata(device.agent))),
    ...(isRace(spec, devices) ? [{ code: 'FENCE_RACE' } as const] : []),
    ...(devices.some(({ options }) => isOn(options['ssl_insecure'])) ? [{ code: 'FENCING_UNCHECKED_TLS' } as const] : []),
  ];
} // prettier-ignore

/** Two nodes fence each other at the same moment if nothing makes one of them wait. */
function isRace({ nodes, fencing, quorum }: Spec, devices: readonly Device[]): boolean {
  const waits = devices.some(({ options }) => 'pcmk_delay_max' in options || 'pcmk_delay_base' in options);
  return nodes.length === 2 && quorum === undefined && fencing.delay === 0 && !waits;
}

const isOn = (value: string | undefined): boolean => ['1', 'true', 'on', 'yes'].includes((value ?? '').toLowerCase());

/** Options that cfha itself gives, or Pacemaker. */
const given = /^(action|plug|port|nodename|(passwd|password)(_script)?)$/;

/** Options that are wrong would be found out by Pacemaker only when it has to fence. */
function optionFindings({ name: device, agent, options }: Device, metadata: FenceMetadata | undefined): Report[] {
  if (metadata === undefined || metadata.options.length === 0) return [];
  const names = metadata.options.map(({ name }) => name);
  // Agents know an option's name with - and with _; Pacemaker's own begin with pcmk_.
  const plain = (option: string) => option.replaceAll('-', '_');
  const own = Object.entries(options).filter(([option]) => !option.startsWith('pcmk_'));
  const has = (option: string) => own.some(([name]) => plain(name) === option);
  const missing = metadata.options.filter(
    ({ name, required, deprecated, obsoletes }) =>
      required && !deprecated && !given.test(name) && !has(name) && !has(obsoletes ?? ''),
  );
  return [
    ...own.flatMap(([option, value]): Report[] => {
      const known = metadata.options.find(({ name }) => name === plain(option));
      if (known === undefined) {
        const meant = nearest(option, names);
        return [{ code: 'FENCING_OPTION_UNKNOWN', agent, option, near: meant === undefined ? '' : `; is ${meant} meant?` }];
      }
      const expected = expectedOf(known, value);
      return expected === undefined ? [] : [{ code: 'FENCING_OPTION_WRONG', device, option, value, expected }];
    }),
    ...missing.map(({ name }): Report => ({ code: 'FENCING_OPTION_MISSING', device, agent, option: name })),
  ];
} // prettier-ignore

/** What the devices said when they were asked from a host. */
export function askedFindings(spec: Spec, host: string, asked: Probe['fencing']): Report[] {
  return devicesOf(spec).flatMap(({ name, machines = {} }): Report[] => {
    const answer = asked[name];
    if (answer === undefined) return [];
    if ('failed' in answer) return [{ code: 'FENCING_FAILED', host, device: name, because: answer.failed }];
    const found = answer.machines.slice(0, 10).join(', ') || 'none';
    return Object.entries(machines)
      .filter(([, machine]) => !answer.machines.includes(machine))
      .map(([node, machine]) => ({ code: 'FENCING_UNKNOWN', host, device: name, machine, node, found }));
  });
}
