// Two servers and a third machine whose vote decides: a quorum device, its host prepared as the message says.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf } from '../testbed/layout.ts';
import { offered } from './packaged.ts';
import type { Scenario } from './scenario.ts';
import { exposed, placesWith, secretsOf, watchCommandLines } from './secrets.ts';
import { primaryOf } from './seen.ts';
import { begin, untilHealthy, type Stage } from './stage.ts';
import { expect, waitUntil } from './waiting.ts';

const hacluster = randomBytes(18).toString('base64url');

/** The stage with the first two machines as its nodes; the third one is outside of the region. */
function pairOf(stage: Stage): Readonly<{ pair: Stage; third: string }> {
  const [first, second, third = ''] = stage.nodes;
  const text = stage.region.text
    .replace(new RegExp(` {2}- \\{ name: ${third}.*\n`), '')
    .replace(new RegExp(`, ${third}: [^ ]*`), '')
    .replace(
      'fencing:\n',
      `packages: install
quorum: { host: ${third}, address: ${addressOf(third)}, password: { file: hacluster.password } }
fencing:\n`,
    )
    .replace('postgres:\n', 'postgres:\n  version: 15\n');
  const path = join(stage.region.folder, 'quorum.yaml');
  writeFileSync(path, text);
  writeFileSync(join(stage.region.folder, 'hacluster.password'), `${hacluster}\n`, { mode: 0o600 });
  const region = { ...stage.region, path, text };
  const bootstrap = (...more: readonly string[]) => stage.on('admin', [stage.cfha, 'bootstrap', path, ...more]);
  return { pair: { ...stage, nodes: [first, second], region, bootstrap }, third };
}

const install = `export DEBIAN_FRONTEND=noninteractive
apt-get -q update; apt-get -q -y --no-install-recommends install corosync-qnetd`;

/** What QUORUM_CLOSED says is to be done there; the package of Debian has set the device up. */
const prepare = 'pcs qdevice enable net; pcs qdevice start net';

/** How many votes the cluster has, and which are given, as Corosync says. */
async function votes({ nodes: [first], must }: Stage): Promise<string> {
  return (await must(first, ['corosync-quorumtool', '-s']).catch(String)).replaceAll(/ +/g, ' ');
}

const untilVotes = (stage: Stage, given: number) =>
  waitUntil(`${given} votes of 3`, async () => {
    const text = await votes(stage);
    return text.includes('Expected votes: 3') && text.includes(`Total votes: ${given}\n`) && text.includes('Quorate: Yes');
  }, 60); // prettier-ignore

async function secretsKept(pair: Stage, third: string, secrets: readonly string[]): Promise<void> {
  for (const node of [...pair.nodes, third]) {
    const places = await placesWith(pair, node, secrets);
    pair.say(`${node}: passwords are in ${places.join(', ') || 'no file'}`);
    const wrong = await exposed(pair, node, places);
    expect(wrong.length === 0, `${node}: passwords are in ${wrong.join(', ')}`);
  }
  const log = await pair.must('admin', ['cat', '/var/log/cfha/bootstrap.log']);
  expect(!secrets.some((secret) => log.includes(secret)), 'the log of cfha holds a password');
}

/** Its host is lost, and the region goes on; then a node as well, after the host is back. */
async function lives(pair: Stage, third: string): Promise<void> {
  const { testbed } = pair;
  await testbed.power('off', third);
  await untilVotes(pair, 2);
  expect(primaryOf(await untilHealthy(pair, 30)) === pair.nodes[0], 'the loss of the quorum device moves the primary');
  await testbed.power('on', third);
  await untilVotes(pair, 3);
  await testbed.power('off', pair.nodes[1]);
  await untilVotes(pair, 2);
  await waitUntil('the primary goes on alone', async () => (await pair.look())?.promoted[0] === pair.nodes[0], 30);
  // fencing gives the power back
  await untilHealthy(pair, 240);
  await untilVotes(pair, 3);
}

async function play(stage: Stage): Promise<void> {
  await begin(stage, 'bare');
  const { pair, third } = pairOf(stage);
  for (const node of stage.nodes) await offered(stage, node, ['corosync-qdevice', 'corosync-qnetd']);
  const closed = await pair.bootstrap();
  expect(
    closed.code === 2 && closed.stderr.includes('QUORUM_CLOSED'),
    `not refused:\n${closed.stdout}${closed.stderr}`,
  );
  await stage.must(third, ['sh', '-euc', `${install}\n${prepare}`], { timeoutMs: 300_000 });
  await stage.must(third, ['chpasswd'], { input: `hacluster:${hacluster}\n` });

  const secrets = [...secretsOf(pair), hacluster];
  const watch = watchCommandLines(secrets);
  const made = await pair.bootstrap().finally(() => watch.stop());
  expect(made.code === 0, `exit code ${String(made.code)}\n${made.stdout}${made.stderr}`);
  expect(watch.samples() > 100 && watch.stop().length === 0, 'command lines held a password');
  await untilHealthy(pair, 30);
  await untilVotes(pair, 3);
  pair.say(await votes(pair));
  await secretsKept(pair, third, secrets);
  const again = await pair.bootstrap();
  expect(again.stdout.includes('nothing was executed'), `second run:\n${again.stdout}${again.stderr}`);
  await lives(pair, third);
}

export const quorumDevice: Scenario = {
  name: 'a quorum device: refused until its host is prepared as the message says, then its vote counts, and no password is seen',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
