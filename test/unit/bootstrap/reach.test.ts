import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Facts } from '../../../bootstrap/facts.ts';
import type { Context } from '../../../bootstrap/context.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { secretsOf } from '../../../bootstrap/world.ts';
import { endsTheSame } from './killed-anywhere.ts';
import { aContext, aSpec, PretendHosts, three } from './pretend-hosts.ts';

const run = (context: Context, hosts: PretendHosts) => reach(goalsOf(context), hosts.facts, hosts);

describe('a region', () => {
  const context = aContext();
  const whole = new PretendHosts(context);
  beforeAll(async () => {
    expect(await run(context, whole)).toMatchObject({ ended: 'done' });
  });

  it('is made of bare hosts: afterwards every goal holds', () => {
    expect(goalsOf(context).flatMap((goal) => goal.lacks(whole.facts))).toEqual([]);
  });

  it('needs no command when it is made again', async () => {
    const before = whole.story.length;
    expect(await run(context, whole)).toMatchObject({ ended: 'done', executed: 0 });
    expect(whole.story).toHaveLength(before);
  });

  it('tells what every goal is in a sentence of its own', () => {
    const goals = goalsOf(context);
    expect(new Set(goals.map((goal) => goal.id)).size).toBe(goals.length);
    expect(new Set(goals.map((goal) => goal.says)).size).toBe(goals.length);
  });

  it('killed before any command and made again ends the same', async () => {
    await endsTheSame(
      whole,
      () => new PretendHosts(context),
      (hosts) => run(context, hosts),
    );
  });

  it('killed before every second command, again and again, comes to the same end', async () => {
    const hosts = new PretendHosts(context);
    for (let last = -1; hosts.story.length > last;) {
      last = hosts.story.length;
      // A goal of many commands needs them all in one run: what it cannot keep it makes again.
      hosts.killAfter = last + 16;
      await run(context, hosts).catch(() => undefined);
    }
    expect(hosts.facts).toEqual(whole.facts);
  });

  it('asked to stop, stops before the next command and says which', async () => {
    for (let n = 0; n < whole.story.length; n++) {
      const hosts = new PretendHosts(context);
      hosts.stopAfter = n;
      const outcome = await run(context, hosts);
      expect(outcome).toMatchObject({ ended: 'interrupted' });
      expect(hosts.story).toHaveLength(n);
    }
  });
});

describe('a region of three', () => {
  const context = aContext(aSpec(three));

  it('has copies of the first node’s instance on both others, and waits until both stream', async () => {
    const hosts = new PretendHosts(context);
    expect(await run(context, hosts)).toMatchObject({ ended: 'done' });
    const copied = hosts.story.filter((line) => line.includes('base backup'));
    expect(copied).toEqual(['db2: take a base backup over the network', 'db3: take a base backup over the network']);
    expect(await run(context, hosts)).toMatchObject({ ended: 'done', executed: 0 });
  });

  it('killed between the two copies, makes only the one that is not there', async () => {
    const hosts = new PretendHosts(context);
    const whole = new PretendHosts(context);
    await run(context, whole);
    hosts.killAfter = whole.story.findLastIndex((line) => line.includes('base backup'));
    await expect(run(context, hosts)).rejects.toThrow('killed');
    hosts.killAfter = Infinity;
    const before = hosts.story.length;
    expect(await run(context, hosts)).toMatchObject({ ended: 'done' });
    const copied = hosts.story.slice(before).filter((line) => line.includes('base backup'));
    expect(copied).toEqual(['db3: take a base backup over the network']);
  });

  it.each([
    ['asynchronous', { mode: 'async', synchronous_standbys: undefined }, ['STREAMING|ASYNC', 'STREAMING|ASYNC'], true],
    [
      'with one that commits wait for',
      { synchronous_standbys: undefined },
      ['STREAMING|ASYNC', 'STREAMING|SYNC'],
      true,
    ],
    ['with none', { synchronous_standbys: undefined }, ['STREAMING|ASYNC', 'STREAMING|ASYNC'], false],
    ['with a quorum', {}, ['STREAMING|QUORUM', 'STREAMING|QUORUM'], true],
    ['with half a quorum', {}, ['STREAMING|QUORUM', 'STREAMING|ASYNC'], false],
  ])('%s, is healthy or not', async (...row) => {
    const [, changes, data, yes] = row;
    const replication = { ...three.postgres.replication, ...changes };
    const found = aContext(aSpec({ ...three, postgres: { ...three.postgres, replication } }));
    const hosts = new PretendHosts(found);
    await run(context, hosts);
    const facts = structuredClone(hosts.facts) as Mutable;
    for (const host of Object.values(facts.hosts))
      ['db2', 'db3'].forEach((name, n) => {
        const status = /SYNC$|QUORUM/.test(data[n]?.replace('ASYNC', '') ?? '') ? 'HS:sync' : 'HS:async';
        const node = host.cluster.status.nodes[name];
        if (node === undefined) throw new Error(`no ${name}`);
        node.attributes.forever['postgresql-data-status'] = data[n] ?? '';
        node.attributes.reboot['postgresql-status'] = status;
      });
    const goal = goalsOf(found).find(({ id }) => id === 'region/healthy');
    expect(goal?.lacks(facts as unknown as Facts).length === 0).toBe(yes);
  });
});

type Values = Record<string, string>;
type Mutable = {
  hosts: Record<
    string,
    { cluster: { status: { nodes: Record<string, { attributes: { forever: Values; reboot: Values } }> } } }
  >;
};

describe('a command that fails', () => {
  it('ends the run with the goal, the host and the cause', async () => {
    const context = aContext();
    const hosts = new PretendHosts(context);
    const act = hosts.act;
    hosts.act = (command) => (command.says === 'initdb' ? Promise.resolve({ failed: 'no space left' }) : act(command));
    const report = {
      code: 'COMMAND_FAILED',
      host: 'db1',
      goal: 'postgres/initialised',
      command: 'initdb',
      because: 'no space left',
    };
    expect(await run(context, hosts)).toEqual({ ended: 'failed', report });
  });
});

describe('a goal that its commands do not reach', () => {
  it('is named, with what it lacks', async () => {
    const context = aContext();
    const hosts = new PretendHosts(context);
    hosts.act = () => Promise.resolve(undefined);
    const lacks = expect.stringContaining('db1: /usr/sbin/cfha is not this cfha') as unknown as string;
    expect(await run(context, hosts)).toMatchObject({
      ended: 'failed',
      report: { code: 'NOT_REACHED', goal: 'nodes/executable', lacks },
    });
  });

  it('is waited for until its time is over, while a host may be away', async () => {
    const context = aContext();
    const hosts = new PretendHosts(context);
    await run(context, hosts);
    const healthy = goalsOf(context)
      .filter((goal) => goal.id === 'region/healthy')
      .map((goal) => ({ ...goal, lacks: () => ['a standby'] }));
    const lost = { code: 'HOST_LOST', host: 'db2', because: 'timeout' } as const;
    const begun = hosts.seconds();
    hosts.look = () =>
      (hosts.seconds() - begun < 10 ? Promise.resolve({ lost }) : Promise.resolve({ facts: hosts.facts })) as never;
    expect(await reach(healthy, hosts.facts, hosts)).toMatchObject({
      ended: 'failed',
      report: { code: 'NOT_REACHED', lacks: 'a standby' },
    });
    expect(hosts.seconds() - begun).toBe(180);
  });
});

describe('a plan', () => {
  it('can be made of any state on the way', async () => {
    const context = aContext();
    const hosts = new PretendHosts(context);
    for (let n = 0; n < 70; n++) {
      hosts.killAfter = n;
      await run(context, hosts).catch(() => undefined);
      for (const goal of goalsOf(context)) expect(() => goal.commands(hosts.facts)).not.toThrow();
    }
  });

  it('has no secret in any command line', () => {
    const context = aContext();
    const { facts } = new PretendHosts(context);
    const lines = goalsOf(context).flatMap((goal) =>
      goal.commands(facts).map((command) => `${command.says} ${command.run.join(' ')}`),
    );
    const secrets = secretsOf(context);
    expect(lines.length).toBeGreaterThan(40);
    for (const secret of secrets) expect(lines.filter((line) => line.includes(secret))).toEqual([]);
  });
});

describe('a region with a database that is brought along', () => {
  const clone = { address: '10.9.9.9', user: 'copier', password: { file: 'x' } };
  it.each([
    ['in place', { in_place: true }, 'db1: keep their access rules and settings beside'],
    ['from a tar', { tar: '/root/pg.tar.gz' }, 'db1: unpack /root/pg.tar.gz'],
    ['from a running server', { clone }, 'db1: copy the server at 10.9.9.9'],
  ])('%s, killed anywhere, ends the same and never makes a new one', async (_, source, told) => {
    const context = aContext(aSpec({ postgres: { ...aSpec().postgres, source } }));
    const bare = () => {
      const hosts = new PretendHosts(context);
      if ('in_place' in source) hosts.host('db1').data = { state: 'foreign', version: 15, was: 'shut down' };
      return hosts;
    };
    const whole = bare();
    expect(await run(context, whole)).toMatchObject({ ended: 'done' });
    expect(whole.story).toContain(told);
    expect(whole.story.join()).not.toContain('initdb');
    if ('in_place' in source) expect(whole.story).not.toContain('db1: prepare an empty directory');
    await endsTheSame(whole, bare, (hosts) => run(context, hosts));
  });
});
