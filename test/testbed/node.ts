// Power of one node, and the way into it.
import { openSync, closeSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createGroups, groupsOf, isOccupied, killGroup, removeGroups } from './cgroups.ts';
import { addressOf, hardwareAddress, nodeFiles, prefixLength, type Layout } from './layout.ts';
import { unplug } from './network.ts';
import { run, start, until, type Command } from './processes.ts';
import { Refusal } from './refusal.ts';

export const rootPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function isOn(layout: Layout, node: string): boolean {
  return isOccupied(layout, node);
}

/** Presses the power button of a node whose disk is mounted; it boots in the background, after the firmware's time. */
export async function powerOn(layout: Layout, node: string, firmwareSeconds = 0): Promise<void> {
  if (isOn(layout, node)) return;
  const files = nodeFiles(layout, node);
  const env = {
    PATH: rootPath,
    NODE: node,
    ROOT: files.root,
    CUT: files.cut,
    SWITCH: layout.netns('switch'),
    NETNS: layout.netns(node),
    MAC: hardwareAddress(node),
    ADDRESS: `${addressOf(node)}/${prefixLength}`,
    FIRMWARE: String(firmwareSeconds),
    GROUPS_OF_NODE: createGroups(layout, node).join(' '),
  };
  const console = openSync(files.console, 'w');
  const lead = start(
    { file: `${import.meta.dirname}/supervise-node.sh`, args: [] },
    { detached: true, env, cwd: '/', stdio: ['ignore', console, console] },
  );
  closeSync(console);
  lead.unref();
  await until(() => isOn(layout, node) || lead.exitCode !== null, { seconds: 10, everyMs: 5 });
}

/** Pulls the plug: no shutdown, no farewell on the network; the disk stays as it is. */
export async function powerOff(layout: Layout, node: string): Promise<void> {
  await unplug(layout, node);
  await killGroup(layout, node);
  await unplug(layout, node); // the node may have been plugging in at that moment
  await removeGroups(layout, node);
  removeTraces(layout, node);
}

/** What systemd-nspawn leaves in /run when it is killed. */
function removeTraces(layout: Layout, node: string): void {
  const { root } = nodeFiles(layout, node);
  rmSync(`/run/systemd/nspawn/propagate/${layout.netns(node)}`, { recursive: true, force: true });
  if (!existsSync(root)) return;
  const { dev, ino } = statSync(root);
  rmSync(`/run/systemd/nspawn/locks/inode-${dev}:${ino}`, { force: true });
}

// pcsd that has just started may never see the SIGTERM, and systemd would wait for it 90 s; only /run is written to
const orderlyPowerOff = `
for unit in pcsd pcsd-ruby; do
  mkdir -p /run/systemd/system/$unit.service.d
  printf '[Service]\\nTimeoutStopSec=5\\n' >/run/systemd/system/$unit.service.d/testbed.conf
done
systemctl daemon-reload
systemctl poweroff
`;

/** Asks the node to shut down in order; pulls the plug if it has not in time. */
export async function shutDown(layout: Layout, node: string, seconds: number): Promise<void> {
  const init = initOf(layout, node);
  if (init !== undefined) await run(enter(init, ['sh', '-c', orderlyPowerOff]), { timeoutMs: 10_000 });
  await until(() => !isOn(layout, node), { seconds, everyMs: 100 });
  await powerOff(layout, node);
}

/** Waits until the node has booted and answers to ssh. */
export async function waitUntilUp(layout: Layout, node: string): Promise<void> {
  const seconds = 120;
  const up = await until(
    async () => !isOn(layout, node) || ((await hasBooted(layout, node)) && (await answersSsh(layout, node))),
    { seconds, everyMs: 200 },
  );
  if (up && isOn(layout, node)) return;
  const what = up ? 'went off while it booted' : `is not up after ${seconds} s`;
  throw new Refusal(
    `${node} ${what}; its console: ${nodeFiles(layout, node).console}; again: scripts/testbed power cycle ${node} --name ${layout.name}`,
  );
}

async function hasBooted(layout: Layout, node: string): Promise<boolean> {
  const init = initOf(layout, node);
  if (init === undefined) return false;
  const { stdout } = await run(enter(init, ['systemctl', 'is-system-running']), { timeoutMs: 5000 });
  return ['running', 'degraded'].includes(stdout.trim());
}

/** Asked from the node's own namespace, so that a node whose network is cut can be up. */
async function answersSsh(layout: Layout, node: string): Promise<boolean> {
  const ask = `exec 3<>/dev/tcp/${addressOf(node)}/22 && read -r -t 2 line <&3 && [[ $line == SSH-* ]]`;
  const args = [`--net=/run/netns/${layout.netns(node)}`, 'bash', '-c', ask];
  return (await run({ file: 'nsenter', args }, { timeoutMs: 3000 })).code === 0;
}

/** The host's pid of the node's init; undefined before systemd has become it. */
function initOf(layout: Layout, node: string): number | undefined {
  const payload = `${groupsOf(layout, node)[0]}/payload`;
  const lists = [`${payload}/init.scope/cgroup.procs`, `${payload}/cgroup.procs`].filter((path) => existsSync(path));
  const pids = lists.flatMap((path) => readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Number));
  return pids.find(isNodesSystemd);
}

function isNodesSystemd(pid: number): boolean {
  try {
    // before nspawn has changed roots and executed systemd, its child must not be entered: it sees the host's files
    return /^Name:\tsystemd$[^]*^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // ended meanwhile
  }
}

function enter(init: number, argv: readonly string[]): Command {
  const terminal = process.env['TERM'] ?? 'dumb';
  const env = [
    `PATH=${rootPath}`,
    'HOME=/root',
    'USER=root',
    'LOGNAME=root',
    'SHELL=/bin/bash',
    'LANG=C.UTF-8',
    `TERM=${terminal}`,
  ];
  const args = ['--target', String(init), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--'];
  return { file: 'nsenter', args: [...args, 'env', '-i', '-C', '/root', ...env, ...argv] };
}

/** The command that runs `argv` on the node, as root, with a clean environment. */
export function commandOnNode(layout: Layout, node: string, argv: readonly string[]): Command {
  const init = initOf(layout, node);
  if (init !== undefined) return enter(init, argv);
  throw new Refusal(`${node} is off: scripts/testbed power on ${node} --name ${layout.name}`, 255);
}

/** The command that runs `argv` on this machine's files, but on the testbed's network and with its ssh keys and names. */
export function commandOfAdmin(layout: Layout, argv: readonly string[]): Command {
  const dress =
    'mkdir -p -m 700 /root/.ssh && mount --bind "$1" /root/.ssh && mount --bind "$2" /etc/hosts && shift 2 && exec "$@"';
  const env = [
    `PATH=${process.env['PATH'] ?? rootPath}`,
    'HOME=/root',
    'USER=root',
    'LOGNAME=root',
    'LANG=C.UTF-8',
    `TERM=${process.env['TERM'] ?? 'dumb'}`,
  ];
  const inside = [
    'unshare',
    '--mount',
    '--propagation',
    'slave',
    'env',
    '-i',
    ...env,
    'sh',
    '-c',
    dress,
    'sh',
    layout.sshDir,
    layout.adminHosts,
  ];
  return { file: 'nsenter', args: [`--net=/run/netns/${layout.netns('admin')}`, ...inside, ...argv] };
}
