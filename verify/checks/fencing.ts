// Fencing: without it a failover is a gamble.
import { isTrue, readScore, readSeconds } from '../../lib/pacemaker/values.ts';
import { devicesOf, fencingProperty, plugOf } from '../cib-words.ts';
import type { CibFacts } from '../facts.ts';
import { must, unless, without, type Check } from '../judgement.ts';

const redHat = 'Red Hat, Support Policies for RHEL High Availability Clusters (articles/2881341)';

function namesOf({ view }: CibFacts): readonly string[] {
  return view.nodes.map(({ name }) => name);
}

/** Something that lets one of two nodes shoot first. */
function delayOf(cib: CibFacts): string | undefined {
  const priority = readSeconds(cib.properties['priority-fencing-delay']) ?? 0;
  if (priority > 0 && (readScore(cib.postgres.meta['priority']) ?? 0) > 0)
    return `priority-fencing-delay is ${String(priority)} s, and the promoted instance has priority`;
  const delayed = devicesOf(cib).find(({ attributes: a }) => (a['pcmk_delay_max'] ?? a['pcmk_delay_base']) !== undefined);
  return delayed && `${delayed.id} has a pcmk_delay`;
} // prettier-ignore

// As many as a device that answers at once can refuse in a day.
const enoughAttempts = 50_000;

export const fencingChecks: readonly Check[] = [
  {
    code: 'FENCING_ENABLED',
    severity: 'critical',
    asks: 'configuration',
    says: 'fencing is enabled',
    source: redHat,
    judge: ({ cib }) => {
      const value = fencingProperty(cib, 'enabled');
      return must(isTrue(value, true), `stonith-enabled is ${value ?? 'not set, which means true'}`);
    },
    remedy: 'pcs property set stonith-enabled=true, after a fence device is there and tried',
  },
  {
    code: 'FENCING_EVERY_NODE',
    severity: 'critical',
    asks: 'configuration',
    says: 'every node can be fenced by a device',
    source: redHat,
    judge: ({ cib }) =>
      unless(
        namesOf(cib)
          .filter((node) => devicesOf(cib).every((device) => plugOf(device, node) === undefined))
          .map((node) => `no device fences ${node}`),
        ...devicesOf(cib).map(({ id, agent }) => `${id} (${agent})`),
      ),
    remedy: 'pcs stonith create …, or name the node in pcmk_host_map',
  },
  {
    code: 'FENCING_DISTINCT',
    severity: 'critical',
    asks: 'configuration',
    says: 'no two nodes are the same machine to a fence device',
    source: 'fence-agents#243 (pcmk_host_map)',
    judge: ({ cib }) =>
      unless(
        devicesOf(cib).flatMap((device) => {
          const plugs = namesOf(cib)
            .map((node) => plugOf(device, node))
            .filter((plug) => plug !== undefined);
          return new Set(plugs).size < plugs.length ? [`${device.id}: ${plugs.join(', ')}`] : [];
        }),
        'each has a name of its own',
      ),
    remedy: 'pcs stonith update DEVICE pcmk_host_map="NODE:MACHINE;…"',
  },
  {
    code: 'FENCING_MONITORED',
    severity: 'warning',
    asks: 'configuration',
    says: 'every fence device is monitored',
    source: 'Pacemaker Explained, Fencing; Trento',
    judge: ({ cib }) =>
      unless(
        devicesOf(cib)
          .filter(
            ({ operations }) =>
              !operations.some((op) => op.name === 'monitor' && (readSeconds(op['interval']) ?? 0) > 0),
          )
          .map(({ id }) => `${id} has no monitor`),
        'each has a monitor',
      ),
    remedy: 'pcs resource update DEVICE op monitor interval=60s',
  },
  {
    code: 'FENCING_SECRET',
    severity: 'warning',
    asks: 'configuration',
    says: 'no password of a fence device is in the configuration, which every node keeps on its disk',
    source: 'a rule of every region of one primary',
    judge: ({ cib }) =>
      unless(
        devicesOf(cib).flatMap(({ id, attributes }) =>
          ['password', 'passwd'].filter((name) => name in attributes).map((name) => `${id} has ${name}=`),
        ),
        'none has one',
      ),
    remedy: 'password_script=, with a script that prints the content of a file of mode 0600',
  },
  {
    code: 'FENCING_RACE',
    severity: 'warning',
    asks: 'configuration',
    says: 'two nodes that have lost each other do not shoot at the same moment',
    source: 'Red Hat solutions/91653; Trento (priority-fencing-delay on two nodes)',
    judge: ({ cib }) => {
      if (cib.view.nodes.length !== 2) return without(`${String(cib.view.nodes.length)} nodes: the majority shoots`);
      const delay = delayOf(cib);
      return must(delay !== undefined, delay ?? 'no delay: both may shoot, and both be dead');
    },
    remedy: 'pcs property set priority-fencing-delay=5s, and priority=10 for the PostgreSQL resource',
  },
  {
    code: 'FENCING_TIMEOUT',
    severity: 'warning',
    asks: 'configuration',
    says: 'fencing has at least 40 s to succeed',
    source: 'Pacemaker Explained, stonith-timeout (default 60 s); measured: 6 s with vSphere’s protocol',
    judge: ({ cib }) => {
      const value = fencingProperty(cib, 'timeout') ?? '60s';
      return must((readSeconds(value) ?? 0) >= 40, `stonith-timeout is ${value}`);
    },
    remedy: 'pcs property set stonith-timeout=60s',
  },
  {
    code: 'FENCING_ATTEMPTS',
    severity: 'warning',
    asks: 'configuration',
    says: 'fencing is tried until it succeeds',
    source:
      'measured: a device that refuses at once has used up ten attempts (the default) in 18 s; then nothing is promoted until the cluster checks itself again, 15 minutes later',
    judge: ({ cib }) => {
      const value = fencingProperty(cib, 'max-attempts') ?? '10';
      return must((readScore(value) ?? 0) >= enoughAttempts, `stonith-max-attempts is ${value}`);
    },
    remedy: 'pcs property set stonith-max-attempts=INFINITY',
  },
  {
    code: 'FENCING_ACTION',
    severity: 'warning',
    asks: 'configuration',
    says: 'a fenced node is started again, or the choice to leave it off is known',
    source: 'invariant I6: two nodes again without a person',
    judge: ({ cib }) => {
      const action = fencingProperty(cib, 'action') ?? 'reboot';
      return must(action === 'reboot', `stonith-action is ${action}`);
    },
    remedy: 'pcs property set stonith-action=reboot',
  },
  {
    code: 'FENCING_DEVICE',
    severity: 'critical',
    asks: 'status',
    says: 'the cluster’s last operation on every fence device has succeeded',
    source: 'OpenShift fencing_validator: credentials that are valid are not enough, but less is nothing',
    judge: ({ cib }) =>
      unless(
        cib.view.devices.filter(({ failed }) => failed).map(({ id }) => `${id} has failed`),
        'all have',
      ),
    remedy: 'the log of the device; then pcs stonith cleanup DEVICE',
  },
  {
    code: 'FENCING_ANSWERS',
    severity: 'critical',
    asks: 'nodes',
    says: 'from every node, the fence device tells the power of every node, and that it is on',
    source: 'openshift/installer#10546',
    judge: ({ nodes }) => {
      const all = nodes.flatMap(({ node, fencing }) => fencing.map((tried) => ({ node, ...tried })));
      if (all.length === 0) return without('no device that could be asked');
      const bad = all.filter(({ ok }) => !ok);
      return unless(bad.map(({ node, to, says }) => `${node} asks about ${to}: ${says}`), ...all.map(({ node, to }) => `${node} → ${to}: on`)); // prettier-ignore
    },
    remedy: 'address, user and password of the device; the way to it from that node',
  },
];
