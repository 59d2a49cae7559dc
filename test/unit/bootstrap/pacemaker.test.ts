import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { differences, foreignResources, mendCommands } from '../../../bootstrap/pacemaker/differences.ts';
import { isConfigured, wantedConfiguration, type Wanted } from '../../../bootstrap/pacemaker/wanted.ts';
import { derived, settable } from '../../../bootstrap/spec/postgres.ts';
import { emptyConfiguration, readConfiguration } from '../../../lib/pacemaker/configuration.ts';
import { onFile } from '../../../lib/pacemaker/pcs.ts';
import { parameters } from '../../../meta/parameters.ts';
import { aContext, aSpec, three } from './pretend-hosts.ts';

const { spec, layout } = aContext();
const wanted = wantedConfiguration(spec, layout);
const { dialect } = aContext();
const configureCommands = (all: Wanted) => mendCommands(differences(all, emptyConfiguration), onFile('/f', dialect));
const recorded = readFileSync(join(import.meta.dirname, '../../recordings/cibadmin/2.1.5/region.xml'), 'utf8');

describe('the configuration wanted', () => {
  it('is what pcs made of the commands (recorded)', async () => {
    const found = await readConfiguration(recorded);
    expect(differences(wanted, found)).toEqual([]);
    expect(isConfigured(found)).toBe(true);
  });

  it('differs from any other, with what is not as it was', async () => {
    const found = await readConfiguration(
      recorded
        .replace('value="LATEST"', 'value="x"')
        .replace('name="ip" value="10.77.0.100"', 'name="ip" value="10.77.0.9"')
        .replace('symmetrical="false"', ''),
    );
    expect(differences(wanted, found).flatMap(({ says }) => says)).toEqual([
      'resource pgvip: ip is 10.77.0.9, not 10.77.0.100',
      'no constraint order postgresql-clone promote pgvip start false Mandatory',
    ]); // prettier-ignore
  });

  it('names only parameters that the agent has', () => {
    const database = wanted.resources.find((resource) => resource.id === 'postgresql');
    const names = Object.keys(database?.attributes ?? {});
    expect(names.filter((name) => !(name in parameters))).toEqual([]);
  });

  it('has the defaults that the file chooses', () => {
    const chosen = aSpec({ cluster: { stickiness: 7, migration_threshold: 3, failure_timeout: 0 } });
    const { defaults, resources } = wantedConfiguration(chosen, layout);
    expect(defaults).toEqual({ 'resource-stickiness': '7' });
    const meta = resources.find(({ id }) => id === 'postgresql')?.meta;
    expect(meta).toMatchObject({ 'migration-threshold': '3', 'failure-timeout': '0s' });
  });

  it('can be given every parameter of the agent, but for those that the file gives otherwise', () => {
    expect([...settable, ...Object.keys(derived)].toSorted()).toEqual(Object.keys(parameters).toSorted());
    const given = Object.fromEntries(
      settable.map((name) => [name, parameters[name as keyof typeof parameters].default]),
    );
    const file = aSpec({ postgres: { ...spec.postgres, parameters: given } });
    const made = wantedConfiguration(file, layout).resources.find(({ id }) => id === 'postgresql');
    expect(made?.attributes).toMatchObject(given);
    const taken = Object.keys(made?.attributes ?? {}).filter((name) => name in derived);
    expect(taken.length).toBeGreaterThan(8);
  });

  it('takes parameters of the file', () => {
    const changed = aSpec({ postgres: { ...spec.postgres, parameters: { stop_escalate: '30' } } });
    const commands = configureCommands(wantedConfiguration(changed, layout)).map((argv) => argv.join(' '));
    expect(commands.filter((line) => line.includes('stop_escalate=30'))).toHaveLength(1);
  });

  it('of three nodes has an instance on each, and a quorum of standbys where the file says so', () => {
    const { spec: of, layout: at } = aContext(aSpec(three));
    const made = wantedConfiguration(of, at);
    expect(made.clone.meta).toMatchObject({ 'clone-max': '3' });
    const database = made.resources.find((resource) => resource.id === 'postgresql');
    expect(database?.attributes).toMatchObject({
      node_list: 'db1 db2 db3',
      rep_mode: 'sync',
      synchronous_standbys: '1',
    });
    const fencing = made.resources.find((resource) => resource.id === 'fencing');
    expect(fencing?.attributes['pcmk_host_map']).toBe('db1:dc1-db1-vm;db2:dc1-db2-vm;db3:dc1-db3-vm');
  });

  it('has what synchronised slots need, where the file says so', () => {
    const database = (logical_slots: 'local' | 'synchronised') => {
      const replication = { ...spec.postgres.replication, logical_slots };
      const made = wantedConfiguration(aSpec({ postgres: { ...spec.postgres, replication } }), layout);
      return made.resources.find((resource) => resource.id === 'postgresql')?.attributes ?? {};
    };
    const made = database('synchronised');
    expect(made).toMatchObject({ replication_slot_name: 'cfha', logical_slots: 'drop' });
    expect(made['primary_conninfo_opt']).toMatch(/ dbname=postgres$/);
    expect(database('local')['primary_conninfo_opt']).not.toContain('dbname');
  });

  it('holds no password', () => {
    const text = configureCommands(wanted)
      .map((argv) => argv.join(' '))
      .join('\n');
    expect(text).not.toMatch(/\bpass(word|wd)=/);
    expect(text).toContain('password_script=/etc/cfha/fencing-password');
  });
});

describe('a difference', () => {
  const changedTo = async (...replaced: readonly (readonly [string | RegExp, string])[]) => {
    const text = replaced.reduce((xml, [from, to]) => {
      const after = xml.replace(from, to);
      expect(after).not.toBe(xml);
      return after;
    }, recorded);
    const found = await readConfiguration(text);
    return differences(wanted, found).map((one) => ({
      restarts: one.restarts !== undefined,
      commands: one.mend(onFile('/f', dialect)).map((argv) => argv.slice(3).join(' ')),
    }));
  };

  it.each<[string, string | RegExp, string, string, boolean]>([
    ['of a property', 'name="priority-fencing-delay" value="5s"', 'name="priority-fencing-delay" value="0"', 'property set priority-fencing-delay=5s', false],
    ['of a policy that goes on without quorum', 'name="stonith-enabled"', 'name="no-quorum-policy" value="ignore"/><nvpair id="q" name="stonith-enabled"', 'property set no-quorum-policy=stop', false],
    ['of a default', 'name="resource-stickiness" value="100"', 'name="resource-stickiness" value="1"', 'resource defaults update resource-stickiness=100', false],
    ['of the virtual IP', 'name="cidr_netmask" value="24"', 'name="cidr_netmask" value="22"', 'resource update pgvip cidr_netmask=24', true],
    ['of a parameter', 'name="rep_mode" value="async"', 'name="rep_mode" value="sync"', 'resource update postgresql rep_mode=async', true],
    ['of the fence device', 'name="username" value="cfha"', 'name="username" value="root"', 'resource update fencing username=cfha', false],
    ['of a meta attribute', 'name="migration-threshold" value="1"', 'name="migration-threshold" value="3"', 'resource meta postgresql migration-threshold=1', false],
    ['of the clone', 'name="notify" value="true"', 'name="notify" value="false"', 'resource meta postgresql-clone notify=true', false],
  ])('%s is mended alone', async (...[, from, to, command, restarts]) => {
    expect(await changedTo([from, to])).toEqual([{ restarts, commands: [command] }]);
  }); // prettier-ignore

  it('of an operation replaces the one in its way, and leaves an administrator’s own', async () => {
    const own = '<op id="deep" name="monitor" interval="600s" role="Promoted"/>';
    const [one, ...more] = await changedTo(
      [/<op ([^>]*)interval="4s"/, `${own}<op $1interval="20s"`],
    ); // prettier-ignore
    expect(more).toEqual([]);
    expect(one?.commands).toEqual([
      expect.stringMatching(/^resource op remove postgresql-monitor-interval-4s/),
      expect.stringMatching(/^resource op add postgresql monitor interval=4s/),
    ]);
    expect(one?.commands.join()).not.toContain('deep');
  });

  it('of the agent is nothing that is mended', async () => {
    const found = await readConfiguration(recorded.replaceAll('type="cfpgsql"', 'type="pgsql"'));
    expect(foreignResources(wanted, found)).toEqual([
      { resource: 'postgresql', found: 'ocf:custom:pgsql', wanted: 'ocf:custom:cfpgsql' },
    ]);
  });
});
