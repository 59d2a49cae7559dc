// A cluster that somebody built by hand, with upstream's agent, becomes a region: as BUILT_BY_HAND says, and not by itself.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildByHand } from '../migration/by-hand.ts';
import { fingerprintOfRegion } from './drift.ts';
import type { Scenario } from './scenario.ts';
import { untilHealthy, type Stage } from './stage.ts';
import { expect } from './waiting.ts';

const sql = (query: string) => ['runuser', '-u', 'postgres', '--', 'psql', '-XAtqc', query, 'vmdb_production'] as const;
const rows = 'CREATE TABLE vms AS SELECT n AS id, md5(n::text) AS name FROM generate_series(1, 100000) n; SELECT 1';
const question = 'SELECT count(*), sum(hashtextextended(vms::text, 7)) FROM vms';

/** The file that `cfha init --from-cluster` writes on a node, with the passwords that it asks for. */
async function described(stage: Stage): Promise<string> {
  const [first] = stage.nodes;
  const binary = readFileSync(stage.cfha);
  writeFileSync(join(stage.testbed.layout.dir, 'nodes', first, 'root/root/cfha'), binary, { mode: 0o755 });
  const text = await stage.must(first, ['/root/cfha', 'init', '--from-cluster']);
  const { vcenter, replicator, cloudforms } = stage.region.passwords;
  return text
    .replace('fencing.password', vcenter.file)
    .replace('replicator.password', replicator.file)
    .replace('cloudforms.password', cloudforms.file)
    .replace(/^# ssh:$/m, `ssh: { identity: ${stage.testbed.layout.key} }`)
    .replace(/^# accept:$/m, 'accept: [CLOCK_NOT_KEPT]');
}

type Adoption = Readonly<{ path: string; primary: string; standby: string }>;

/** It is told what was found, and that nothing is taken over. */
async function refused(stage: Stage, { path }: Adoption): Promise<void> {
  const before = await fingerprintOfRegion(stage);
  const { code, stderr, stdout } = await stage.on('admin', [stage.cfha, 'bootstrap', path]);
  expect(code === 2 && stderr.includes('BUILT_BY_HAND'), `not refused: exit code ${code}\n${stdout}${stderr}`);
  expect(stderr.includes('postgresql (ocf:heartbeat:pgsql)'), `it does not say what was found:\n${stderr}`);
  expect((await fingerprintOfRegion(stage)) === before, 'the refusal has changed something');
  stage.say(stderr.trim());
}

/** Step by step what the message says. */
async function obeyed(stage: Stage, { path, primary, standby }: Adoption): Promise<void> {
  await stage.must(primary, ['pcs', 'cluster', 'stop', standby]);
  await stage.must(primary, ['pcs', 'cluster', 'stop', primary, '--force']);
  for (const node of stage.nodes) await stage.must(node, ['pcs', 'cluster', 'destroy']);
  const main = '/var/lib/postgresql/15/main';
  await stage.must(standby, ['mv', main, `${main}.by-hand`]);
  const source = '  source: { in_place: true }\n';
  writeFileSync(path, readFileSync(path, 'utf8').replace('postgres:\n', `postgres:\n${source}`));
}

async function play(stage: Stage): Promise<void> {
  await buildByHand(stage);
  const [primary, standby] = stage.nodes;
  await stage.must(primary, sql(rows));
  const before = await stage.must(primary, sql(question));
  const path = join(stage.region.folder, 'adopted.yaml');
  writeFileSync(path, await described(stage));
  stage.say(readFileSync(path, 'utf8'));
  await refused(stage, { path, primary, standby });
  await obeyed(stage, { path, primary, standby });
  const made = await stage.on('admin', [stage.cfha, 'bootstrap', path]);
  expect(made.code === 0, `exit code ${String(made.code)}\n${made.stdout}${made.stderr}`);
  await untilHealthy(stage, 30);
  for (const node of stage.nodes)
    expect((await stage.must(node, sql(question))) === before, `${node}: the rows are not those that were there`);
  const check = await stage.on('admin', [stage.cfha, 'bootstrap', path, '--check']);
  expect(check.code === 0, `--check: exit code ${String(check.code)}\n${check.stdout}${check.stderr}`);
}

export const adopting: Scenario = {
  name: 'a cluster built by hand is described, refused with what to do, and a region when that is done, row by row',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
