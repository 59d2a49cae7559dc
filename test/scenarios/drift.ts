// A running region that is not as its file says any more: seen without a change, repaired without a restart.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';
import { untilHealthy, type Stage } from './stage.ts';
import { expect, waitUntil } from './waiting.ts';

const postmaster = ['sh', '-c', 'head -n 1 /var/lib/postgresql/*/main/postmaster.pid'] as const;
const postmasters = (stage: Stage) => Promise.all(stage.nodes.map((node) => stage.must(node, postmaster)));

// What a running region does not change by itself.
const print = `{ find /etc /usr /opt /root/.ssh /var/lib/pcsd -xdev -not -type d -printf '%p %s %T@ %m %u %l\\n' | sort
cibadmin --query --scope=resources; cibadmin --query --scope=constraints; cibadmin --query --scope=crm_config
cat /var/lib/postgresql/*/main/*.conf; } | sha256sum`;
/** Stands for all that bootstrap could have changed on the nodes of a region that runs. */
export async function fingerprintOfRegion(stage: Stage): Promise<string> {
  return (await Promise.all(stage.nodes.map((node) => stage.must(node, ['sh', '-c', print])))).join('');
}

/** What somebody did, and the goal that does not hold since. */
const changes: readonly (readonly [goal: string, where: 0 | 1, script: string])[] = [
  ['cluster/configured', 0, 'pcs property set priority-fencing-delay=0'],
  ['cluster/configured', 0, 'pcs resource meta postgresql-clone notify=false'],
  ['cluster/pcsd', 1, 'systemctl disable --now pcsd'],
  ['postgres/settings', 1, 'echo "host all all 0.0.0.0/0 trust" >>/var/lib/postgresql/15/main/pg_hba.conf'],
  ['postgres/service', 0, 'systemctl enable postgresql'],
  ['nodes/secrets', 1, 'chmod 644 /etc/cfha/fencing.password'],
];

async function ended(stage: Stage, code: number, ...more: readonly string[]): Promise<string> {
  const { code: found, stdout, stderr } = await stage.bootstrap(...more);
  expect(found === code, `bootstrap ${more.join(' ')}: exit code ${String(found)}, not ${code}\n${stdout}${stderr}`);
  return stdout + stderr;
}

async function play(stage: Stage): Promise<void> {
  await ended(stage, 0, '--check');
  const before = await postmasters(stage);
  for (const [, where, script] of changes) await stage.must(stage.nodes[where], ['sh', '-euc', script]);
  const prints = await fingerprintOfRegion(stage);
  const drift = await ended(stage, 3, '--check');
  stage.say(drift);
  for (const [goal] of changes) expect(drift.includes(goal), `--check does not say ${goal}:\n${drift}`);
  expect((await fingerprintOfRegion(stage)) === prints, '--check has changed something');
  await ended(stage, 0);
  await ended(stage, 0, '--check');
  expect(String(await postmasters(stage)) === String(before), 'PostgreSQL was restarted by the repair');
  await restarts(stage);
  await locked(stage);
}

/** A parameter of the agent: not without --restart. */
async function restarts(stage: Stage): Promise<void> {
  const path = join(stage.region.folder, 'restart.yaml');
  writeFileSync(path, stage.region.text.replace('parameters: {}', 'parameters: { stop_escalate: 30 }'));
  const run = (...more: readonly string[]) => stage.on('admin', [stage.cfha, 'bootstrap', path, ...more]);
  const before = await postmasters(stage);
  const refused = await run();
  expect(refused.code === 2 && refused.stderr.includes('RESTART_NEEDED'), `not refused:\n${refused.stderr}`);
  expect(String(await postmasters(stage)) === String(before), 'PostgreSQL was restarted by the refusal');
  const done = await run('--restart');
  expect(done.code === 0, `--restart: exit code ${String(done.code)}\n${done.stderr}`);
  await untilHealthy(stage, 60);
  expect((await run('--check')).code === 0, 'after --restart not all is as the file says');
}

/** Somebody else is at work on the second node. */
async function locked(stage: Stage): Promise<void> {
  const script = 'exec 9>>/run/cfha-region.lock; flock 9; echo anna >/run/cfha-region.holder; sleep 600';
  const child = stage.testbed.start(stage.nodes[1], ['sh', '-c', script], { stdio: 'ignore' });
  try {
    const holds = async () =>
      (await stage.on(stage.nodes[1], ['cat', '/run/cfha-region.holder'])).stdout.includes('anna');
    await waitUntil('the lock is held', holds, 10);
    const text = await ended(stage, 2);
    expect(text.includes('LOCKED') && text.includes('anna'), `it does not say who:\n${text}`);
  } finally {
    child.kill('SIGKILL');
    await stage.on(stage.nodes[1], ['sh', '-c', 'fuser -k /run/cfha-region.lock; rm -f /run/cfha-region.holder']);
  }
}

export const drifts: Scenario = {
  name: 'a region that was changed by hand is seen by --check, and repaired without a restart',
  from: 'bootstrapped',
  core: false,
  ends: 'otherwise',
  play,
};
