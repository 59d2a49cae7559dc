// What bootstrap finds and a person may overrule, and what is only to be known. The rules of support that are cited are Red Hat's.
import type { Text, Where } from './texts.ts';

/** What forbids to begin, unless a person accepts it by its code. */
export const doubts = {
  SYSTEM_UNKNOWN: (r: Where & { system: string }): Text => [
    `its system is ${r.system || 'unknown'}, neither a Debian nor a Red Hat`,
    'Use a distribution of one of the two families.',
  ],
  SYSTEMS_DIFFER: (r: { found: string }): Text => [
    `the nodes have different systems: ${r.found}`,
    'Give all nodes the same distribution and version.',
  ],
  VERSIONS_DIFFER: (r: { program: string; found: string }): Text => [
    `the nodes have different versions of ${r.program}: ${r.found}`,
    'Install the same version on all nodes.',
  ],
  SERVERS_DIFFER: (r: { found: string }): Text => [
    `the nodes have different minor versions of PostgreSQL: ${r.found}`,
    'Update the older ones, so that every node can read what another wrote.',
  ],
  LIBRARIES_DIFFER: (r: { found: string }): Text => [
    `the nodes have different versions of glibc, by which text is sorted: ${r.found}`,
    'Give all nodes the same release of the system: after a failover, indexes on text would be wrong without a message.',
  ],
  STARTED_ELSEWHERE: (r: Where & { what: string; command: string }): Text => [
    `${r.what} starts PostgreSQL beside the cluster: ${r.command}`,
    'systemctl disable it, or take the line away: only the cluster may start a server on these data.',
  ],
  CLOCKS_APART: (r: { seconds: string; nodes: string }): Text => [
    `the clocks of ${r.nodes} are at least ${r.seconds} s apart`,
    'Let chrony or systemd-timesyncd keep them on all nodes: logs, fencing history and failure-timeout go by them.',
  ],
  CLOCK_NOT_KEPT: (_: Where): Text => [
    'its clock is not synchronised',
    'Let chrony or systemd-timesyncd keep it (timedatectl says whether it does).',
  ],
  NAME_IS_LOOPBACK: (r: Where & { name: string; found: string; expected: string }): Text => [
    `it takes its own name, ${r.name}, for ${r.found}`,
    `Write ${r.expected} in that line of /etc/hosts: pcs, Corosync and cfha are given addresses, other programs are not.`,
  ],
  SELINUX_DIFFERS: (r: { found: string }): Text => [
    `SELinux is not in the same mode on all nodes: ${r.found}`,
    'Set the same in /etc/selinux/config: what works on one node must work on the other.',
  ],
  APPARMOR_ENFORCES: (r: Where & { profile: string }): Text => [
    `AppArmor confines PostgreSQL: ${r.profile}`,
    'Check that the profile allows the data directory, the folder beside it and the agent’s folder.',
  ],
  IDS_DIFFER: (r: { found: string }): Text => [
    `the user postgres has different ids (uid:gid): ${r.found}`,
    'Give it the same ones on all nodes, if they are to share a WAL archive over NFS.',
  ],
  MACHINE_ID_SHARED: (r: { nodes: string }): Text => [
    `${r.nodes} have the same /etc/machine-id: one is a copy of the other`,
    'On the copy: rm /etc/machine-id /var/lib/dbus/machine-id; systemd-machine-id-setup; and make new ssh host keys.',
  ],
  SPACE_SHORT: (r: Where & { at: string; free: string; wanted: string }): Text => [
    `${r.at} has ${r.free} free, and ${r.wanted} are wanted`,
    'Enlarge the volume, or correct postgres.space.',
  ],
  DATA_IN_MEMORY: (r: Where & { at: string }): Text => [
    `the data would be in memory (tmpfs) at ${r.at}`,
    'Give a directory on a disk in postgres.data.',
  ],
  DATA_ON_NETWORK: (r: Where & { at: string; kind: string }): Text => [
    `the data would be on a network file system (${r.kind}) at ${r.at}`,
    'Use a disk: a server that is fenced may leave writes under way in the network.',
  ],
  PORTS_UNTRIED: (r: Where & { because: string }): Text => [
    `the ports between the nodes could not be tried: ${r.because}`,
    'Look at the firewalls yourself: 2224/tcp, 5405/udp and PostgreSQL’s port.',
  ],
  FENCE_RACE: (_: object): Text => [
    'fencing.delay is 0 and there are two nodes: cut off from each other, they fence each other (access.redhat.com/solutions/91653)',
    'Give fencing.delay some seconds: the node that has the primary then wins.',
  ],
} as const;

/** What is only to be known. */
export const notes = {
  WATCHDOG_NONE: (_: Where): Text => [
    'it has no watchdog',
    'None is needed with a fence device that cuts the power; a second fence level (sbd) would need one.',
  ],
  SELINUX_ENFORCES: (r: Where & { port: string }): Text => [
    'SELinux is enforcing',
    `The data are labelled (semanage, restorecon). Another port than 5432 is let through by you: semanage port -a -t postgresql_port_t -p tcp ${r.port}.`,
  ],
  FENCING_UNCHECKED_TLS: (_: object): Text => [
    'fencing.options has ssl_insecure: the fence device’s certificate is not checked',
    'Install its CA on the nodes and use ssl instead.',
  ],
  SUPPORT_MIGRATION: (_: object): Text => [
    'a virtual machine that is moved while it is a member may be fenced; it is not supported (access.redhat.com/articles/3131111)',
    'Exclude these machines from DRS and vMotion, or put the node on standby first.',
  ],
  SUPPORT_AGENT: (_: object): Text => [
    'Red Hat supports Pacemaker and the fence agents on these nodes, but no agent of others, as this one is',
    'Ask your support for what it covers, before you need it (access.redhat.com/articles/2881341: every node is fenced here).',
  ],
} as const;
