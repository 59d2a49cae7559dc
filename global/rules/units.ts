// The files that make the pair start with its host: systemd's units, a cron table instead, logrotate. As text.
import type { SiteName } from '../site-name.ts';

export type Host = SiteName | 'witness';

export type Wanted = {
  readonly host: Host;
  readonly cfha: string;
  /** PostgreSQL's unit. */
  readonly service: string;
  readonly guarded: boolean;
  /** On the second site, instead of the service that watches: cron, each minute, as in the reference. Nothing but the watch opens the first's gate. */
  readonly cron: boolean;
};

export type UnitFile = { readonly path: string; readonly text: string; readonly enable?: string };

const head = '# Written by cfha global install.\n';
const unit = (name: string, text: string): UnitFile => ({
  path: `/etc/systemd/system/${name}`,
  text: head + text,
  enable: name,
});

export const gateUnit = 'cfha-global-gate.service';

/** Nothing is started before the gate is there, closed: neither the network nor the database. */
const gate = ({ cfha, service }: Wanted): UnitFile =>
  unit(
    gateUnit,
    `[Unit]
Description=The gate before PostgreSQL's port, closed
Wants=network-pre.target
Before=network-pre.target ${service}.service
After=nftables.service firewalld.service iptables.service netfilter-persistent.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${cfha} global gate make

[Install]
WantedBy=multi-user.target
RequiredBy=${service}.service
`,
  );

type Running = { readonly what: string; readonly command: string; readonly after?: string; readonly more?: string };

const running = ({ what, command, after = '', more = '' }: Running): string => `[Unit]
Description=${what}
Wants=network-online.target
After=network-online.target${after}

[Service]
ExecStart=${command}
Restart=always
RestartSec=1
# What a job has started lives on when its unit ends.
KillMode=process
${more}
[Install]
WantedBy=multi-user.target
`;

const keeper = ({ cfha }: Wanted): UnitFile =>
  unit(
    'cfha-global-keeper.service',
    running({ what: 'A witness of the pair of sites', command: `${cfha} global keeper` }),
  );

/** It says every 15 s that it goes on. */
const watchdog = `# One that is stopped, or that a step holds up for ever, is begun anew.
WatchdogSec=60
NotifyAccess=all
`;

const watcher = ({ cfha }: Wanted): UnitFile =>
  unit(
    'cfha-global-watch.service',
    running({
      what: 'The pair of sites: watches both',
      command: `${cfha} global watch`,
      after: ' cfha-global-gate.service',
      more: watchdog,
    }),
  );

const boot = ({ cfha }: Wanted, job: 'check-start' | 'check-access'): UnitFile =>
  unit(
    `cfha-global-${job}.service`,
    `[Unit]
Description=The pair of sites: ${job} at boot
Wants=network-online.target
After=network-online.target remote-fs.target cfha-global-gate.service cfha-global-keeper.service

[Service]
Type=oneshot
ExecStart=${cfha} global ${job}
# 1: it was not for this job to do anything.
SuccessExitStatus=1

[Install]
WantedBy=multi-user.target
`,
  );

const prune = ({ cfha }: Wanted): readonly UnitFile[] => [
  {
    path: '/etc/systemd/system/cfha-global-prune.service',
    text: `${head}[Unit]\nDescription=Old files of the WAL archive\n\n[Service]\nType=oneshot\nExecStart=${cfha} global prune\n`,
  },
  unit(
    'cfha-global-prune.timer',
    '[Unit]\nDescription=Old files of the WAL archive, daily\n\n[Timer]\nOnCalendar=daily\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n',
  ),
];

const logrotate: UnitFile = {
  path: '/etc/logrotate.d/cfha-global',
  text: `${head}/var/log/pgsql-primary-*.log /var/log/pgsql-standby-*.log /var/log/cfha-global*.log {
  weekly
  rotate 4
  missingok
  notifempty
  compress
  # PostgreSQL's user writes one of them, and may not make it.
  copytruncate
}
`,
};

const cron = ({ cfha }: Wanted): UnitFile => ({
  path: '/etc/cron.d/cfha-global',
  text: `${head}* * * * * root ${cfha} global check-promote >/dev/null 2>&1\n`,
});

const byCron = ({ host, cron: wanted }: Wanted): boolean => wanted && host === 'second';

/** What was installed here the other way, or for another host. */
export function obsoleteFiles(wanted: Wanted): readonly UnitFile[] {
  const now = new Set(unitFiles(wanted).map(({ path }) => path));
  return allFiles(wanted).filter(({ path }) => !now.has(path));
}

/** Whatever a host of the pair may have. */
export function allFiles({ cfha, service }: Pick<Wanted, 'cfha' | 'service'>): readonly UnitFile[] {
  const of = (host: Host, asked: boolean) => unitFiles({ host, cfha, service, guarded: true, cron: asked });
  const files = [...of('first', false), ...of('second', true), ...of('witness', false)];
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** All that is wanted on this host. */
export function unitFiles(wanted: Wanted): readonly UnitFile[] {
  if (wanted.host === 'witness') return [keeper(wanted), logrotate];
  return [
    gate(wanted),
    ...(wanted.guarded ? [keeper(wanted)] : []),
    byCron(wanted) ? cron(wanted) : watcher(wanted),
    boot(wanted, wanted.host === 'first' ? 'check-start' : 'check-access'),
    ...prune(wanted),
    logrotate,
  ];
}
