// The WAL archive of a region: what the file says, and the texts that follow from it. docs/wal.md has the reasons.
import type { Layout } from './layout.ts';
import { executablePath } from './paths.ts';
import type { Spec } from './spec.ts';

export type Archive =
  | { readonly by: 'cfha'; readonly directory: string; readonly keepDays: number }
  | { readonly by: 'own'; readonly archiveCommand: string; readonly restoreCommand: string };

/** Undefined if the region has none. */
export function archiveOf({ postgres: { archive } }: Spec): Archive | undefined {
  const {
    directory,
    keep_days,
    keepDays,
    archive_command: archiveCommand,
    restore_command: restoreCommand,
  } = archive ?? {};
  if (directory !== undefined) return { by: 'cfha', directory, keepDays: keep_days ?? keepDays ?? 3 };
  if (archiveCommand === undefined || restoreCommand === undefined) return undefined;
  return { by: 'own', archiveCommand, restoreCommand };
}

function commandsOf(archive: Archive): { archive: string; restore: string } {
  return archive.by === 'own'
    ? { archive: archive.archiveCommand, restore: archive.restoreCommand }
    : { archive: `${executablePath} wal archive %p %f`, restore: `${executablePath} wal restore %f %p` };
}

export function restoreCommand(spec: Spec): string | undefined {
  const archive = archiveOf(spec);
  return archive && commandsOf(archive).restore;
}

/** A text in postgresql.conf. */
const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '$&$&')}'`;

/** What the server's settings say about it. */
export function archiveSettings(spec: Spec): string {
  const archive = archiveOf(spec);
  if (archive === undefined) return '';
  const commands = commandsOf(archive);
  return `
# The WAL archive. archive_mode is on on all nodes, and only the primary archives.
archive_mode = on
archive_command = ${quoted(commands.archive)}
restore_command = ${quoted(commands.restore)}
`;
}

/** Programs of the region's own commands: the server's user must be able to run them. */
export function ownPrograms(spec: Spec): readonly string[] {
  const archive = archiveOf(spec);
  if (archive?.by !== 'own') return [];
  return [...new Set([archive.archiveCommand, archive.restoreCommand].map((command) => command.split(' ')[0] ?? ''))];
}

export const pruneTimer = 'cfha-wal-prune.timer';
const settingsFile = '/etc/cfha/wal.conf';
const serviceFile = '/etc/systemd/system/cfha-wal-prune.service';
const timerFile = `/etc/systemd/system/${pruneTimer}`;

type Text = { path: string; mode: string; owner: string; content: string; says: string };

/** The files of `cfha wal` on every node. */
export function archiveTexts(spec: Spec, layout: Layout): readonly Text[] {
  const archive = archiveOf(spec);
  if (archive?.by !== 'cfha') return [];
  const file = (path: string, content: string, says: string): Text => ({
    ...{ path, mode: '0644', owner: 'root', says },
    content: `# Written by cfha bootstrap: change the region file, not this one.\n${content}`,
  });
  return [
    file(settingsFile, settings(archive.directory, archive.keepDays, layout), 'where the WAL archive is'),
    file(serviceFile, service, 'what removes WAL that nobody needs'),
    file(timerFile, timer, 'when it is done'),
  ];
}

function settings(directory: string, keepDays: number, { data }: Layout): string {
  return `directory = ${directory}\nkeepDays = ${String(keepDays)}\ndata = ${data}\n`;
}

const service = `[Unit]
Description=cfha wal prune: remove WAL from the archive that nobody needs

[Service]
Type=oneshot
User=postgres
ExecStart=${executablePath} wal prune
TimeoutStartSec=30min
Nice=10
`;

const timer = `[Unit]
Description=cfha wal prune, every hour on every node: the primary removes, a standby says what it needs

[Timer]
OnCalendar=hourly
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
`;
