// corosync.conf: the name of the cluster, its nodes, its quorum device. corosync.conf(5): sections in braces, `key: value` lines.

export type CorosyncConf = {
  readonly name: string;
  readonly nodes: readonly { readonly name: string; readonly address: string; readonly second?: string }[];
  /** The survivor of two nodes keeps quorum. */
  readonly twoNode: boolean;
  /** A node that starts alone has no quorum before it has seen all others. Follows from two_node, unless it is given. */
  readonly waitForAll: boolean;
  readonly device?: { readonly host: string; readonly algorithm: string };
};

type Section = { readonly name: string; readonly values: Record<string, string>; readonly inner: Section[] };

/** Reads the text of a corosync.conf. */
export function readCorosyncConf(text: string): CorosyncConf {
  const root = sections(text);
  const net = within(root, ['quorum', 'device', 'net']);
  return {
    name: within(root, ['totem'])?.values['cluster_name'] ?? '',
    nodes: (within(root, ['nodelist'])?.inner ?? []).filter(({ name }) => name === 'node').map(nodeOf),
    ...votes(within(root, ['quorum'])),
    ...(net === undefined ? {} : { device: { host: net.values['host'] ?? '', algorithm: net.values['algorithm'] ?? '' } }),
  };
} // prettier-ignore

/** votequorum(5): "enabling two_node: 1 automatically enables wait_for_all", which an explicit 0 takes back. */
function votes(quorum: Section | undefined) {
  const { two_node: twoNode, wait_for_all: waitForAll = twoNode } = quorum?.values ?? {};
  return { twoNode: twoNode === '1', waitForAll: waitForAll === '1' };
}

function nodeOf({ values: { name = '', ring0_addr: address = '', ring1_addr: second } }: Section) {
  return { name, address, ...(second === undefined ? {} : { second }) };
}

function within(section: Section, path: readonly string[]): Section | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return section;
  const inner = section.inner.find((one) => one.name === name);
  return inner === undefined ? undefined : within(inner, rest);
}

function sections(text: string): Section {
  const root: Section = { name: '', values: {}, inner: [] };
  const path = [root];
  for (const line of text.split('\n').map((one) => one.trim())) {
    const here = path.at(-1) ?? root;
    const begins = /^(\w+)\s*\{$/.exec(line);
    if (begins !== null) path.push(begun(here, begins[1] ?? ''));
    else if (line === '}') path.pop();
    else Object.assign(here.values, valueOf(line));
  }
  return root;
}

function begun(around: Section, name: string): Section {
  const section = { name, values: {}, inner: [] };
  around.inner.push(section);
  return section;
}

function valueOf(line: string): Readonly<Record<string, string>> {
  const [, key, value] = /^(\w+):\s*(.*)$/.exec(line) ?? [];
  return key === undefined || value === undefined ? {} : { [key]: value };
}
