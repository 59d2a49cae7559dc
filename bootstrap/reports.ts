// Everything cfha bootstrap can say went wrong. The key is the code that tests and scripts match; a sentence, and what to do.

type Text = readonly [says: string, todo: string];
type Where = { readonly host: string };

export const reports = {
  UNREACHABLE: (r: Where & { because: string }): Text => [
    `ssh does not reach it: ${r.because}`,
    'Check address, sshd, user and key: ssh must work without a question.',
  ],
  NOT_ROOT: (_: Where): Text => [
    'commands do not run as root there',
    'Log in as root, or let the user run sudo without a password.',
  ],
  WRONG_NAME: (r: Where & { found: string }): Text => [
    `the host at this address calls itself "${r.found}"`,
    'Correct the address in the region file, or set the host name (hostnamectl hostname NAME).',
  ],
  PROGRAM_MISSING: (r: Where & { programs: string }): Text => [
    `missing: ${r.programs}`,
    'Install the packages that have them.',
  ],
  MACHINE_DIFFERS: (r: Where & { machine: string }): Text => [
    `it is a ${r.machine} machine, this cfha is for another kind`,
    'Run the cfha built for that kind of machine.',
  ],
  NO_SERVER: (r: { wanted: string; found: string }): Text => [
    `PostgreSQL ${r.wanted} is not installed on every node: ${r.found}`,
    'Install the same major version, 13 to 18, on all nodes, or name one in postgres.version.',
  ],
  NAME_ELSEWHERE: (r: Where & { name: string; found: string; expected: string }): Text => [
    `the name ${r.name} means ${r.found} there, not ${r.expected}`,
    'Correct /etc/hosts or the name service of that host.',
  ],
  FOREIGN_CLUSTER: (r: Where & { cluster: string }): Text => [
    `it is a member of another cluster: ${r.cluster}`,
    'If that cluster is not needed: pcs cluster destroy on that host. Otherwise use other servers.',
  ],
  CLUSTER_INCOMPLETE: (_: Where): Text => [
    'it is not a member of the region, which runs already',
    'Bootstrap builds new regions. Add the node with pcs cluster node add, or find out where its corosync.conf went.',
  ],
  FOREIGN_DATA: (r: Where & { data: string }): Text => [
    `there are files in ${r.data} that no cfha bootstrap made`,
    'Move them away if they are not needed (Debian makes an instance when the package is installed: pg_dropcluster --stop VERSION main), or give another directory in postgres.data.',
  ],
  DATA_IS_MOUNT: (r: Where & { data: string }): Text => [
    `${r.data} is a mount point: a data directory cannot get its name there when it is whole`,
    'Mount the volume at the directory above, or give a directory in it in postgres.data.',
  ],
  DATA_OF_OTHER: (r: Where & { data: string; found: string }): Text => [
    `${r.data} holds an instance of ${r.found}`,
    'Check the region file against the servers. Nothing of it will be removed.',
  ],
  DATA_MISSING: (r: Where & { data: string }): Text => [
    `there is no instance in ${r.data}, though the region has been built before`,
    'Bootstrap will not make an empty one. Restore it, or copy it from the other node (pg_basebackup).',
  ],
  VIP_USED: (r: Where & { address: string }): Text => [
    `${r.address} answers already, and it is not this region that holds it`,
    'Give an address in vip.address that nobody uses.',
  ],
  PORT_USED: (r: Where & { port: number }): Text => [
    `another program listens at port ${String(r.port)}`,
    'Stop it (another PostgreSQL?), or give another port in postgres.port.',
  ],
  FENCING_FAILED: (r: Where & { because: string }): Text => [
    `the fence device does not answer it: ${r.because}`,
    'Check fencing.options and the password, and that the host reaches the device.',
  ],
  FENCING_UNKNOWN: (r: Where & { machine: string; node: string; found: string }): Text => [
    `the fence device has no machine "${r.machine}" for ${r.node}; it has ${r.found}`,
    'Correct fencing.hosts.',
  ],
  CONFIGURATION_DIFFERS: (r: { what: string }): Text => [
    `the region runs, and its configuration is not that of the file: ${r.what}`,
    'Bootstrap does not change a running region. Make the change with pcs, or take it out of the file.',
  ],
  HOST_LOST: (r: Where & { because: string }): Text => [
    `it does not answer any more: ${r.because}`,
    'Run the same command again when it is back.',
  ],
  COMMAND_FAILED: (r: Where & { goal: string; command: string; because: string }): Text => [
    `${r.goal}: "${r.command}" failed: ${r.because}`,
    'Remove the cause and run the same command again: it goes on where it stopped.',
  ],
  NOT_REACHED: (r: { goal: string; lacks: string; evidence: string }): Text => [
    `${r.goal}: its commands ran, but: ${r.lacks}${r.evidence}`,
    'Look at the nodes (pcs status --full, journalctl -u pacemaker), then run the same command again.',
  ],
  NOT_BUILT: (_: object): Text => ['there is no dist/cfha to install on the nodes', 'Build it: npm run build.'],
};

type Details = { [C in keyof typeof reports]: Parameters<(typeof reports)[C]>[0] };
export type Report = { [C in keyof Details]: { readonly code: C } & Readonly<Details[C]> }[keyof Details];

/** A report as text: the sentence with its host before it, and what to do. */
export function say(report: Report): { says: string; todo: string } {
  const [says, todo] = (reports[report.code] as (details: Report) => Text)(report);
  return { says: 'host' in report ? `${report.host}: ${says}` : says, todo };
}
