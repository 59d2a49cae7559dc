// corosync.conf: the name of the cluster and its nodes. corosync.conf(5): sections in braces, `key: value` lines.

export type CorosyncConf = {
  readonly name: string;
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
};

/** Reads the text of a corosync.conf. */
export function readCorosyncConf(text: string): CorosyncConf {
  const lines = text.split('\n').map((line) => line.trim());
  const value = (within: readonly string[], key: string): string =>
    within
      .find((line) => line.startsWith(`${key}:`))
      ?.slice(key.length + 1)
      .trim() ?? '';
  const nodes = lines.flatMap((line, i) => {
    if (!/^node\s*\{$/.test(line)) return [];
    const inner = lines.slice(i + 1, lines.indexOf('}', i));
    return [{ name: value(inner, 'name'), address: value(inner, 'ring0_addr') }];
  });
  return { name: value(lines, 'cluster_name'), nodes };
}
