// Logical slots that PostgreSQL 17 keeps in step on standbys, which need a database in primary_conninfo.
import { wantedConfiguration } from '../../../bootstrap/pacemaker/wanted.ts';
import { settingsText } from '../../../bootstrap/server-files.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import { aContext, aSpec } from '../../unit/bootstrap/pretend-hosts.ts';
import type { Case } from '../case.ts';
import type { Region } from '../region.ts';

function configured(logical_slots: 'local' | 'synchronised') {
  const { spec, layout } = aContext(aSpec());
  const replication = { ...spec.postgres.replication, logical_slots };
  const wanted = aSpec({ postgres: { ...spec.postgres, replication } });
  const found = wantedConfiguration(wanted, layout).resources.find(({ id }) => id === 'postgresql');
  return { parameters: found?.attributes ?? {}, settings: settingsText(wanted) };
}

const settings = ['wal_level = logical', 'sync_replication_slots = on', 'hot_standby_feedback = on'] as const;

/** Changes go to the subscriber, so the slot advances; standbys take it as soon as it is not behind theirs. */
async function untilSynced(region: Region, primary: string, standby: string): Promise<void> {
  const isSynced = async (): Promise<boolean> => {
    await region.sql(primary, 'select pg_log_standby_snapshot()');
    await region.sql(primary, "select count(*) from pg_logical_slot_get_changes('l', null, null)");
    return (await region.sql(standby, "select synced from pg_replication_slots where slot_name = 'l' and not temporary")) === 't'; // prettier-ignore
  };
  await waitUntil(`slot l is synchronised on ${standby}`, isSynced, 90);
}

export const cases: readonly Case[] = [
  {
    number: 19,
    kind: 5,
    setup: 'function',
    title: 'a region file has what synchronised slots need, and a region without them is configured as before',
    before: 'There was no way to say it in the region file; a parameter set by hand was drift.',
    core: true,
    play: () => {
      const { parameters, settings: text } = configured('synchronised');
      expect((parameters['primary_conninfo_opt'] ?? '').endsWith(' dbname=postgres'), JSON.stringify(parameters));
      expect(parameters['replication_slot_name'] === 'cfha', 'the standby has no slot');
      expect(
        settings.every((line) => text.includes(`${line}\n`)),
        text,
      );
      const before = configured('local');
      expect(!/dbname|logical|sync_replication_slots/.exec(JSON.stringify(before)), 'a region without them differs');
      return Promise.resolve(
        'logical_slots: synchronised gives dbname, a physical slot and the settings; else nothing is new.',
      );
    },
  },
  {
    number: 19,
    kind: 5,
    setup: 'testbed',
    suite: 'trixie',
    title: 'a logical slot made with failover is on the new primary after a switchover, and in step on the old one',
    before:
      'The standby had no database to connect to, so no slot was synchronised, and the subscriber lost its place.',
    core: false,
    play: async ({ region }) => {
      for (const node of [region.primary, region.standby])
        for (const line of settings) await region.sql(node, `alter system set ${line}`);
      const conninfo = await region.sh(region.primary, "pcs resource config postgresql | sed -n 's/^ *primary_conninfo_opt=//p'"); // prettier-ignore
      const option = conninfo.trim().replaceAll('"', '');
      const { primary, standby } = await region.configure('replication_slot_name=cf', 'logical_slots=drop', `primary_conninfo_opt=${option} dbname=postgres`); // prettier-ignore
      await region.sql(primary, "select pg_create_logical_replication_slot('l', 'test_decoding', false, false, true)");
      await untilSynced(region, primary, standby);
      const { code, text } = await region.cfha(primary, 'switchover', '--yes');
      expect(code === 0, `cfha switchover: exit code ${code}\n${text}`);
      await region.untilPrimary(standby, 30);
      await region.untilStreaming(60);
      const slot = await region.sql(standby, "select slot_name from pg_replication_slots where slot_name = 'l'");
      expect(slot === 'l', `${standby} has no slot l`);
      await untilSynced(region, standby, primary);
      return `After the switchover the slot is on ${standby}, and synchronised on ${primary}.`;
    },
  },
];
