// Upstream's own tests, unmodified, against our agent: ocft's cases of pgsql, ocf-tester, and every schema of metadata that
// Debian packages ship.   scripts/with-node test/upstream/run.ts
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parameters } from '../../meta/parameters.ts';
import { sourcesOf, type Suite } from '../testbed/rootfs.ts';
import { install, ourAgent, upstreamAgent } from '../differential/programs.ts';

const here = import.meta.dirname;
const tools = join(here, '../differential/tools');
const count = { passed: 0, failed: 0, skipped: 0 };

function check(name: string, ok: boolean, output: string): void {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
  if (!ok) console.log(output.replaceAll(/^/gm, '    '));
  if (ok) count.passed += 1;
  else count.failed += 1;
}

function skip(name: string): void {
  console.log(`skipped ${name}`);
  count.skipped += 1;
}

function run(file: string, words: readonly string[], input = ''): { status: number; output: string } {
  const { status, stdout, stderr } = spawnSync(file, words, { encoding: 'utf8', input, timeout: 300_000 });
  return { status: status ?? 1, output: `${stdout}${stderr}` };
}

/** The cases of ocft, one test each. There are eleven: fewer means that it stopped on the way. */
function ocft(agent: string, place: 'heartbeat' | 'custom'): void {
  const { output } = run(join(here, 'ocft.sh'), [agent, place]);
  const cases = output.split('\n').flatMap((line) => {
    const found = /^\w+: (.*) - (.*)$/.exec(line);
    return found === null ? [] : [{ name: found[1] ?? '', ok: found[2] === 'OK.' }];
  });
  const where = place === 'heartbeat' ? 'in the place of ocf:heartbeat:pgsql' : 'as ocf:custom:cfpgsql';
  for (const { name, ok } of cases) check(`ocft, ${where}: ${name}`, ok, output);
  if (cases.length !== 11) check(`ocft, ${where}: all eleven cases`, false, output);
}

function tester(mode: string, options: readonly string[]): void {
  const { status, output } = run(join(here, 'ocf-tester.sh'), [ourAgent(), mode, tools, ...options]);
  check(`ocf-tester, rep_mode=${mode}${options.length === 0 ? '' : `, ${options.join(' ')}`}`, status === 0, output);
}

/** Upstream's agent fails it in both modes: docs/deviations.md says which of ours make the difference. */
function testerOfUpstream(mode: string): void {
  const { status, output } = run(join(here, 'ocf-tester.sh'), [upstreamAgent, mode, tools]);
  check(`ocf-tester, rep_mode=${mode}: upstream's agent does not pass`, status !== 0, output);
}

type Schema = { readonly name: string; readonly from: string; readonly path: string };

/** From packages that would pull in half a cluster only a file is taken. */
function extracted(folder: string, [from, file]: readonly [string, string], apt: readonly string[] = []): string {
  const script = `cd ${folder} && apt-get -qq ${apt.join(' ')} download ${from} && dpkg-deb -x ${from}_*.deb ${from}`;
  spawnSync('bash', ['-c', script]);
  return join(folder, from, file);
}

/** Options with which apt knows another suite's packages, and this machine's apt stays as it is. */
function aptOf(suite: Suite, folder: string): readonly string[] {
  const [sources, lists, cache] = [join(folder, 'suite.sources'), join(folder, 'lists'), join(folder, 'cache')];
  for (const place of [lists, cache]) mkdirSync(place);
  writeFileSync(sources, sourcesOf(suite, ['']));
  const settings = { 'Etc::sourcelist': sources, 'Etc::sourceparts': '-', 'State::lists': lists, Cache: cache };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `Dir::${name}=${value}`]);
  run('apt-get', ['-qq', ...options, 'update']);
  return options;
}

function schemas(folder: string): Schema[] {
  const resourceAgents = '/usr/share/resource-agents';
  return [
    { name: 'metadata.rng', from: 'resource-agents', path: join(resourceAgents, 'metadata.rng') },
    ...['ocf-1.0.rng', 'ocf-1.1.rng'].map((name) => ({
      name,
      from: 'pcs',
      path: extracted(folder, ['pcs', `usr/share/pcs/data/${name}`]),
    })),
    {
      // Debian 12's package lacks it.
      name: 'ocf-ra-1.1.rng',
      from: 'pacemaker-common',
      path: extracted(folder, ['pacemaker-common', 'usr/share/pacemaker/api/ocf-ra-1.1.rng'], aptOf('trixie', folder)),
    },
  ];
}

function metadata(folder: string): void {
  const { status, output } = run(ourAgent(), ['meta-data']);
  const file = join(folder, 'metadata.xml');
  writeFileSync(file, output);
  check('metadata: printed', status === 0, output);
  const dtd = run('bash', ['-c', `cd /usr/share/resource-agents && xmllint --noout --valid - <${file}`]);
  check('metadata: valid against ra-api-1.dtd of resource-agents', dtd.status === 0, dtd.output);
  for (const { name, from, path } of schemas(folder)) {
    const answer = run('xmllint', ['--noout', '--relaxng', path, file]);
    check(`metadata: valid against ${name} of ${from}`, answer.status === 0, answer.output);
  }
}

install({
  postgresql: '/usr/lib/postgresql',
  'resource-agents': upstreamAgent,
  'libxml2-utils': '/usr/bin/xmllint',
  iproute2: '/usr/sbin/ip',
});
const folder = mkdtempSync(join(tmpdir(), 'cfu-'));
try {
  ocft(ourAgent(), 'heartbeat');
  ocft(ourAgent(), 'custom');
  tester('none', []);
  testerOfUpstream('none');
  if ('demote_to' in parameters) tester('async', ['demote_to=standby']);
  else skip('ocf-tester, rep_mode=async: demote ends stopped, as with pgsql; no parameter makes it a standby');
  testerOfUpstream('async');
  metadata(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`Tests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
if (count.failed > 0) process.exitCode = 1;
