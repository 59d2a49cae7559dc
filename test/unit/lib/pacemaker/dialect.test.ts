import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { layoutOf } from '../../../../bootstrap/layout.ts';
import { differences, mendCommands } from '../../../../bootstrap/pacemaker/differences.ts';
import { wantedConfiguration } from '../../../../bootstrap/pacemaker/wanted.ts';
import { schema } from '../../../../bootstrap/spec.ts';
import { emptyConfiguration, readConfiguration } from '../../../../lib/pacemaker/configuration.ts';
import { dialectOf } from '../../../../lib/pacemaker/dialect.ts';
import { onFile } from '../../../../lib/pacemaker/pcs.ts';
import { recordedRegion, spoiled } from '../../../record/region.ts';
import { aSurvey } from '../../bootstrap/pretend-hosts.ts';

const folder = join(import.meta.dirname, '../../../recordings/pcs');
const spec = schema.parse(recordedRegion);
const wanted = wantedConfiguration(spec, layoutOf(spec, aSurvey, 15));

describe.each(readdirSync(folder))('pcs %s, recorded,', (release) => {
  const read = (name: string) => readFileSync(join(folder, release, name), 'utf8');
  const editor = onFile('/run/changed.xml', dialectOf(JSON.parse(read('versions.json')) as Record<string, string>));
  const lines = (name: string) => read(name).trim().split('\n');

  it('was given the commands that a region is built with', () => {
    const commands = mendCommands(differences(wanted, emptyConfiguration), editor).map((argv) => argv.join(' '));
    expect(commands).toEqual(lines('build.txt'));
  });

  it('made of them what is wanted', async () => {
    expect(differences(wanted, await readConfiguration(read('region.xml')))).toEqual([]);
  });

  it('was given the commands that repair a region', async () => {
    const found = await readConfiguration(spoiled(read('region.xml')));
    const commands = mendCommands(differences(wanted, found), editor).map((argv) => argv.join(' '));
    expect(commands).toEqual(lines('repair.txt'));
  });
});

describe('the dialect', () => {
  const editorOf = (versions: Record<string, string>) => onFile('/f', dialectOf(versions));
  const words = (argv: readonly string[]) => argv.slice(3).join(' ');

  it.each([
    ['0.10.1', 'resource defaults resource-stickiness=1', 'Master'],
    ['0.10.8', 'resource defaults update resource-stickiness=1', 'Master'],
    ['0.11.5', 'resource defaults update resource-stickiness=1', 'Promoted'],
    ['0.12.0', 'resource defaults update resource-stickiness=1', 'Promoted'],
  ])('of pcs %s', (pcs, defaults, role) => {
    const editor = editorOf({ pcs, pacemaker: '2.1.5' });
    expect(words(editor.defaults({ 'resource-stickiness': '1' }))).toBe(defaults);
    expect(words(editor.withPromoted('pgvip', 'c'))).toBe(`constraint colocation add pgvip with ${role} c INFINITY`);
    const monitor = { name: 'monitor', interval: '3s', role: 'Promoted' };
    expect(words(editor.addOperation('p', monitor))).toBe(`resource op add p monitor interval=3s role=${role}`);
  });

  it.each([
    ['2.1.5', 'stonith-enabled'],
    ['3.0.1', 'stonith-enabled'],
    ['3.0.2', 'fencing-enabled'],
    ['3.1.0', 'fencing-enabled'],
  ])('of Pacemaker %s', (pacemaker, property) => {
    const set = editorOf({ pcs: '0.12.0', pacemaker }).properties({
      'stonith-enabled': 'true',
      'priority-fencing-delay': '5s',
    });
    expect(words(set)).toBe(`property set ${property}=true priority-fencing-delay=5s`);
  });

  it('is not seen in what is read', async () => {
    const found = await readConfiguration(`<cib><configuration>
      <crm_config><cluster_property_set id="a"><nvpair id="b" name="fencing-enabled" value="true"/></cluster_property_set></crm_config>
      <resources/><constraints><rsc_colocation id="c" rsc="v" with-rsc="p" with-rsc-role="Master" score="INFINITY"/></constraints>
      </configuration></cib>`);
    expect(found.properties).toEqual({ 'stonith-enabled': 'true' });
    expect(found.constraints).toMatchObject([{ 'with-rsc-role': 'Promoted' }]);
  });
});
