// The systemd unit of cfha serve. https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html
import { commandLine } from '../lib/host/shell.ts';

export const unitName = 'cfha-serve.service';
export const unitFile = `/etc/systemd/system/${unitName}`;

/**
 * As the server's user: every distribution's access rules let it in over the socket, without a role, a password or a line in
 * pg_hba.conf of its own, and connections are reserved for it when all others are used up. What else that user could do is
 * taken away: no file may be written, none in /home, /root or the server's log read, no right gained.
 */
export function unitText({ user, argv }: { user: string; argv: readonly string[] }): string {
  return `# Written by cfha serve --install, and by each one anew.
[Unit]
Description=cfha serve: PostgreSQL's health for traffic managers
After=network-online.target
Wants=network-online.target

[Service]
User=${user}
ExecStart=${commandLine(argv)}
Restart=always
RestartSec=1
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
LockPersonality=yes
MemoryMax=256M
TasksMax=32

[Install]
WantedBy=multi-user.target
`;
}
