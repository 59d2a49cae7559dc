// What the testbed needs of this machine, installed with apt as far as it is missing.
import { existsSync } from 'node:fs';
import { run } from './processes.ts';
import { Refusal } from './refusal.ts';

const needs: Readonly<Record<string, string>> = {
  mmdebstrap: '/usr/bin/mmdebstrap',
  'systemd-container': '/usr/bin/systemd-nspawn',
  iproute2: '/bin/ip',
  'openssh-client': '/usr/bin/ssh',
  openssl: '/usr/bin/openssl',
  'util-linux': '/usr/bin/nsenter',
  mount: '/bin/mount',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
};

/** Installs what is missing. */
export async function ensureRequirements(say: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0) throw new Refusal('the testbed needs root: sudo scripts/testbed …');
  const missing = Object.entries(needs)
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);
  if (missing.length === 0) return;
  say(`installing ${missing.join(' ')} with apt`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run({ file: 'apt-get', args: ['-q', 'update'] }, { env });
  const { code, stderr } = await run(
    { file: 'apt-get', args: ['-q', 'install', '-y', '--no-install-recommends', ...missing] },
    { env },
  );
  if (code !== 0)
    throw new Refusal(`apt-get install ${missing.join(' ')} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
}
