import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { configureCommands, differences, isConfigured, wantedConfiguration } from '../../../bootstrap/pacemaker.ts';
import { readConfiguration } from '../../../lib/pacemaker/configuration.ts';
import { parameters } from '../../../meta/parameters.ts';
import { aContext, aSpec, three } from './pretend-hosts.ts';

const { spec, layout } = aContext();
const wanted = wantedConfiguration(spec, layout);
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
    expect(differences(wanted, found)).toEqual([
      'resource pgvip: ip is 10.77.0.9, not 10.77.0.100',
      'no constraint order postgresql-clone promote pgvip start false Mandatory',
    ]); // prettier-ignore
  });

  it('names only parameters that the agent has', () => {
    const database = wanted.resources.find((resource) => resource.id === 'postgresql');
    const names = Object.keys(database?.attributes ?? {});
    expect(names.filter((name) => !(name in parameters))).toEqual([]);
  });

  it('takes parameters of the file', () => {
    const changed = aSpec({ postgres: { ...spec.postgres, parameters: { stop_escalate: '30' } } });
    const commands = configureCommands(wantedConfiguration(changed, layout), '/f').map((argv) => argv.join(' '));
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

  it('holds no password', () => {
    const text = configureCommands(wanted, '/f')
      .map((argv) => argv.join(' '))
      .join('\n');
    expect(text).not.toMatch(/\bpass(word|wd)=/);
    expect(text).toContain('password_script=/etc/cfha/fencing-password');
  });
});
