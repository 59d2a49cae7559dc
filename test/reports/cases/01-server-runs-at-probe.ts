// The former primary's server runs already when Pacemaker probes its node: whoever started it, it is not the primary.
import { decide } from '../../../agent/decide.ts';
import { describe } from '../../../agent/steps.ts';
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import { aCall, aNode, aPrimary, aSnapshot, aSnapshotOfEachState, history } from '../../unit/agent/pretend-region.ts';
import type { Case, FunctionCase, TestbedCase } from '../case.ts';
import { clientText, expectServed, type Region } from '../region.ts';

const unit = `[Unit]
Description=PostgreSQL, started at boot
Before=pacemaker.service
[Service]
Type=forking
User=postgres
ExecStart=/usr/lib/postgresql/15/bin/pg_ctl start -w -D DATA -o "-c config_file=DATA/postgresql.conf"
ExecStop=/usr/lib/postgresql/15/bin/pg_ctl stop -m fast -D DATA
[Install]
WantedBy=multi-user.target
`;

/** A unit of the node's own starts PostgreSQL at each boot, before Pacemaker. */
async function plantUnit({ stage, sh }: Region, node: string): Promise<void> {
  const text = unit.replaceAll('DATA', '/var/lib/postgresql/15/main');
  await stage.must(node, ['sh', '-c', 'cat >/etc/systemd/system/pg-old.service'], { input: text });
  await sh(node, 'systemctl daemon-reload; systemctl enable pg-old.service');
}

/** It has come up by that unit, and not by the cluster. */
async function untilRogue({ stage }: Region, node: string): Promise<void> {
  const ran = async (): Promise<boolean> => {
    if (!stage.testbed.isOn(node)) return false;
    const look = ['systemctl', 'show', '--value', '-p', 'ActiveEnterTimestampMonotonic', 'pg-old.service'];
    const { stdout } = await stage.on(node, look, { timeoutMs: 10_000 }).catch(() => ({ stdout: '' }));
    return Number(stdout) > 0;
  };
  await waitUntil(`the unit has started PostgreSQL on ${node}`, ran, 120);
}

const returned = (mode: 'async' | 'sync'): TestbedCase => ({
  number: 1,
  kind: 1,
  setup: 'testbed',
  mode,
  title: `a unit starts the former primary’s server at boot (${mode}): the new primary goes on, the former one follows`,
  before: 'The probe took the role from the new primary, which was rewound: 846 of 5650 acknowledged rows were gone.',
  core: mode === 'async',
  play: async ({ region, say }) => {
    const { stage, primary, standby } = region;
    await plantUnit(region, primary);
    const failover = await region.whileWriting(async () => {
      await stage.testbed.power('off', primary);
      await region.untilPrimary(standby, 120);
    });
    say(`failover: ${clientText(failover)}`);
    if (mode === 'sync') expectServed(failover);
    const report = await region.whileWriting(async () => {
      await untilRogue(region, primary);
      await region.untilReceives(primary, 240);
      await region.untilStreaming(60);
    });
    expectServed(report, 0.3);
    expect((await region.look()).promoted.join() === standby, `${standby} is not the primary any more`);
    return `${standby} goes on, ${primary} is a standby again by itself: ${clientText(report)}.`;
  },
});

const mine = 'score of db1 to 1000?$|dataStatus of db1 to LATEST|status of db1 to PRI|timeline of db1';
/** Steps by which db1 would take itself for the primary, or write about db2. */
export const claims = new RegExp(`^set (${mine}|.* of db2)`);

/** What a node's monitor does that finds its server running as a primary on `timeline`, beside a promoted one. */
function besidePromoted(timeline: number, probe: boolean, mode: string): FunctionCase {
  return {
    number: 1,
    kind: 1,
    setup: 'function',
    title: `a ${probe ? 'probe' : 'monitor'} finds a primary on timeline ${timeline} beside a promoted one (${mode}): it claims nothing`,
    before: 'It gave itself the score 1000 and LATEST, and the promoted one -INFINITY and DISCONNECT.',
    core: true,
    play: () => {
      const promoted = aNode('db2', {
        dataStatus: 'LATEST',
        status: 'PRI',
        timeline: `00000002-${system}`,
        score: '1000',
      });
      const nodes = { db1: aNode('db1'), db2: { ...promoted, role: 'Promoted' } as const };
      const snapshot = aSnapshot({
        ...aSnapshotOfEachState.primary,
        session: { answer: aPrimary({ timeline, senders: [] }) },
        cluster: { nodes, quorate: true, fencing: true },
      });
      const env = probe ? { OCF_RESKEY_CRM_meta_interval: '0' } : {};
      const { steps, then } = decide('monitor', snapshot, aCall({ rep_mode: mode }, env));
      const story = steps.map(describe);
      expect(!story.some((line) => claims.test(line)), `it claims: ${story.join('; ')}`);
      expect(then !== 'look again' && then !== 'promoted' && then !== 'success', `it exits with ${then}`);
      return Promise.resolve(`It claims nothing and exits with ${then}.`);
    },
  };
}

const system = history.slice(9);

export const cases: readonly Case[] = [
  ...['async', 'sync'].flatMap((mode) => [besidePromoted(1, true, mode), besidePromoted(1, false, mode)]),
  returned('async'),
  returned('sync'),
];
