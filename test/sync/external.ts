// A standby outside the cluster, which commits wait for, falls silent: they go on when its connection has timed out.
import type { Ending } from '../endings/ending.ts';
import { shell } from '../migration/by-hand.ts';
import type { Stage } from '../scenarios/stage.ts';
import { waitUntil } from '../scenarios/waiting.ts';
import { vipAddress } from '../testbed/layout.ts';
import { ask } from './apart.ts';

export const externalName = 'dr1';
const data = `/var/lib/postgresql/${externalName}`;
const bin = '/usr/lib/postgresql/15/bin';

/** A server of its own, beside the cluster's standby on the same machine: the cluster knows nothing of it. */
function make({ region: { passwords } }: Stage): string {
  const source = `host=${vipAddress} user=replicator password=${passwords.replicator.secret} application_name=${externalName}`;
  return `runuser -u postgres -- ${bin}/pg_basebackup -d '${source}' -D ${data} -X stream -c fast -R
    runuser -u postgres -- env -C / ${bin}/pg_ctl -D ${data} -w -l /tmp/${externalName}.log \
      -o "-p 5433 -c archive_mode=off -c hot_standby=on" start >/dev/null`;
}

/** To all its processes. */
function signal(name: 'STOP' | 'KILL'): string {
  return `pid=$(head -1 ${data}/postmaster.pid); kill -${name} $pid $(pgrep -P $pid)`;
}

const waitsFor = 'show synchronous_standby_names';

export const external: Ending = {
  name: 'a standby outside the cluster falls silent',
  core: false,
  seconds: 180,
  happens: async (stage, { primary, standby }) => {
    await shell(stage, standby, make(stage));
    const isNamed = async (): Promise<boolean> => (await ask(stage, primary, waitsFor)).includes(externalName);
    await waitUntil(`commits wait for ${externalName}`, isNamed, 90);
    await shell(stage, standby, signal('STOP'));
    await waitUntil(`commits do not wait for ${externalName}`, async () => !(await isNamed()), 90);
    stage.say(`then they wait for ${await ask(stage, primary, waitsFor)}`);
    await shell(stage, standby, `${signal('KILL')}; rm -rf ${data}`);
  },
};
