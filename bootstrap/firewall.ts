// The firewall of a node: which ports are for whom, and a script that makes it so with the program the node has. The script
// opens these ports for their sources in whatever else is there, closes them for all others, and touches no other port.
import { secondRing, virtualsOf } from './addresses.ts';
import type { Spec } from './spec.ts';

export type Opening = { readonly protocol: 'tcp' | 'udp'; readonly ports: string; readonly from: readonly string[] };

/** Who may reach what. */
export function openings(spec: Spec): readonly Opening[] {
  const { nodes, postgres, firewall } = spec;
  const peers = [...nodes.map(({ address }) => address), ...secondRing(spec).map(({ address }) => address)];
  const virtuals = virtualsOf(spec).map(({ address }) => address);
  return [
    { protocol: 'tcp', ports: '2224', from: [...peers, ...(firewall?.administrators ?? [])] },
    { protocol: 'udp', ports: '5404-5412', from: peers },
    { protocol: 'tcp', ports: String(postgres.port), from: [...peers, ...virtuals, ...postgres.clients] },
  ];
}

type Program = NonNullable<Spec['firewall']>['program'];

/** The program that is called, and the unit that loads its other rules. */
export const firewallPrograms: Readonly<Record<Program, { readonly program: string; readonly unit: string }>> = {
  nftables: { program: 'nft', unit: 'nftables.service' },
  iptables: { program: 'iptables', unit: 'iptables.service' },
  firewalld: { program: 'firewall-cmd', unit: 'firewalld.service' },
};

/** /etc/cfha/firewall: start, check (exit code 0 if in force), stop. */
export function firewallScript(spec: Spec, program: Program): string {
  return `#!/bin/sh
# Written by cfha bootstrap: change the region file, not this one.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
${scripts[program](openings(spec))}
case \${1:-start} in
start) stop; start ;;
check) check ;;
stop) stop ;;
esac
`;
}

const scripts: Readonly<Record<Program, (all: readonly Opening[]) => string>> = { nftables, iptables, firewalld };

// An accept in one table does not outdo a drop in another: other chains of the input hook get rules of ours, with a comment
// by which they are found again. A drop does outdo all accepts: that is our own table.
function nftables(all: readonly Opening[]): string {
  const drops = all.map(
    ({ protocol, ports, from }) => `    ${protocol} dport ${ports} ip saddr != { ${from.join(', ')} } drop`,
  );
  const sixes = all.map(({ protocol, ports }) => `    meta nfproto ipv6 ${protocol} dport ${ports} drop`);
  const accepts = all.map(({ protocol, ports, from }) => `    nft insert rule $chain ${protocol} dport ${ports} ip saddr '{' ${from.join(', ')} '}' accept comment '"cfha"'`); // prettier-ignore
  return `
chains() {
  nft list chains | awk '$1 == "table" { family = $2; table = $3 } $1 == "chain" { chain = $2 }
    /type filter hook input/ && (family == "ip" || family == "inet") && table != "cfha" { print family, table, chain }'
}
ours() { nft -a list chain $1 | sed -n 's/.*comment "cfha" # handle \\([0-9]*\\)$/\\1/p'; }
stop() {
  nft delete table inet cfha 2>/dev/null || true
  chains | while read -r chain; do
    for handle in $(ours "$chain"); do nft delete rule $chain handle "$handle"; done
  done
}
start() {
  nft -f - <<'RULES'
table inet cfha {
  chain input {
    type filter hook input priority -10; policy accept;
    iif lo accept
${[...drops, ...sixes].join('\n')}
  }
}
RULES
  chains | while read -r chain; do
${accepts.join('\n')}
  done
}
check() {
  [ "$(nft list table inet cfha 2>/dev/null | grep -c ' drop$')" = ${drops.length + sixes.length} ] || exit 1
  chains | while read -r chain; do [ "$(ours "$chain" | wc -l)" = ${accepts.length} ] || exit 1; done
}`;
}

function iptables(all: readonly Opening[]): string {
  const range = (ports: string) => ports.replace('-', ':');
  const accepts = all.flatMap(({ protocol, ports, from }) =>
    from.map((source) => `  iptables -A CFHA -p ${protocol} --dport ${range(ports)} -s ${source} -j ACCEPT`),
  );
  const drops = all.map(({ protocol, ports }) => `  iptables -A CFHA -p ${protocol} --dport ${range(ports)} -j DROP`);
  return `
stop() {
  while iptables -D INPUT -j CFHA 2>/dev/null; do :; done
  iptables -F CFHA 2>/dev/null && iptables -X CFHA || true
}
start() {
  iptables -N CFHA
  iptables -A CFHA -i lo -j RETURN
${[...accepts, ...drops].join('\n')}
  iptables -I INPUT -j CFHA
}
check() {
  iptables -C INPUT -j CFHA 2>/dev/null && [ "$(iptables -S CFHA | grep -c '^-A')" = ${1 + accepts.length + drops.length} ]
}`;
}

// firewalld keeps what is permanent by itself; what a zone does not allow it rejects.
function firewalld(all: readonly Opening[]): string {
  const rules = all.flatMap(({ protocol, ports, from }) =>
    from.map(
      (source) => `rule family="ipv4" source address="${source}" port port="${ports}" protocol="${protocol}" accept`,
    ),
  );
  const each = (what: string) => rules.map((rule) => `  firewall-cmd -q --permanent --${what}-rich-rule='${rule}'`);
  return `
stop() {
${each('remove').join('\n')}
  firewall-cmd -q --reload
}
start() {
${each('add').join('\n')}
  firewall-cmd -q --reload
}
check() {
${each('query').join(' &&\n')}
}`;
}

/** The unit that puts the script into force at boot, and again when the other rules are loaded anew. */
export function firewallUnitText(program: Program): string {
  const { unit } = firewallPrograms[program];
  return `# Written by cfha bootstrap.
[Unit]
Description=Ports of the region's cluster and of PostgreSQL, for their sources only
After=${unit} netfilter-persistent.service
PartOf=${unit}
Before=pcsd.service corosync.service pacemaker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/etc/cfha/firewall start
ExecStop=/etc/cfha/firewall stop

[Install]
WantedBy=multi-user.target
`;
}
