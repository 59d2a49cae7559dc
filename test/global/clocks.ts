// Clocks that jump: of the database and of what watches over it, each site and a witness for itself. Nodes of a testbed share one
// kernel, and so one clock: libfaketime gives the programs another one. The kernel's timers and CLOCK_MONOTONIC are as on a machine
// whose clock was set.
import { expect, staysWhile, waitUntil } from '../scenarios/waiting.ts';
import { offerPackages } from '../testbed/packages.ts';
import { sleep } from '../testbed/processes.ts';
import type { Case } from './cases.ts';
import { sites, untilServing, untilStandby, type Pair, type SiteNode } from './pair.ts';
import { failBack, serves, stopServer, thereAndBack } from './tell.ts';

const witness = 'db4';
const unitOf = (node: string): string => (node === witness ? 'cfha-global-keeper' : 'cfha-global-watch');
const clock = '/run/clock-of-the-test';
const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const environment = {
  LD_PRELOAD: library,
  FAKETIME_TIMESTAMP_FILE: clock,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  NO_FAKE_STAT: '1',
};
const conf = '/etc/postgresql/15/main/environment';

async function giveClock(pair: Pair, node: string): Promise<void> {
  const { layout } = pair.testbed;
  await offerPackages(layout, node, { suite: 'bookworm', names: ['libfaketime'], beside: pair.testbed.definition()?.rootfs }); // prettier-ignore
  const given = Object.entries(environment);
  await pair.sh(
    node,
    `dpkg -i /srv/packages/libfaketime_*.deb >/dev/null; [ -e ${library} ]; echo +0 >${clock}; chmod 644 ${clock}
mkdir -p /run/systemd/system/${unitOf(node)}.service.d
printf '[Service]\\n${given.map(([name, value]) => `Environment=${name}=${value}`).join('\\n')}\\n' >/run/systemd/system/${unitOf(node)}.service.d/clock.conf
[ ! -e ${conf} ] || { cp -p ${conf} ${conf}.before; printf "${given.map(([name, value]) => `${name} = '${value}'`).join('\\n')}\\n" >>${conf}; }
systemctl daemon-reload; systemctl restart ${unitOf(node)}
grep -q libfaketime /proc/$(systemctl show -P MainPID ${unitOf(node)})/maps`,
    { timeoutMs: 60_000 },
  );
}

async function takeClockAway(pair: Pair, node: string): Promise<void> {
  await pair.sh(
    node,
    `rm /run/systemd/system/${unitOf(node)}.service.d/clock.conf; [ ! -e ${conf}.before ] || mv ${conf}.before ${conf}
systemctl daemon-reload; systemctl restart ${unitOf(node)}`,
  );
}

/** Hours that the database's clock is ahead of this machine's. */
async function hoursAhead(pair: Pair, node: SiteNode): Promise<number> {
  const told = await pair.sh(node, 'su -c "psql -XAtqc \'select extract(epoch from clock_timestamp())\'" postgres');
  return Math.round((Number(told) - Date.now() / 1000) / 3600);
}

async function jump(pair: Pair, node: string, hours: number): Promise<void> {
  await pair.sh(node, `echo '${hours < 0 ? '' : '+'}${hours}h' >${clock}`);
  pair.say(`   ${node}: ${hours} h`);
}

/** Between jumps: several times as long as the loan that the gate is open by. */
const settleMs = 8000;

export const clockJumps: Case = {
  ...{ name: 'clocks jump an hour ahead, then two hours back, then a takeover', core: false, gap: 20, lossless: true },
  person: 'switchover twice; rejoin, switchover',
  play: async (pair) => {
    const all = [...sites, witness];
    for (const node of all) await giveClock(pair, node);
    await thereAndBack(pair); // each database is started anew by it, with the clock
    await staysWhile('the first site serves', serves(pair, 'db1'), async () => {
      for (const node of all) {
        for (const hours of [1, -1, 0]) {
          await jump(pair, node, hours);
          if (node !== witness) await waitUntil(`${node} has the clock`, async () => (await hoursAhead(pair, node as SiteNode)) === hours, 10); // prettier-ignore
          await sleep(settleMs);
        }
      }
    });
    await untilStandby(pair, 'db2', 30);
    await jump(pair, 'db1', 1);
    await jump(pair, 'db2', -1);
    await jump(pair, witness, -1);
    // A WAL sender takes the jump for a silence of its standby, and ends; what is written until it is back would be lost.
    await sleep(settleMs);
    await untilStandby(pair, 'db2', 30);
    const began = performance.now();
    await stopServer(pair, 'db1');
    await untilServing(pair, 'db2', 30);
    const took = (performance.now() - began) / 1000;
    expect(took < 15, `db2 took over after ${took.toFixed(1)} s`);
    await jump(pair, witness, 1);
    await failBack(pair);
    for (const node of all) await takeClockAway(pair, node);
  },
};
