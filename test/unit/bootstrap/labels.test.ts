import { describe, expect, it } from '@jest/globals';
import type { HostFacts } from '../../../bootstrap/facts.ts';
import { labelledFolders, labelQuestion, labelRule } from '../../../bootstrap/labels.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { readFacts } from '../../../bootstrap/read-facts.ts';
import { spawnExec } from '../../../lib/host/spawn.ts';
import { endsTheSame } from './killed-anywhere.ts';
import { aContext, aFile, aSpec, PretendHosts } from './pretend-hosts.ts';

const data = '/data/main';
const spec = aSpec({ postgres: { ...aFile.postgres, data } });
const context = aContext(spec);
const run = (hosts: PretendHosts) => reach(goalsOf(context), hosts.facts, hosts);

function enforcing(labels: NonNullable<HostFacts['labels']> = { [data]: { wanted: 'default_t' } }): PretendHosts {
  const hosts = new PretendHosts(context);
  for (const host of Object.values(hosts.hosts)) host.labels = labels;
  return hosts;
}

describe('where SELinux enforces', () => {
  it('data elsewhere are labelled before the cluster starts them, killed anywhere to the same end', async () => {
    const hosts = enforcing();
    expect(await run(hosts)).toMatchObject({ ended: 'done' });
    const at = (text: string) => hosts.story.findIndex((line) => line.includes(text));
    expect(at(`db2: label ${data}`)).toBeGreaterThan(0);
    expect(at('start')).toBeLessThan(at(`label ${data}`));
    expect(at(`db2: label ${data}`)).toBeLessThan(
      at('set up the cluster') === -1 ? Infinity : at('set up the cluster'),
    );
    expect(await run(hosts)).toMatchObject({ ended: 'done', executed: 0 });
    await endsTheSame(hosts, enforcing, run);
  });

  it.each([
    ['as the policy has it', { wanted: 'postgresql_db_t', is: 'postgresql_db_t' }, 0],
    ['not there yet', { wanted: 'postgresql_db_t' }, 0],
    ['moved in from elsewhere', { wanted: 'postgresql_db_t', is: 'user_home_t' }, 1],
    ['unknown to the policy', { wanted: 'default_t', is: 'postgresql_db_t' }, 1],
  ])('a folder that is %s', (_, label, lacks) => {
    const goal = goalsOf(context).find(({ id }) => id === 'nodes/labels');
    const { facts } = enforcing({ [data]: label });
    expect(goal?.lacks(facts)).toHaveLength(lacks * spec.nodes.length);
    expect(goal?.commands(facts)).toHaveLength(lacks * spec.nodes.length);
  });

  it('the folders are those of the data, the storage and an archive of its own, not one of a filer', () => {
    const of = (archive: object) =>
      labelledFolders(aSpec({ postgres: { ...aFile.postgres, data, archive }, storage: { device: '/dev/sdb', mount: '/data' } }), context.layout, 'db1');
    expect(of({ directory: '/srv/wal' })).toEqual(['/data', data, '/srv/wal']);
    expect(of({ directory: '/srv/wal', mount: { from: 'filer:/wal' } })).toEqual(['/data', data]);
  }); // prettier-ignore

  it('the rule holds for what is made beside the data, and for nothing else', () => {
    const rule = new RegExp(`^${labelRule('/data/v1.5')}$`);
    for (const path of ['', '/base/1', '.cfha-new', '.cfha-new/base', '.cfpgsql-copying/base', '.cfpgsql-old'])
      expect(`/data/v1.5${path}`).toMatch(rule);
    for (const path of ['/data/v1x5', '/data/v1.50', '/data/v1.5.other']) expect(path).not.toMatch(rule);
  });
});

describe('the question', () => {
  it('says nothing where there is no SELinux, as here', async () => {
    const result = await spawnExec()({ argv: ['sh', '-s'], input: labelQuestion(["/a'b"]) });
    expect(result).toMatchObject({ code: 0, stdout: '' });
  });

  it.each([
    [['label /data default_t default_t'], { '/data': { wanted: 'default_t', is: 'default_t' } }],
    [['label /data default_t '], { '/data': { wanted: 'default_t' } }],
    [['label /data'], { '/data': { wanted: '' } }],
    [[], undefined],
  ])('is read as it answers: %j', async (lines, labels) => {
    const stdout = ['data absent', ...lines, 'end', ''].join('\n');
    const { host } = await readFacts({ code: 0, stderr: '', stdout }, 'postgresql');
    expect(host.labels).toEqual(labels);
  });
});
