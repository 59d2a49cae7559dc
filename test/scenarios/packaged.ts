// Servers without any of a region's programs: apt brings them, and starts none of them before its time.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitionOf } from '../testbed/definition.ts';
import { offerPackages } from '../testbed/packages.ts';
import { expectRefusal } from './bad-input.ts';
import type { Scenario } from './scenario.ts';
import { untilHealthy, type Stage } from './stage.ts';
import { expect } from './waiting.ts';

const names = [
  ...['pcs', 'corosync', 'pacemaker', 'pacemaker-cli-utils', 'resource-agents', 'fence-agents'],
  ...['corosync-qdevice', 'postgresql-15'],
];

/** As a server is that was just installed. */
const strip = `export DEBIAN_FRONTEND=noninteractive
apt-get -q -y --purge autoremove pcs 'corosync*' 'pacemaker*' resource-agents 'fence-agents*' 'postgresql*'
rm -rf /etc/corosync /etc/postgresql-common /var/lib/pcsd /var/lib/pacemaker /var/lib/postgresql
! command -v pcs && ! command -v pacemakerd && ! command -v pg_lsclusters`;

/** Offers packages to a node, those of its own suite. */
export async function offered(stage: Stage, node: string, wanted: readonly string[]): Promise<void> {
  const { layout } = stage.testbed;
  const suite = definitionOf(layout)?.suite;
  if (suite === undefined) throw new Error(`testbed ${layout.name} is not there`);
  await offerPackages(layout, node, { suite, names: wanted });
}

const processes = ['sh', '-c', 'ps -eo comm= | grep -cE "^(postgres|corosync|pacemakerd)$" || true'] as const;

async function play(stage: Stage): Promise<void> {
  await Promise.all(stage.nodes.map((node) => stage.must(node, ['sh', '-euc', strip], { timeoutMs: 300_000 })));
  const path = join(stage.region.folder, 'packaged.yaml');
  const run = async (...more: readonly string[]) => {
    const { code, stdout, stderr } = await stage.on('admin', [stage.cfha, 'bootstrap', path, ...more]);
    return { code, text: stdout + stderr };
  };
  writeFileSync(path, stage.region.text);
  await expectRefusal(stage, () => run(), [/PROGRAM_MISSING/, /NO_SERVER/, /packages: install/]);

  const install = (postgres: string) =>
    stage.region.text.replace('postgres:\n', `packages: install\npostgres:\n${postgres}`);
  writeFileSync(path, install('  version: 15\n'));
  const without = await run();
  expect(
    without.code === 1 && without.text.includes('Unable to locate package'),
    `no package source:\n${without.text}`,
  );
  stage.say(/.*Unable to locate package.*/.exec(without.text)?.[0].trim() ?? '');

  await Promise.all(stage.nodes.map((node) => offered(stage, node, names)));
  const plan = await run('--plan');
  expect(plan.code === 0 && plan.text.includes('install PostgreSQL 15'), `--plan:\n${plan.text}`);
  const made = await run();
  expect(made.code === 0, `exit code ${made.code}\n${made.text}`);
  stage.say((await untilHealthy(stage, 30)).text);
  for (const node of stage.nodes) {
    const one = (await stage.must(node, processes)).trim();
    expect(one !== '0', `${node}: nothing runs`);
    const clusters = await stage.must(node, ['pg_lsclusters', '--no-header']);
    expect(!clusters.includes('5433'), `${node}: the package made an instance of its own:\n${clusters}`);
    const left = await stage.on(node, ['ls', '/usr/sbin/policy-rc.d']);
    expect(left.code !== 0, `${node}: /usr/sbin/policy-rc.d is left`);
  }
  const again = await run();
  expect(again.text.includes('nothing was executed'), `second run:\n${again.text}`);
}

export const packaged: Scenario = {
  name: 'servers without any of the programs: they are installed from the package sources, and a region comes of them',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
