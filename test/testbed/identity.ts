// What makes a node this one node: name, keys, who may log in. And the administrator's side of it.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { addressOf, hostsFile, type Layout } from './layout.ts';
import { layerContents } from './disk.ts';
import { must } from './processes.ts';

/** Writes a node's own files below `dir`. */
export async function writeIdentity(layout: Layout, node: string, dir: string): Promise<void> {
  mkdirSync(`${dir}/etc/ssh`, { recursive: true });
  mkdirSync(`${dir}/root/.ssh`, { recursive: true, mode: 0o700 });
  chmodSync(`${dir}/root`, 0o700);
  writeFileSync(`${dir}/etc/hostname`, `${node}\n`);
  writeFileSync(`${dir}/etc/machine-id`, `${randomBytes(16).toString('hex')}\n`, { mode: 0o444 });
  copyFileSync(`${layout.key}.pub`, `${dir}/root/.ssh/authorized_keys`);
  await must('ssh-keygen', ['-q', '-A', '-f', dir]);
}

/** The administrator's key pair, as far as it is missing. */
export async function ensureKey(layout: Layout): Promise<void> {
  if (existsSync(layout.key) && existsSync(`${layout.key}.pub`)) return;
  rmSync(layout.key, { force: true });
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `testbed ${layout.name}`, '-f', layout.key]);
}

/** known_hosts of all nodes, and what `exec admin` sees as /root/.ssh and /etc/hosts. */
export function writeAdminFiles(layout: Layout, nodes: readonly string[]): void {
  const lines = nodes.map((node) => {
    const [type = '', key = ''] = readFileSync(
      `${layerContents(layout, node, '1')}/etc/ssh/ssh_host_ed25519_key.pub`,
      'utf8',
    ).split(' ');
    return `${node},${addressOf(node)} ${type} ${key.trim()}\n`;
  });
  writeFileSync(layout.knownHosts, lines.join(''));
  writeFileSync(layout.adminHosts, hostsFile(nodes));
  mkdirSync(layout.sshDir, { recursive: true, mode: 0o700 });
  for (const file of ['id_ed25519', 'id_ed25519.pub', 'known_hosts']) {
    if (!existsSync(`${layout.sshDir}/${file}`)) symlinkSync(`${layout.dir}/${file}`, `${layout.sshDir}/${file}`);
  }
}

/** Adds the nodes that a mounted disk's /etc/hosts does not know yet. */
export function completeHosts(root: string, nodes: readonly string[]): void {
  const path = `${root}/etc/hosts`;
  const known = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const missing = nodes.filter((node) => !known.includes(`${addressOf(node)} `));
  if (missing.length === nodes.length) writeFileSync(path, hostsFile(nodes));
  else if (missing.length > 0)
    writeFileSync(path, known + missing.map((node) => `${addressOf(node)} ${node}\n`).join(''));
}
