// Region files and servers that bootstrap must refuse: exit code 2, with the words that help, and nothing changed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage.ts';
import { expect } from './waiting.ts';

type Edit = (text: string) => string;

/** A wrong file: what is changed in a right one, and what the answer must contain. */
export type WrongFile = Readonly<{ name: string; edit: Edit; says: readonly RegExp[] }>;

function swap(from: string | RegExp, to: string): Edit {
  return (text) => {
    const changed = text.replace(from, to);
    expect(changed !== text, `the region file has no ${String(from)}`);
    return changed;
  };
}

export const wrongFiles: readonly WrongFile[] = [
  { name: 'an unknown key', edit: (t) => `${t}colour: blue\n`, says: [/colour/] },
  { name: 'one node', edit: swap(/ {2}- \{ name: db2.*\n/, ''), says: [/nodes/] },
  { name: 'two nodes of one name', edit: swap('name: db2', 'name: db1'), says: [/nodes\[1\]\.name/] },
  { name: 'two nodes of one address', edit: swap('10.77.0.12', '10.77.0.11'), says: [/nodes\[1\]\.address/] },
  { name: 'a virtual IP outside the nodes’ network', edit: swap('10.77.0.100', '10.78.0.100'), says: [/vip\.address/] },
  { name: 'a missing password file', edit: swap('replicator.password', 'no.password'), says: [/no\.password/] },
  { name: 'no YAML', edit: () => 'region: [dc1\n', says: [/line/] },
  {
    name: 'three problems at once',
    edit: (t) => swap('10.77.0.100', '10.78.0.100')(swap('name: db2', 'name: db1')(`${t}colour: blue\n`)),
    says: [/colour/, /nodes\[1\]\.name/, /vip\.address/],
  },
];

export type Refused = Readonly<{ code: number; text: string }>;

/** Bootstraps with a file of its own beside the right one. */
export async function tryFile(stage: Stage, edit: Edit): Promise<Refused> {
  const path = join(stage.region.folder, 'wrong.yaml');
  writeFileSync(path, edit(stage.region.text));
  const { code, stdout, stderr } = await stage.on('admin', [stage.cfha, 'bootstrap', path]);
  return { code, text: stdout + stderr };
}

// What a bootstrap could change; not what a running machine changes by itself.
const places = '/etc /usr /opt /root/.ssh /var/lib/pcsd /var/lib/pacemaker /var/lib/corosync /var/lib/postgresql';
const print = `find ${places} -xdev -not -type d -printf '%p %s %T@ %m %u %l\\n' | sort | sha256sum`;

/** Stands for all that bootstrap could have changed on both nodes. */
export async function fingerprint(stage: Stage): Promise<string> {
  const prints: string[] = [];
  for (const node of stage.nodes.filter((name) => stage.testbed.isOn(name)))
    prints.push(await stage.must(node, ['sh', '-c', print]));
  return prints.join('');
}

/** A refusal is complete: code, words, and both nodes as they were. */
export async function expectRefusal(
  stage: Stage,
  attempt: () => Promise<Refused>,
  says: readonly RegExp[],
): Promise<void> {
  const before = await fingerprint(stage);
  const { code, text } = await attempt();
  expect(code === 2, `exit code ${code}, not 2:\n${text}`);
  const missing = says.filter((pattern) => !pattern.test(text));
  expect(missing.length === 0, `it does not say ${missing.join(', ')}:\n${text}`);
  expect((await fingerprint(stage)) === before, `something was changed:\n${text}`);
}
