// A region whose nodes had firewalls that drop everything but ssh: cfha opens what is needed, for those who need it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { offered } from './packaged.ts';
import type { Scenario } from './scenario.ts';
import { untilHealthy, type Stage } from './stage.ts';
import { expect, waitUntil } from './waiting.ts';

type Program = 'nftables' | 'iptables' | 'firewalld';

// What an administrator has: everything else is dropped.
const closed: Readonly<Record<Program, string>> = {
  nftables: `cat >/etc/nftables.conf <<'RULES'
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    icmp type echo-request accept
    tcp dport 22 accept
  }
}
RULES
systemctl enable --now nftables`,
  iptables: `iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -i lo -j ACCEPT; iptables -A INPUT -p icmp -j ACCEPT
iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -P INPUT DROP`,
  // as its package leaves it: the zone `public`, which lets ssh in
  firewalld: `export DEBIAN_FRONTEND=noninteractive
apt-get -q update; apt-get -q -y --no-install-recommends install firewalld
systemctl enable --now firewalld; firewall-cmd --state`,
};

async function reaches(stage: Stage, from: string, port: number): Promise<boolean> {
  const argv = ['timeout', '2', 'bash', '-c', `exec 3<>/dev/tcp/10.77.0.11/${String(port)}`];
  return (await stage.on(from, argv)).code === 0;
}

function scenario(program: Program): Scenario {
  return {
    name: `servers whose ${program} drops all but ssh become a region that only its own reach`,
    from: 'bare',
    core: false,
    ends: 'otherwise',
    play: async (stage) => {
      for (const node of stage.nodes) {
        if (program === 'firewalld') await offered(stage, node, ['firewalld']);
        await stage.must(node, ['sh', '-euc', closed[program]], { timeoutMs: 300_000 });
      }
      const refused = await stage.bootstrap();
      expect(refused.code === 2 && refused.stderr.includes('PORT_CLOSED'), `not refused:\n${refused.stderr}`);
      const path = join(stage.region.folder, 'firewall.yaml');
      // The client of the testbed is at another address than the network that may connect.
      const text = stage.region.text.replace(/clients: \[.*\]/, 'clients: [10.77.0.128/26]');
      writeFileSync(path, `${text}firewall: { program: ${program} }\n`);
      const made = await stage.on('admin', [stage.cfha, 'bootstrap', path]);
      expect(made.code === 0, `exit code ${String(made.code)}\n${made.stdout}${made.stderr}`);
      await untilHealthy(stage, 30);
      const [first, second] = stage.nodes;
      expect(await reaches(stage, second, 5432), `${second} does not reach PostgreSQL`);
      expect(!(await reaches(stage, 'admin', 5432)), 'a stranger reaches PostgreSQL');
      expect(!(await reaches(stage, 'admin', 2224)), 'a stranger reaches pcsd');
      await atBoot(stage, first);
      const check = await stage.on('admin', [stage.cfha, 'bootstrap', path, '--check']);
      expect(check.code === 0, `--check: exit code ${String(check.code)}\n${check.stdout}${check.stderr}`);
    },
  };
}

/** The rules are loaded anew with the administrator's own. */
async function atBoot(stage: Stage, node: string): Promise<void> {
  await stage.must(node, [
    'sh',
    '-c',
    'for unit in nftables firewalld; do systemctl is-enabled -q $unit && systemctl restart $unit && exit; done; systemctl restart cfha-firewall',
  ]);
  // Ours come after them, by themselves.
  const inForce = async () => (await stage.on(node, ['/etc/cfha/firewall', 'check'])).code === 0;
  await waitUntil('our rules are in force again', inForce, 30);
}

export const firewalled: readonly Scenario[] = (['nftables', 'iptables', 'firewalld'] as const).map(scenario);
