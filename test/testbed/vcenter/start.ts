// Starts the testbed's vCenter on the switch.
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { createGroups, isOccupied, killGroup } from '../cgroups.ts';
import { switchAddress, type Layout } from '../layout.ts';
import { must, run, start, until } from '../processes.ts';
import { Refusal } from '../refusal.ts';

/** The vCenter, as far as it is missing. */
export async function ensureVcenter(layout: Layout): Promise<void> {
  await ensureSecrets(layout);
  if (isOccupied(layout, 'vcenter') && (await answers(layout))) return;
  await killGroup(layout, 'vcenter');
  const output = openSync(layout.vcenter.output, 'a');
  const join = 'for group in $GROUPS_OF_VCENTER; do echo $$ >"$group/cgroup.procs" || exit 1; done; exec "$@"';
  const inside = [
    'nsenter',
    `--net=/run/netns/${layout.netns('switch')}`,
    process.execPath,
    `${import.meta.dirname}/../main.ts`,
    'serve-vcenter',
    '--name',
    layout.name,
  ];
  const env = { PATH: process.env['PATH'], GROUPS_OF_VCENTER: createGroups(layout, 'vcenter').join(' ') };
  const server = start(
    { file: 'sh', args: ['-c', join, 'sh', ...inside] },
    { detached: true, env, cwd: '/', stdio: ['ignore', output, output] },
  );
  closeSync(output);
  server.unref();
  const there = await until(async () => server.exitCode !== null || (await answers(layout)), {
    seconds: 20,
    everyMs: 100,
  });
  if (!there || server.exitCode !== null) throw new Refusal(`the vCenter does not start; see ${layout.vcenter.output}`);
}

async function ensureSecrets(layout: Layout): Promise<void> {
  const { password, key, certificate } = layout.vcenter;
  if (!existsSync(password)) writeFileSync(password, randomBytes(18).toString('base64url'), { mode: 0o600 });
  if (existsSync(key) && existsSync(certificate)) return;
  const subject = ['-subj', '/CN=vcenter', '-addext', `subjectAltName=IP:${switchAddress}`, '-days', '3650'];
  await must('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
  ]);
}

async function answers(layout: Layout): Promise<boolean> {
  const args = [`--net=/run/netns/${layout.netns('switch')}`, 'bash', '-c', `exec 3<>/dev/tcp/${switchAddress}/443`];
  return (await run({ file: 'nsenter', args }, { timeoutMs: 2000 })).code === 0;
}
