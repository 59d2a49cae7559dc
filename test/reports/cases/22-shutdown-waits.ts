// A fast shutdown waits for each receiver and for the archiver: a planned change is short, or is refused beforehand.
import { expect } from '../../scenarios/waiting.ts';
import type { TestbedCase } from '../case.ts';
import { clientText, expectServed, type Region } from '../region.ts';

const short = 12;

/** `cfha switchover` either refuses with these words, and nothing happens, or is short; what happened, in a sentence. */
async function switchedOver(region: Region, primary: string, because: RegExp): Promise<string> {
  const report = await region.whileWriting(async () => {
    const { code, text } = await region.cfha(primary, 'switchover', '--yes');
    if (code !== 0) {
      expect(because.test(text), `cfha switchover: exit code ${code}, and no reason:\n${text}`);
      expect((await region.look()).promoted.join() === primary, `it refused, and ${primary} is not the primary`);
    }
  });
  expectServed(report, short);
  const same = (await region.look()).promoted.join() === primary;
  return `${same ? 'The change is refused with its reason' : 'The change is short'}: ${clientText(report)}.`;
}

export const cases: readonly TestbedCase[] = [
  {
    number: 22,
    kind: 4,
    setup: 'testbed',
    title: 'a receiver that is no peer is frozen: a switchover is refused with its name, or is short',
    before: 'The shutdown waited for it about 50 s, and was then no clean one.',
    core: false,
    play: async ({ region }) => {
      const { primary } = region;
      const receive =
        'mkdir -p /tmp/wal; exec /usr/lib/postgresql/15/bin/pg_receivewal -D /tmp/wal -h /var/run/postgresql';
      await region.sh(
        primary,
        `systemd-run --quiet --unit=frozen --uid=postgres --setenv=PGAPPNAME=frozen sh -c '${receive}'`,
      );
      await region.sh(primary, 'sleep 3; systemctl kill -s STOP frozen');
      const named = await switchedOver(region, primary, /frozen/);
      return named;
    },
  },
  {
    number: 22,
    kind: 4,
    setup: 'testbed',
    title: '100 segments wait for a slow archiver: a switchover is refused with their number, or is short',
    before: 'The shutdown waited for the archiver about 50 s, and was then no clean one.',
    core: false,
    play: async ({ region }) => {
      const { primary } = await region.configure('start_opt=-c archive_mode=on -c max_wal_size=8GB');
      await region.sql(primary, "alter system set archive_command = 'sleep 3'");
      await region.sql(primary, 'select pg_reload_conf()');
      const segment = "select pg_logical_emit_message(false, 'x', 'x')";
      for (let n = 0; n < 100; n++) await region.sql(primary, `${segment}; select pg_switch_wal()`);
      return switchedOver(region, primary, /archiv/i);
    },
  },
];
