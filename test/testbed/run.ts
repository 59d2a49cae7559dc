// The testbed, tested: what scenarios rely on. As root; takes about a minute once the root filesystem is there.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { countsLine } from '../run/counts.ts';
import { hierarchies } from './cgroups.ts';
import { exitCode, must, passSignal, sleep, start, until } from './processes.ts';
import { openTestbed } from './testbed.ts';

type Check = readonly [title: string, holds: () => Promise<boolean>];

const testbed = openTestbed('selftest');
const neighbour = openTestbed('selftest-neighbour');
const main = `${import.meta.dirname}/main.ts`;

async function on(node: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await testbed.exec(node, ['bash', '-c', script], { timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`${node}: ${script}: ${code} ${stderr}`);
  return stdout.trim();
}

async function fence(node: string, agent: string, more: readonly string[]): Promise<number> {
  const password = readFileSync(testbed.layout.vcenter.password, 'utf8');
  const login = ['--ip', '10.77.0.1', '--username', 'cfha', '--password', password, '--ssl-insecure'];
  return (await testbed.exec(node, [agent, ...login, ...more])).code;
}

const bareNodes: readonly Check[] = [
  [
    'nodes are told apart by name, machine id and host key',
    async () => {
      const ask = 'hostname; cat /etc/hostname /etc/machine-id; cut -d" " -f2 /etc/ssh/ssh_host_ed25519_key.pub';
      const [one = [], two = []] = (await Promise.all([on('db1', ask), on('db2', ask)])).map((text) =>
        text.split('\n'),
      );
      return one.length === 4 && one[0] === 'db1' && one.every((line, i) => line !== two[i]);
    },
  ],
  [
    'nodes are bare: pcsd and sshd run, cluster and database do not, no Node.js, no firewall',
    async () => {
      const active = await on('db1', 'systemctl is-active ssh pcsd corosync pacemaker postgresql || true');
      const rest = await on(
        'db1',
        'pg_lsclusters -h; command -v node || true; nft list ruleset; iptables -S | grep -v ACCEPT || true',
      );
      return active === 'active\nactive\ninactive\ninactive\ninactive' && rest === '';
    },
  ],
  [
    'exec passes the exit code and the input on, and no variables',
    async () => {
      const { code, stdout } = await testbed.exec('db1', ['sh', '-c', 'cat; env | grep -c CFHA_LEAK; exit 7'], {
        input: 'given ',
      });
      return code === 7 && stdout === 'given 0\n';
    },
  ],
  [
    'a signal reaches the program on the node, and only that',
    async () => {
      const child = testbed.start('db1', ['sleep', '4711'], { stdio: 'ignore' });
      await until(async () => (await testbed.exec('db1', ['pgrep', '-f', 'sleep 4711'])).code === 0, { seconds: 10 });
      passSignal(child, 'SIGTERM');
      return (await exitCode(child)) === 143 && (await testbed.exec('db1', ['pgrep', '-f', 'sleep 4711'])).code === 1;
    },
  ],
  [
    'the administrator reaches the nodes with ssh, by name and by address',
    async () => {
      const hosts = await Promise.all(
        ['db1', '10.77.0.12'].map((host) => on('admin', `ssh -o BatchMode=yes root@${host} hostname`)),
      );
      return hosts.join() === 'db1,db2';
    },
  ],
];

const powerAndNetwork: readonly Check[] = [
  [
    'after power off the disk is as it was, and the addresses the node had taken are gone',
    async () => {
      await on('db2', 'ip address add 10.77.0.100/24 dev eth0; echo kept >/root/kept; sleep 1000 >/dev/null 2>&1 &');
      await testbed.power('off', 'db2');
      const silent = (await testbed.exec('db1', ['ping', '-c1', '-W1', '10.77.0.100'])).code === 1;
      await testbed.power('on', 'db2');
      return (
        silent &&
        (await on('db2', 'cat /root/kept; ip -4 -o address show eth0 | wc -l; pgrep -c sleep || true')) === 'kept\n1\n0'
      );
    },
  ],
  [
    'a peer hears nothing of a power off: its connection stays open',
    async () => {
      const listener = testbed.start('db2', ['nc', '-l', '-p', '7777'], { stdio: 'ignore' });
      await until(async () => (await on('db2', 'ss -tln | grep -c :7777 || true')) === '1', { seconds: 10 });
      const peer = testbed.start('db1', ['nc', '10.77.0.12', '7777'], { stdio: ['pipe', 'ignore', 'ignore'] });
      const connected = await until(
        async () => (await on('db1', 'ss -tn state established | grep -c :7777 || true')) === '1',
        { seconds: 10 },
      );
      await testbed.power('off', 'db2');
      await sleep(1000);
      const open = (await on('db1', 'ss -tn state established | grep -c :7777 || true')) === '1';
      passSignal(peer, 'SIGKILL');
      await Promise.all([exitCode(listener), exitCode(peer), testbed.power('on', 'db2')]);
      return connected && open;
    },
  ],
  [
    'a reboot from inside comes back without the addresses it had taken',
    async () => {
      await on('db2', 'ip address add 10.77.0.100/24 dev eth0; touch /run/before; systemctl reboot');
      const back = await until(
        async () =>
          (await testbed.exec('db2', ['test', '!', '-e', '/run/before']).catch(() => ({ code: 1 }))).code === 0,
        { seconds: 150 }, // pcsd that has just started may miss the SIGTERM: systemd then waits 90 s before it kills
      );
      await testbed.power('on', 'db2');
      return back && (await on('db2', 'ip -4 -o address show eth0 | wc -l')) === '1';
    },
  ],
  [
    'a cut cable separates a node, also over a power cycle, until it is healed',
    async () => {
      const reached = async () => (await testbed.exec('db1', ['ping', '-c1', '-W2', '10.77.0.12'])).code === 0;
      await testbed.net('cut', 'db2');
      const cut = !(await reached());
      await testbed.power('cycle', 'db2', { offSeconds: 0 });
      const stillCut = !(await reached());
      await testbed.net('heal', 'db2');
      return cut && stillCut && (await reached());
    },
  ],
];

const fencing: readonly Check[] = [
  [
    'fence_vmware_soap lists, tells the power, and reboots, and the log has it',
    async () => {
      const before = await on('db2', 'cat /proc/sys/kernel/random/boot_id');
      const codes = [
        await fence('db1', 'fence_vmware_soap', ['--action', 'list']),
        await fence('db1', 'fence_vmware_soap', ['--action', 'reboot', '--plug', 'dc1-db2-vm']),
        await fence('db1', 'fence_vmware_soap', ['--action', 'off', '--plug', '/dc1/vm/dc1-db2-vm']),
      ];
      const off =
        !testbed.isOn('db2') &&
        (await fence('db1', 'fence_vmware_soap', ['--action', 'status', '--plug', 'dc1-db2-vm'])) === 2;
      await fence('db1', 'fence_vmware_soap', ['--action', 'on', '--plug', 'dc1-db2-vm']);
      await testbed.power('on', 'db2');
      const log = testbed
        .fenceLog()
        .filter((e) => e.node === 'db2' && e.from === '10.77.0.11' && e.operation === 'PowerOffVM_Task');
      return (
        codes.join() === '0,0,0' &&
        off &&
        log.length === 2 &&
        before !== (await on('db2', 'cat /proc/sys/kernel/random/boot_id'))
      );
    },
  ],
  [
    'fence_vmware_rest reboots as well',
    async () => {
      const code = await fence('db1', 'fence_vmware_rest', ['--action', 'reboot', '--plug', 'dc1-db2-vm']);
      await testbed.power('on', 'db2');
      return code === 0;
    },
  ],
  [
    'a wrong password fences nobody',
    async () =>
      (await fence('db1', 'fence_vmware_soap', ['--action', 'off', '--plug', 'dc1-db2-vm', '--password', 'wrong'])) !==
        0 && testbed.isOn('db2'),
  ],
];

const makeTree =
  'rm -rf /srv/*; mkdir -p /srv/a/b /srv/gone; echo 1 >/srv/a/b/f; echo 2 >/srv/gone/f; cp /bin/true /srv/c; setfattr -n user.x -v y /srv/c 2>/dev/null; chown postgres /srv/a; ln /srv/a/b/f /srv/link';
const showTree = 'cd /srv && find . -printf "%p %u %m %n\\n" | sort; cat a*/b/f; ls /etc/pcs* /opt | sort | head -3';

const disks: readonly Check[] = [
  [
    'a load brings back what was there at the save: files, owners, removals, renames',
    async () => {
      await on('db1', makeTree);
      await testbed.save('tree');
      const atSave = await on('db1', showTree);
      await on('db1', 'mv /srv/a /srv/a2; rm -r /srv/gone; mkdir /srv/gone; echo new >/srv/new; rm /usr/bin/psql');
      const changed = await on('db1', showTree);
      await testbed.save('changed');
      const kept = await on('db1', `${showTree}; test ! -e /usr/bin/psql`);
      await testbed.load('tree');
      const back = await on('db1', `${showTree}; test -e /usr/bin/psql`);
      await testbed.forget('tree');
      await testbed.load('changed');
      return kept === changed && back === atSave && atSave !== changed && (await on('db1', showTree)) === changed;
    },
  ],
  [
    'a save that is replaced or forgotten frees its layers',
    async () => {
      const layers = () => readdirSync(`${testbed.layout.dir}/nodes/db1/layers`).length;
      await testbed.save('again', { plug: true });
      await testbed.load('changed');
      await testbed.save('again', { plug: true });
      const before = layers();
      await testbed.load('changed');
      await testbed.forget('again');
      return layers() === before - 1;
    },
  ],
  [
    'load takes less than 15 s',
    async () => {
      const began = performance.now();
      await testbed.load('changed');
      return performance.now() - began < 15_000;
    },
  ],
];

const together: readonly Check[] = [
  [
    'a second testbed has the same addresses and another network',
    async () => {
      await neighbour.up({ nodes: 1 });
      await on('db1', 'touch /run/first');
      const there = await neighbour.exec('db1', ['test', '-e', '/run/first']);
      const fence2 = await fence('db1', 'fence_vmware_soap', ['--action', 'list']);
      return there.code === 1 && fence2 === 0 && neighbour.fenceLog().length === 0;
    },
  ],
  [
    'up completes what a killed up, load or down left, at any point',
    async () => {
      for (const ms of [120, 160, 200, 250, 300, 350, 500, 800]) {
        await neighbour.down({ wipe: ms < 400 });
        await killedAfter(ms, ['up', '--nodes', '1']);
        await neighbour.up({ nodes: 1 });
        await killedAfter(ms, ['down']);
        await neighbour.up();
      }
      return (await neighbour.exec('db1', ['hostname'])).stdout === 'db1\n';
    },
  ],
  [
    'down --wipe leaves nothing',
    async () => {
      await Promise.all([testbed.down({ wipe: true }), neighbour.down({ wipe: true })]);
      const found = [
        ...readFileSync('/proc/self/mounts', 'utf8').split('\n'),
        ...(await must('ps', ['-eo', 'args'])).split('\n'),
        ...['/run/netns', '/run/lock', '/var/lib/cfha-testbed', '/run/systemd/nspawn/propagate']
          .filter((dir) => existsSync(dir))
          .flatMap((dir) => readdirSync(dir)),
        ...hierarchies()
          .map((at) => `${at}/cfha-testbed/selftest`)
          .filter((dir) => existsSync(dir)),
      ].filter((line) => line.includes('selftest'));
      if (found.length > 0) process.stdout.write(`${found.join('\n')}\n`);
      return found.length === 0;
    },
  ],
];

async function killedAfter(ms: number, argv: readonly string[]): Promise<void> {
  const child = start({ file: process.execPath, args: [main, ...argv, '--name', neighbour.name] }, { stdio: 'ignore' });
  const end = exitCode(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  await end;
  clearTimeout(timer);
}

async function passes([title, holds]: Check): Promise<boolean> {
  const began = performance.now();
  const passed = await holds().catch((error: unknown) => {
    process.stdout.write(`  ${String(error)}\n`);
    return false;
  });
  process.stdout.write(
    `${passed ? 'ok    ' : 'FAILED'} ${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${title}\n`,
  );
  return passed;
}

async function all(): Promise<number> {
  await testbed.down({ wipe: true });
  await neighbour.down({ wipe: true });
  await testbed.up({ say: (line) => process.stdout.write(`${line}\n`) });
  process.env['CFHA_LEAK'] = 'yes';
  const results: boolean[] = [];
  for (const check of [...bareNodes, ...powerAndNetwork, ...fencing, ...disks, ...together])
    results.push(await passes(check));
  const failed = results.filter((passed) => !passed).length;
  process.stdout.write(`${countsLine({ passed: results.length - failed, failed })}\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await all();
