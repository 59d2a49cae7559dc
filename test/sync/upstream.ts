// The same partition in a region of upstream's agent, built by hand in sync mode: what the promise is measured against.
import type { Pair, Row } from '../endings/ending.ts';
import { beginByHand, shell } from '../migration/by-hand.ts';
import { primaryOf } from '../scenarios/seen.ts';
import { untilHealthy, type Stage } from '../scenarios/stage.ts';
import { untilMoreRows } from '../scenarios/survived.ts';
import { fencedLate, rowsMeanwhile } from './apart.ts';

/** As bootstrap sets it; by default it is a minute. */
const timeout = `printf "wal_sender_timeout = '15s'\\n" >>/var/lib/postgresql/15/main/postgresql.conf
  runuser -u postgres -- env -C / psql -XAtqc 'select pg_reload_conf()' >/dev/null`;

/** Wrong is here that nothing was lost: then the drill shows no difference. */
export async function playUpstream(stage: Stage): Promise<Row> {
  await beginByHand(stage, 'sync');
  const primary = primaryOf(await untilHealthy(stage, 90)) ?? '';
  const pair: Pair = { primary, standby: stage.otherThan(primary) };
  for (const node of stage.nodes) await shell(stage, node, timeout);
  const client = stage.client(900);
  try {
    await untilMoreRows(stage, primary, 50);
    await fencedLate(stage, pair, async () => {
      stage.say(`${await rowsMeanwhile(stage, primary)} rows without the standby`);
    });
    await untilMoreRows(stage, pair.standby, 50);
    const report = await client.stop();
    const wrong = report.missing > 0 ? [] : ['upstream’s agent has lost nothing'];
    const name = 'ocf:heartbeat:pgsql: servers cut apart, the standby has the primary fenced late';
    return { name, client: report, streamingAfter: undefined, byItself: false, needed: '', wrong };
  } finally {
    await client.stop().catch(() => undefined);
  }
}
