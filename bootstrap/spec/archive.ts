// The WAL archive in the region file: a directory that all nodes share, or commands of one's own.
import { mount } from './provision.ts';
import { absolute, key, mapping, text, whole } from '../../lib/yaml/kinds.ts';

const command = (has: string, pattern: RegExp) =>
  text(`a command on one line that begins with the absolute path of a program and has ${has}`, pattern);

export const archive = mapping({
  directory: key(
    absolute.optional(),
    'directory that all nodes share (NFS), where `cfha wal` keeps the WAL ([wal](wal.md))',
    'commands of your own are used',
  ),
  mount: key(mount.optional(), 'what is mounted at the directory', 'it is mounted already, or local to all nodes'),
  keep_days: key(whole(1, 3650).optional(), 'for how many days, at least', '3'),
  keepDays: key(whole(1, 3650).optional(), 'the same, by the name that `wal.conf` has for it', '`keep_days`'),
  archive_command: key(
    command('%p', /^\/[^\n\r\0]*%p[^\n\r\0]*$/).optional(),
    'instead of a directory: PostgreSQL’s archive_command, of pgBackRest, WAL-G or barman for example',
    'that of `cfha wal`',
  ),
  restore_command: key(
    command('%f and %p', /^\/[^\n\r\0]*(%f[^\n\r\0]*%p|%p[^\n\r\0]*%f)[^\n\r\0]*$/).optional(),
    'with `archive_command`: its restore_command',
    'that of `cfha wal`',
  ),
});
