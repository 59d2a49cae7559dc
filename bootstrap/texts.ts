// The texts of what forbids to begin. The key is the code that tests and scripts match; a sentence, and what to do.

export type Text = readonly [says: string, todo: string];
export type Where = { readonly host: string };

/** What is wrong with a host or a region, whatever anybody says. */
export const refusals = {
  UNREACHABLE: (r: Where & { because: string }): Text => [
    `ssh does not reach it: ${r.because}`,
    'Check address, sshd, user and key: ssh must work without a question.',
  ],
  NOT_ROOT: (r: Where & { because: string }): Text => [
    `commands do not run as root there: ${r.because}`,
    'Log in as root, or let the user run sudo without a password.',
  ],
  WRONG_NAME: (r: Where & { found: string }): Text => [
    `the host at this address calls itself "${r.found}"`,
    'Correct the address in the region file, or set the host name (hostnamectl hostname NAME).',
  ],
  PROGRAM_MISSING: (r: Where & { programs: string; packages: string }): Text => [
    `missing: ${r.programs}`,
    `Install ${r.packages}, or let cfha do that (packages: install in the region file).`,
  ],
  MACHINE_DIFFERS: (r: Where & { machine: string }): Text => [
    `its machine type is ${r.machine}, this cfha is for another`,
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
  BUILT_BY_HAND: (r: { region: string; resource: string; agent: string; data: string }): Text => [
    `the cluster "${r.region}" runs already, and no cfha bootstrap built it: its PostgreSQL is ${r.resource} (${r.agent}), and the data in ${r.data} have no region’s mark`,
    'cfha does not take it over, and has changed nothing. It can go on as it is; cfha migrate changes its agent while it runs. To make a region of it, clients wait meanwhile: pcs cluster stop, of the primary last, then pcs cluster destroy on every node; name the former primary first in the region file, for its data are the ones that count; move the data of the others aside, and keep them until the region is healthy; then bootstrap with postgres.source: { in_place: true }.',
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
  FENCING_FAILED: (r: Where & { device: string; because: string }): Text => [
    `the fence device (${r.device}) does not answer it: ${r.because}`,
    'Check its options and its password, and that the host reaches the device.',
  ],
  FENCING_UNKNOWN: (r: Where & { device: string; machine: string; node: string; found: string }): Text => [
    `the fence device (${r.device}) has no machine "${r.machine}" for ${r.node}; it has ${r.found}`,
    'Correct its hosts.',
  ],
  QUORUM_CLOSED: (r: Where & { at: string; port: string }): Text => [
    `it does not reach port ${r.port}/tcp of the quorum device’s host ${r.at}`,
    'On that host: packages corosync-qnetd and pcs; `pcs qdevice setup model net --enable --start` (Debian’s package has set it up already: `pcs qdevice enable net; pcs qdevice start net`); a password for hacluster; open 2224 and 5403.',
  ],
  RING_DIFFERS: (r: Where & { found: string }): Text => [
    `its cluster has another second ring than the file: ${r.found}`,
    'Correct second_address; or change the ring with the cluster stopped (pcs cluster link update), or remove it (pcs cluster link remove 1).',
  ],
  QUORUM_UNSAFE: (r: Where & { found: string }): Text => [
    `its corosync.conf does not keep two nodes safe: ${r.found}`,
    'pcs cluster stop --all; in its quorum section: two_node: 1, and no wait_for_all; pcs cluster sync; pcs cluster start --all.',
  ],
  STORAGE_ABSENT: (r: Where & { device: string }): Text => [
    `there is no block device ${r.device}`,
    'Attach the disk, or correct storage.device (lsblk lists them).',
  ],
  STORAGE_NOT_BLANK: (r: Where & { device: string; is: string }): Text => [
    `${r.device} is not blank: ${r.is}`,
    'cfha removes nothing. If nobody needs what is on it: wipefs -a on the device and what is on it, and blkdiscard or zeros on its first 16 MB and its last.',
  ],
  STORAGE_LATE: (r: Where & { device: string }): Text => [
    `there are data already, which are not on ${r.device}`,
    'Take storage out of the file, or move the data by hand: bootstrap mounts nothing over them.',
  ],
  MOUNT_TAKEN: (r: Where & { at: string; found: string; wanted: string }): Text => [
    `${r.found} is mounted at ${r.at}, or is to be by /etc/fstab, and not ${r.wanted}`,
    'Correct the region file, or umount it and take its line out of /etc/fstab.',
  ],
  SYSTEM_TOO_OLD: (r: Where & { program: string; found: string; wanted: string }): Text => [
    `${r.program} is ${r.found} there; ${r.wanted} or newer is needed`,
    'Use a newer release of the distribution: EL 8, Debian 11 or later.',
  ],
  UNIT_MASKED: (r: Where & { unit: string }): Text => [
    `${r.unit} is masked: nothing can start it`,
    'Find out who masked it, then: systemctl unmask UNIT.',
  ],
  NO_POSTGRES_USER: (_: Where): Text => [
    'there is no user postgres',
    'PostgreSQL’s package makes it: install that, or make the user with the same id on all nodes.',
  ],
  LOCALE_MISSING: (r: Where & { locale: string }): Text => [
    `it has no locale ${r.locale}`,
    'Generate it (locale-gen, or the package glibc-langpack-…), or give another in postgres.locale.',
  ],
  ADDRESS_ELSEWHERE: (r: Where & { address: string; found: string }): Text => [
    `it answers at ${r.address}, but none of its own addresses is that: ${r.found}`,
    'Give the address that the host itself has: Corosync and PostgreSQL are reached there.',
  ],
  VIP_OFF_LINK: (r: Where & { address: string }): Text => [
    `none of its networks has ${r.address} in it`,
    'Give an address of the network that the nodes are in, or add the interface.',
  ],
  PORT_CLOSED: (r: Where & { port: string; to: string; how: string }): Text => [
    `${r.port} of ${r.to} is closed to it: ${r.how}`,
    'Open it in the firewalls of both nodes for the other node’s address, or let cfha do that (firewall in the region file).',
  ],
  DATA_READ_ONLY: (r: Where & { at: string }): Text => [
    `${r.at}, where the data would be, is mounted read-only`,
    'Find out why (a damaged file system is remounted so), then mount it for writing.',
  ],
  FENCING_OPTION_UNKNOWN: (r: { agent: string; option: string; near: string }): Text => [
    `${r.agent} has no option ${r.option}${r.near}`,
    'Correct fencing.options: the agent’s metadata name its options (AGENT -o metadata).',
  ],
  FENCING_OPTION_WRONG: (r: { device: string; option: string; value: string; expected: string }): Text => [
    `the fence device ${r.device} is given ${r.option}=${r.value}, which must be ${r.expected}`,
    'Correct its options: the agent’s metadata say what they may be (AGENT -o metadata).',
  ],
  FENCING_OPTION_MISSING: (r: { device: string; agent: string; option: string }): Text => [
    `the fence device ${r.device} is not given ${r.option}, which ${r.agent} requires`,
    'Add it to its options.',
  ],
  AGENT_DIFFERS: (r: { resource: string; found: string; wanted: string }): Text => [
    `the region runs, and its resource ${r.resource} is ${r.found}, not ${r.wanted}`,
    'cfha migrate changes the agent of PostgreSQL; another resource of that name is somebody’s: rename or remove it.',
  ],
  RESTART_NEEDED: (r: { restarts: string; what: string }): Text => [
    `the region runs, and what the file asks for restarts ${r.restarts}: ${r.what}`,
    'Say --restart when that may be, or take the change out of the file.',
  ],
  SOURCE_UNUSABLE: (r: Where & { what: string; because: string }): Text => [
    `the database to be brought along, ${r.what}, cannot be used: ${r.because}`,
    'Stop its server in order (or let the one to be copied allow it), or correct postgres.source.',
  ],
  LOCKED: (r: Where & { holder: string }): Text => [
    `another cfha bootstrap is at work on it: ${r.holder}`,
    'Let it end. Its lock ends with it, also if it is killed.',
  ],
} as const;
