import { describe, expect, it } from '@jest/globals';
import {
  agents,
  nextMove,
  other,
  rolesOf,
  warnings,
  type Move,
  type Progress,
  type Target,
} from '../../../bootstrap/migrate.ts';
import { readRunning, type Running } from '../../../lib/pacemaker/live.ts';

/** A running cluster made of data. `lacking`: nodes on which the new agent is not installed. */
class PretendCluster {
  now: Running;
  readonly lacking: readonly string[];
  constructor(agent: Target, lacking: readonly string[] = []) {
    const { type } = agents[agent];
    const probes = { db1: { type, code: 8, recurring: true }, db2: { type, code: 0, recurring: true } };
    this.now = { agent: agents[agent], parameters: [], restartsOnPromote: false, maintenance: false, probes };
    this.lacking = lacking;
  }
  act(move: Move): void {
    if (move.move === 'maintenance on') this.now = { ...this.now, maintenance: true };
    if (move.move === 'wait') this.endMonitors();
    if (move.move === 'maintenance off') this.now = { ...this.now, maintenance: false };
    if (move.move === 'set agent') this.now = { ...this.now, agent: move.agent };
    if (move.move === 'refresh') this.refresh(move.node);
  }
  /** Pacemaker takes a moment to end them. */
  endMonitors(): void {
    const probes = Object.entries(this.now.probes).map(([node, probe]) => [
      node,
      probe && { ...probe, recurring: false },
    ]);
    this.now = { ...this.now, probes: Object.fromEntries(probes) as Running['probes'] };
  }
  refresh(node: string): void {
    const type = this.now.agent?.type ?? '';
    const code = type === 'cfpgsql' && this.lacking.includes(node) ? 5 : node === 'db1' ? 8 : 0;
    this.now = { ...this.now, probes: { ...this.now.probes, [node]: { type, code, recurring: false } } };
  }
}

function isEnd({ move }: Move, { done, rollback }: Progress): boolean {
  return move === 'finished' || (move === 'refused' && (done.length === 0 || rollback !== undefined));
}

function play(
  cluster: PretendCluster,
  target: Target,
  killAfter = Infinity,
): { moves: string[]; end: Move | undefined } {
  let progress: Progress = { resource: 'postgresql', target, done: [], before: rolesOf(cluster.now) };
  const moves: string[] = [];
  for (let n = 0; n < Math.min(20, killAfter); n++) {
    const move = nextMove(cluster.now, progress);
    moves.push(move.move === 'refresh' ? `refresh ${move.node}` : move.move);
    if (isEnd(move, progress)) return { moves, end: move };
    cluster.act(move);
    progress =
      move.move === 'refused'
        ? { ...progress, rollback: move.because }
        : { ...progress, done: [...progress.done, move] };
  }
  return { moves, end: undefined };
}

describe('a migration', () => {
  it.each(['cfpgsql', 'pgsql'] as const)('to %s changes the agent only in maintenance mode', (target) => {
    const { moves } = play(new PretendCluster(other(target)), target);
    expect(moves).toEqual([
      'maintenance on',
      'wait',
      'set agent',
      'refresh db2',
      'refresh db1',
      'maintenance off',
      'finished',
    ]);
  });

  it('done already does nothing', () => {
    expect(play(new PretendCluster('cfpgsql'), 'cfpgsql')).toEqual({
      moves: ['finished'],
      end: { move: 'finished', nothingDone: true },
    });
  });

  it('to an agent that a node lacks is taken back', () => {
    const cluster = new PretendCluster('pgsql', ['db2']);
    const { end } = play(cluster, 'cfpgsql');
    expect(end).toMatchObject({ move: 'refused' });
    expect(end?.move === 'refused' && end.because).toContain('db2: 5 instead of 0');
    expect(cluster.now).toMatchObject({ agent: agents.pgsql, maintenance: false });
  });

  it('killed after any move and called again, ends in the new agent or says what the administrator has to do', () => {
    for (let n = 1; n < 7; n++) {
      const cluster = new PretendCluster('pgsql');
      play(cluster, 'cfpgsql', n);
      const { end } = play(cluster, 'cfpgsql');
      const told = end?.move === 'refused' && end.because.includes('maintenance-mode=false');
      expect([n, end?.move === 'finished' || told]).toEqual([n, true]);
    }
  });

  it('killed after the new agent was asked, is never ended where a node lacks it', () => {
    const cluster = new PretendCluster('pgsql', ['db2']);
    play(cluster, 'cfpgsql', 5);
    const { end } = play(cluster, 'cfpgsql');
    expect(end).toMatchObject({ because: expect.stringContaining('db2: 5') });
    expect(cluster.now.maintenance).toBe(true);
  });

  it('killed while it asks the new agent, asks again', () => {
    const cluster = new PretendCluster('pgsql');
    play(cluster, 'cfpgsql', 4);
    expect(play(cluster, 'cfpgsql').moves).toEqual(['refresh db1', 'maintenance off', 'finished']);
  });

  it('killed while the old agent is put back, names the command that ends that', () => {
    const cluster = new PretendCluster('pgsql', ['db2']);
    play(cluster, 'cfpgsql', 7);
    expect(cluster.now).toMatchObject({ agent: agents.pgsql, maintenance: true });
    expect(play(cluster, 'cfpgsql').end).toMatchObject({
      move: 'refused',
      because: expect.stringContaining('cfha migrate postgresql --back --yes'),
    });
    expect(play(cluster, 'pgsql').moves).toEqual(['refresh db2', 'refresh db1', 'maintenance off', 'finished']);
  });

  it('done already, does not end the administrator’s maintenance mode', () => {
    const cluster = new PretendCluster('cfpgsql');
    cluster.now = { ...cluster.now, maintenance: true };
    expect(play(cluster, 'cfpgsql')).toMatchObject({
      moves: ['refused'],
      end: { because: expect.stringContaining('maintenance-mode=false') },
    });
  });

  it.each([
    ['without a primary', { db1: 0, db2: 0 }],
    ['with two primaries', { db1: 8, db2: 8 }],
    ['with a stopped standby', { db1: 8, db2: 7 }],
  ])('of a region %s is refused before anything is changed', (...[, codes]) => {
    const cluster = new PretendCluster('pgsql');
    cluster.now = {
      ...cluster.now,
      probes: Object.fromEntries(
        Object.entries(codes).map(([node, code]) => [node, { type: 'pgsql', code, recurring: true }]),
      ),
    };
    expect(play(cluster, 'cfpgsql').moves).toEqual(['refused']);
  });

  it('back is refused while a parameter stands there that pgsql does not know', () => {
    const cluster = new PretendCluster('cfpgsql');
    cluster.now = { ...cluster.now, parameters: ['pgdata', 'passfile'] };
    expect(play(cluster, 'pgsql').end).toMatchObject({ because: expect.stringContaining('passfile') });
  });

  it('of another agent is refused', () => {
    const cluster = new PretendCluster('pgsql');
    cluster.now = { ...cluster.now, agent: { provider: 'heartbeat', type: 'pgsqlms' } };
    expect(play(cluster, 'cfpgsql').end).toMatchObject({ because: expect.stringContaining('ocf:heartbeat:pgsqlms') });
  });
});

describe('the CIB of a running cluster', () => {
  const operation = (name: string, call: number, code: number) =>
    `<lrm_rsc_op operation="${name}" interval="${name === 'monitor' ? 4000 : 0}" call-id="${call}" rc-code="${code}"/>`;
  const node = (name: string, operations: string) =>
    `<node_state uname="${name}" join="member"><lrm><lrm_resources><lrm_resource id="pg" type="pgsql">${operations}</lrm_resource></lrm_resources></lrm></node_state>`;
  const cib = (states: string) =>
    `<cib><configuration><crm_config><cluster_property_set><nvpair name="maintenance-mode" value="true"/></cluster_property_set></crm_config>
     <resources><clone><primitive id="pg" class="ocf" provider="heartbeat" type="pgsql"><instance_attributes><nvpair name="pgdata" value="/d"/><nvpair name="restart_on_promote" value="true"/></instance_attributes></primitive></clone></resources>
     </configuration><status>${states}</status></cib>`;

  it('tells agent, parameters, maintenance mode and what runs where, notifications aside', async () => {
    const primary = node('db1', operation('promote', 3, 0) + operation('start', 2, 0) + operation('notify', 5, 0));
    const standby = node('db2', operation('monitor', 4, 0) + operation('start', 2, 0));
    expect(await readRunning(cib(primary + standby + '<node_state uname="db3" join="down"/>'), 'pg')).toEqual({
      agent: agents.pgsql,
      parameters: ['pgdata', 'restart_on_promote'],
      restartsOnPromote: true,
      maintenance: true,
      probes: { db1: { type: 'pgsql', code: 8, recurring: false }, db2: { type: 'pgsql', code: 0, recurring: true } },
    });
  });

  it('is worth a warning if a promotion begins no new timeline', async () => {
    const running = await readRunning(cib(''), 'pg');
    expect(warnings(running)).toEqual([expect.stringContaining('restart_on_promote=true')]);
    expect(warnings({ ...running, restartsOnPromote: false })).toEqual([]);
  });

  it('does not take a monitor from before a stop for one that is repeated', async () => {
    const running = await readRunning(cib(node('db1', operation('monitor', 3, 8) + operation('start', 7, 0))), 'pg');
    expect(running.probes).toEqual({ db1: { type: 'pgsql', code: 0, recurring: false } });
  });

  it('of another kind is refused', async () => {
    await expect(readRunning('<other/>', 'pg')).rejects.toThrow('no whole CIB');
    await expect(readRunning('', 'pg')).rejects.toThrow();
  });
});
