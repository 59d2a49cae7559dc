import { expect, it } from '@jest/globals';
import { readGone } from '../../../../lib/postgres/receivewal.ts';

const name = '0000000200000000000000A3';
const ended = (words: string): string =>
  `pg_receivewal: error: unexpected termination of replication stream: ${words}\n`;

// As the catalogues of PostgreSQL 15 have it.
it.each([
  `ERROR:  requested WAL segment ${name} has already been removed`,
  `FEHLER:  das angeforderte WAL-Segment ${name} wurde schon entfernt`,
  `ERREUR:  le segment demandé du journal de transaction, ${name}, a déjà été supprimé`,
  `ОШИБКА:  запрошенный сегмент WAL ${name} уже удалён`,
  `ERROR:  要求された WAL セグメント ${name} はすでに削除されています`,
  `错误:  所要求的WAL段${name}已经被删除`,
  `FEL:  efterfrågat WAL-segment ${name} har redan tagits bort`,
])('a segment is gone, in any language: %s', (words) => {
  expect(readGone(ended(words))).toBe(`it no longer has the WAL segment ${name}`);
});

it.each([
  `FEHLER:  konnte Datei »pg_wal/${name}« nicht öffnen: Keine Berechtigung`,
  `ERROR:  could not open file "pg_wal/${name}": Permission denied`,
  `ERROR:  could not read from WAL segment ${name}, offset 8192: Input/output error`,
  'ERROR:  requested starting point 0/A3000000 is ahead of the WAL flush position of this server 0/3000148',
  'FATAL:  terminating connection due to administrator command',
  '',
])('nothing is said to be gone: %s', (words) => {
  expect(readGone(ended(words))).toBeUndefined();
});
