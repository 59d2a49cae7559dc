// Servers that speak German: what they say is decided by SQLSTATE, and by what stands in every language.
import { execFileSync } from 'node:child_process';
import { act, configure, monitor, sql, transition } from '../../differential/scenario.ts';
import { explain } from '../../../lib/postgres/failure.ts';
import { readGone } from '../../../lib/postgres/receivewal.ts';
import { askLineage } from '../../../lib/postgres/walsender.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import type { Case } from '../case.ts';

const locale = 'de_DE.UTF-8';

/** glibc's own program makes it, of what package locales holds. */
function makeLocale(): void {
  const there = execFileSync('locale', ['-a'], { encoding: 'utf8' }).split('\n');
  if (!there.includes('de_DE.utf8')) execFileSync('localedef', ['-i', 'de_DE', '-f', 'UTF-8', locale]);
}

const error = (code: string, message: string): Error => Object.assign(new Error(message), { code, severity: 'FATAL' });

export const cases: readonly Case[] = [
  {
    number: 9,
    kind: 3,
    setup: 'function',
    title: 'a German server’s refusals and errors are understood',
    before:
      'A starting primary was unreadable (LOCKED), WAL that is gone was not noticed, a cancelled query no time-out.',
    core: true,
    play: async () => {
      const startet = 'psql: error: Verbindung fehlgeschlagen: FATAL:  das Datenbanksystem startet\n';
      const run = () => Promise.resolve({ code: 2, stdout: '', stderr: startet });
      const notReady = () => Promise.resolve('57P03');
      const answer = await askLineage({ run }, { psql: 'psql', service: 'r', timeoutMs: 1000, notReady });
      expect('silent' in answer, 'a primary that starts is not waited for');
      const gone = `pg_receivewal: error: unexpected termination of replication stream: FEHLER:  das angeforderte WAL-Segment ${'0'.repeat(24)} wurde schon entfernt`;
      expect(readGone(gone) !== undefined, 'WAL that is gone is not noticed');
      const kinds = [
        error('57P03', 'das Datenbanksystem fährt herunter'),
        error('57014', 'storniere Anfrage wegen Zeitüberschreitung der Anfrage'),
      ].map((one) => explain(one).kind);
      expect(kinds.join() === 'starting,hung', `the errors are taken for ${kinds.join()}`);
      return 'SQLSTATE decides, and the name of the segment, which stands in every language.';
    },
  },
  {
    number: 9,
    kind: 3,
    setup: 'servers',
    title: 'servers speak German, and the primary no longer has a standby’s WAL: the standby is copied anew',
    before: 'The standby ran and never streamed.',
    core: false,
    play: async ({ cluster }) => {
      makeLocale();
      const pair = await cluster({ parameters: { rejoin: 'rewind,clone' } });
      await pair.replicates();
      for (const node of ['n1', 'n2'])
        await pair.does(
          configure(node, `lc_messages = '${locale}'`),
          configure(node, 'wal_keep_size = 0'),
          sql(node, 'select pg_reload_conf()'),
        );

      const speaks = async () =>
        (await pair.ask<{ says: string }>('n1', "select current_setting('lc_messages') as says"))[0]?.says === locale;
      await waitUntil('n1 speaks German', speaks, 10);
      await pair.must(0, monitor('n2'), ...transition('stop', 'n2'));
      for (let files = 0; files < 5; files++)
        await pair.does(sql('n1', "select pg_logical_emit_message(false, 'x', 'x'); select pg_switch_wal()"));
      await pair.does(sql('n1', 'checkpoint'), sql('n1', 'checkpoint'));
      await pair.must(0, act('start', 'n2', { limitMs: 120_000 }), monitor('n2'));
      await waitUntil('n2 streams', async () => (await pair.look('n2')).receiving === true, 30);
      const printed = pair.printed('n2');
      expect(/WAL_GONE|no longer has the WAL segment/.test(printed), 'n2 was not told that its WAL is gone');
      return 'The standby is copied anew, and streams.';
    },
  },
];
