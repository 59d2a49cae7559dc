import { describe, expect, it } from '@jest/globals';
import { openGoals } from '../../../bootstrap/conclusions.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { wantedConfiguration } from '../../../bootstrap/pacemaker/wanted.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { aContext, aSpec, PretendHosts } from './pretend-hosts.ts';

const context = aContext();
const { properties: sound } = wantedConfiguration(context.spec, context.layout);

async function made(): Promise<PretendHosts> {
  const hosts = new PretendHosts(context);
  await reach(goalsOf(context), hosts.facts, hosts);
  hosts.story.length = 0;
  return hosts;
}

const open = (hosts: PretendHosts, of = context) => openGoals(goalsOf(of), hosts.facts).map(({ goal }) => goal.id);

describe('a region that has drifted', () => {
  it.each<[string, (hosts: PretendHosts) => void, string, RegExp]>([
    ['by a stopped pcsd', (h) => void (h.host('db2').units = { ...h.host('db2').units, 'pcsd.service': { active: false, enabled: true } }), 'cluster/pcsd', /^db2: enable and start pcsd$/],
    ['by a changed password file', (h) => h.change('db1', '/etc/cfha/fencing.password'), 'nodes/secrets', /^db1: write \/etc\/cfha\/fencing.password/],
    ['by an edited pg_hba.conf', (h) => h.change('db2', '/var/lib/postgresql/15/main/pg_hba.conf'), 'postgres/settings', /^db2: (write|reload)/],
    ['by an enabled server', (h) => void (h.host('db1').units = { ...h.host('db1').units, 'postgresql.service': { active: false, enabled: true } }), 'postgres/service', /^db1: disable/],
    ['by a property', (h) => h.configure({ properties: { 'stonith-enabled': 'false' } }), 'cluster/configured', /^db1: /],
    ['by going on without quorum', (h) => h.configure({ properties: { ...sound, 'no-quorum-policy': 'ignore' } }), 'cluster/configured', /^db1: /],
    ['by a constraint that is gone', (h) => h.configure({ constraints: [] }), 'cluster/configured', /^db1: /],
  ])('%s is seen, and repaired there alone', async (...[, drift, goal, commands]) => {
    const hosts = await made();
    expect(open(hosts)).toEqual([]);
    drift(hosts);
    expect(open(hosts)).toEqual([goal]);
    expect(await reach(goalsOf(context), hosts.facts, hosts)).toMatchObject({ ended: 'done', waiting: [] });
    expect(open(hosts)).toEqual([]);
    expect(hosts.story.filter((line) => !commands.test(line))).toEqual([]);
  }); // prettier-ignore

  it('is not restarted unless a person has said so', async () => {
    const hosts = await made();
    const other = aContext(aSpec({ postgres: { ...aSpec().postgres, parameters: { stop_escalate: '30' } } }));
    expect(openGoals(goalsOf(other), hosts.facts)).toMatchObject([
      { goal: { id: 'cluster/parameters' }, restarts: ['PostgreSQL on every node'] },
    ]);
    expect(await reach(goalsOf(other), hosts.facts, hosts)).toMatchObject({
      ended: 'done',
      executed: 0,
      waiting: [{ id: 'cluster/parameters' }],
    });
    expect(hosts.story).toEqual([]);
    hosts.mayRestart = true;
    expect(await reach(goalsOf(other), hosts.facts, hosts)).toMatchObject({ ended: 'done', waiting: [] });
    expect(hosts.story.filter((line) => line.includes('on the copy'))).toEqual([
      'db1: on the copy: resource update postgresql',
    ]);
    expect(open(hosts, other)).toEqual([]);
  });

  it('with settings that wait for a restart gets it on the standby first, if a person has said so', async () => {
    const hosts = await made();
    for (const name of ['db1', 'db2']) hosts.host(name).pending = ['max_connections'];
    expect(await reach(goalsOf(context), hosts.facts, hosts)).toMatchObject({ waiting: [{ id: 'postgres/in-force' }] });
    hosts.mayRestart = true;
    expect(await reach(goalsOf(context), hosts.facts, hosts)).toMatchObject({ ended: 'done', executed: 2 });
    expect(hosts.story).toEqual(['db2: restart PostgreSQL', 'db1: restart PostgreSQL']);
  });
});
