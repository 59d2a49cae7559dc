// Drills in which a machine is lost: fenced, without power, panicking, rebooted, or all of them stopped in order.
import type { Drill, Situation, Step } from './drill.ts';
import { bootSeconds, device, primaryIn, untilMoved, untilRebooted, untilWrites } from './words.ts';

function fence(from: string, target: string): readonly Step[] {
  return [
    { do: 'run', on: from, says: `${from} fences ${target}`, breaks: true, seconds: 120, script: `stonith_admin --reboot ${target} --timeout=90 2>&1` },
    untilRebooted(target, target),
  ];
} // prettier-ignore

/** What fence agents exit with when a machine is off (FenceAgentAPI.md, "status"). */
const machineIsOff = 2;

/**
 * Before anybody is shot: a standby is switched off in order, and the device has to know. If machines are swapped there, it says so
 * of another one; to fence would shoot who gives the order, and then the survivor itself.
 */
function meant(s: Situation, target: string): readonly Step[] {
  const [asked, own, on] = [device(s, target, 'status'), device(s, s.primary, 'status'), device(s, target, 'on')];
  if (asked === undefined || own === undefined || on === undefined) return [];
  return [
    { do: 'run', on: target, says: `${target} is switched off, in order`, breaks: true, mayFail: true, seconds: 60, script: 'systemctl poweroff' },
    { do: 'wait', says: `${target} is away`, seconds: 120, until: ({ nodes }) => nodes[target] === undefined },
    { do: 'run', on: s.primary, says: `the device says that ${target}’s machine is off`, seconds: 240, script: knowsThatOff(asked, own) },
    { do: 'run', on: s.primary, says: `the device switches ${target} on`, seconds: 240, script: switchedOn(on, asked) },
    untilRebooted(target),
    { do: 'healthy' },
  ];
} // prettier-ignore

/** A server takes its time until it is off. */
function knowsThatOff(asked: string, own: string): string {
  return `n=0
while [ $n -lt 60 ]; do
  ${asked} >/dev/null 2>&1; [ $? -eq ${machineIsOff} ] && exit 0
  ${own} >/dev/null 2>&1; [ $? -eq ${machineIsOff} ] && { echo 'it says so of the machine on which it is asked: the machines are swapped in the fence device (pcmk_host_map)'; exit 1; }
  n=$((n + 1)); sleep 1
done
echo 'it says that the machine is on: it is another one, or the device says what is not so'; exit 1`;
}

/** A device may say yes and do nothing: then it is asked in vain whether the machine is on, and not waited for its boot. */
function switchedOn(on: string, asked: string): string {
  return `${on} 2>&1
n=0
while [ $n -lt 60 ]; do
  ${asked} >/dev/null 2>&1 && exit 0
  n=$((n + 1)); sleep 1
done
echo 'the device says yes, and the machine is still off: switch it on by hand'; exit 1`;
}

/** Pacemaker stays down on a node that is told it was fenced, and was not. */
const startPacemaker = 'systemctl --quiet is-active pacemaker || systemctl start pacemaker';

function cutPower(s: Situation, from: string, target: string): Step {
  return { do: 'run', on: from, says: `the device cuts the power of ${target}, asked past Pacemaker`, breaks: true, seconds: 90, script: `${device(s, target, 'off') ?? 'false'} 2>&1` }; // prettier-ignore
}

function noDevice(s: Situation): string | undefined {
  return s.nodes.some((node) => device(s, node, 'off') === undefined) ? 'not every node has a fence device that can be asked directly' : undefined; // prettier-ignore
}

export const machines: readonly Drill[] = [
  {
    name: 'fence',
    says: 'the fence device means the machines that it names; then each node is fenced from another one, and truly starts anew: the standbys first, so that a device that lies is found before the primary depends on it',
    breaks: 'each standby is switched off in order, and on by the device; then the power of every node, one after the other, through Pacemaker’s fencing',
    clients: 'not at all for a standby; ten to twenty seconds for the primary',
    undone: 'the device starts the node again',
    source: 'reference architecture, 4.4: on both systems, verify that fencing works; OpenShift fencing_validator',
    faults: [33],
    losesNode: true,
    steps: (s) => [
      ...s.standbys.flatMap((target) => meant(s, target)),
      ...s.standbys.flatMap((target): Step[] => [...fence(s.primary, target), { do: 'healthy' }]),
      ...fence(s.standby, s.primary),
      untilMoved(s),
      untilWrites(),
    ],
    undo: (s) => [
      // whichever machine it is that is off
      { on: s.primary, script: s.nodes.map((node) => `${device(s, node, 'on') ?? 'true'} >/dev/null 2>&1 || true`).join('; ') },
      ...s.nodes.map((on) => ({ on, script: startPacemaker })),
    ],
    holds: { primary: 'moves', rebooted: ({ nodes }) => nodes, loss: 'async', gapSeconds: 60 },
  },
  {
    name: 'power',
    says: 'the plug is pulled: of the primary, and then of the node that has become its standby',
    breaks: 'the fence device switches the machine off, and Pacemaker is not told',
    clients: 'ten to twenty seconds; not at all for the standby (in synchronous mode until it is fenced)',
    undone: 'the cluster’s own fencing starts the machine; otherwise the device is told to',
    source: 'Microsoft sap-automation-qa (node crash); faults 15 and 16',
    faults: [15, 16],
    losesNode: true,
    refuse: noDevice,
    steps: (s) => [
      cutPower(s, s.standby, s.primary),
      untilMoved(s),
      untilWrites(),
      untilRebooted(s.primary),
      { do: 'healthy' },
      cutPower(s, s.standby, s.primary),
      { do: 'wait', says: `${s.primary} is seen as lost`, seconds: 90, until: ({ nodes }) => nodes[s.primary] === undefined },
      { do: 'wait', says: `${s.primary} is back, and clients write`, seconds: bootSeconds, until: (seen) => seen.nodes[s.primary] !== undefined && seen.sinceAcknowledgedMs < 500 },
    ],
    undo: (s) => [{ on: s.standby, script: `${device(s, s.primary, 'on') ?? 'true'} >/dev/null 2>&1 || true` }],
    holds: { primary: 'moves', rebooted: ({ primary }) => [primary], loss: 'async', gapSeconds: 60 },
  },
  {
    name: 'panic',
    says: 'the primary’s kernel panics, the node is fenced, and the standby takes over',
    breaks: 'echo c >/proc/sysrq-trigger on the primary',
    clients: 'ten to thirty seconds',
    undone: 'fencing starts the node again',
    source: 'reference architecture, C.5',
    faults: [18],
    losesNode: true,
    refuse: ({ containers, primary }) => (containers[primary] === undefined ? undefined : `${primary} has no kernel of its own (${containers[primary] ?? ''}): a panic would be the host’s`),
    steps: (s) => [
      { do: 'run', on: s.primary, says: `the kernel of ${s.primary} panics`, breaks: true, mayFail: true, seconds: 10, script: 'sync; echo 1 >/proc/sys/kernel/sysrq; (sleep 1; echo c >/proc/sysrq-trigger) >/dev/null 2>&1 &' },
      untilMoved(s),
      untilWrites(),
      untilRebooted(s.primary),
    ],
    undo: () => [],
    holds: { primary: 'moves', rebooted: ({ primary }) => [primary], loss: 'async', gapSeconds: 60 },
  },
  {
    name: 'reboot',
    says: 'the primary’s node is rebooted in order: the standby takes over, and nobody is fenced',
    breaks: 'systemctl reboot on the primary',
    clients: 'two to ten seconds',
    undone: 'the node boots by itself',
    source: 'faults 20 and 22',
    faults: [20, 22],
    losesNode: true,
    steps: (s) => [
      { do: 'run', on: s.primary, says: `${s.primary} is rebooted`, breaks: true, mayFail: true, seconds: 20, script: 'systemctl reboot' },
      untilMoved(s),
      untilWrites(),
      untilRebooted(s.primary),
    ],
    undo: () => [],
    holds: { primary: 'moves', rebooted: ({ primary }) => [primary], loss: 'never', gapSeconds: 60 },
    seconds: 240,
  },
  {
    name: 'restart',
    says: 'the whole cluster is stopped and started, and needs nobody to remove a lock',
    breaks: 'pcs cluster stop --all',
    clients: 'until the cluster is up again: about a minute',
    undone: 'pcs cluster start --all',
    source: 'SAPHanaSR-tester (restart cluster); RA#699',
    faults: [17, 46],
    steps: (s) => [
      { do: 'run', on: s.primary, says: 'the cluster is stopped on all nodes', breaks: true, seconds: 180, script: 'pcs cluster stop --all 2>&1' },
      { do: 'wait', says: 'clients notice', seconds: 30, until: ({ sinceAcknowledgedMs }) => sinceAcknowledgedMs > 1000 },
      { do: 'undo', says: 'the cluster is started' },
      { do: 'wait', says: 'there is a primary', seconds: 180, until: (seen) => primaryIn(seen) !== undefined },
      untilWrites(),
    ],
    undo: (s) => [{ on: s.primary, script: 'pcs cluster start --all >/dev/null 2>&1' }],
    holds: { primary: 'either', rebooted: () => [], loss: 'never', gapSeconds: 300 },
  },
]; // prettier-ignore
