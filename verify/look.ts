// Asks everything that the static checks judge.
import { lostBecause } from '../bootstrap/hosts.ts';
import { timeOfDayMs } from '../lib/host/clock.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { queryCibArgv } from '../lib/pacemaker/cib.ts';
import { isSegment } from '../lib/postgres/wal-files.ts';
import type { CibFacts, Facts, NodeFacts } from './facts.ts';
import { clockScript, nodeScript, restoreWalScript, tablespacesScript } from './node-script.ts';
import { script, type Places } from './places.ts';
import { readTablespaces } from './platform.ts';
import { readCib } from './read-cib.ts';
import { readClock, readNode, readTried, type Clock } from './read-node.ts';
import { readAnswer } from '../bootstrap/answer.ts';

/** The CIB, from the first node that has one. Throws `UnreadableAnswer` if none has. */
export async function lookAtCib(places: Places, resource: string | undefined): Promise<CibFacts> {
  const why: string[] = [];
  for (const node of places.names) {
    const result = await places.run(node, { argv: queryCibArgv, timeoutMs: 15_000 });
    if (result.code === 0) return readCib(result.stdout, resource);
    why.push(`${node}: ${lostBecause(result) ?? (result.stderr.trim() || 'the cluster does not answer')}`);
  }
  throw new UnreadableAnswer(why.join('; '));
}

export async function askClock(places: Places, node: string): Promise<Clock> {
  const askedMs = timeOfDayMs();
  const result = await script(places, node, { text: clockScript, seconds: 20 });
  return readClock(result, { askedMs, answeredMs: timeOfDayMs() });
}

type Asked = { readonly node: NodeFacts } | { readonly name: string; readonly silent: string };

async function askNode(places: Places, name: string, cib: CibFacts): Promise<Asked> {
  try {
    // the first question opens the connection, the second one's time is only the way there and back
    await askClock(places, name);
    const clock = await askClock(places, name);
    return { node: readNode(name, await script(places, name, { text: nodeScript(cib) }), clock) };
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    return { name, silent: error.message };
  }
}

/** Gets back what was archived last, as every other node would. */
async function restoring(places: Places, cib: CibFacts, nodes: readonly NodeFacts[]): Promise<readonly NodeFacts[]> {
  const last = nodes.find(({ server }) => server?.standby === false)?.server?.archiver.last ?? '';
  if (!isSegment(last)) return nodes;
  return Promise.all(
    nodes.map(async (node) => {
      const command = node.server?.settings['restore_command'] ?? '';
      if (command === '' || node.server?.standby !== true) return node;
      const answer = readAnswer(await script(places, node.node, { text: restoreWalScript(cib, command, last) }));
      return { ...node, restored: readTried(answer.one('restored') ?? `${last} no answer`) };
    }),
  );
}

/** Looks at the directories of the primary's tablespaces on every node. */
async function lookingAtTablespaces(places: Places, cib: CibFacts, nodes: readonly NodeFacts[]): Promise<readonly NodeFacts[]> {
  const directories = nodes.find(({ server }) => server?.standby === false)?.server?.tablespaces ?? [];
  if (directories.length === 0) return nodes;
  return Promise.all(
    nodes.map(async (node) => {
      const answer = readAnswer(await script(places, node.node, { text: tablespacesScript(cib, directories), seconds: 20 }));
      return { ...node, platform: { ...node.platform, tablespaces: readTablespaces(answer) } };
    }),
  );
} // prettier-ignore

/** All there is to know; `drift` is asked by whoever has the region file. */
export async function look(places: Places, resource: string | undefined): Promise<Omit<Facts, 'drift'>> {
  const cib = await lookAtCib(places, resource);
  const asked = await Promise.all(places.names.map((name) => askNode(places, name, cib)));
  const nodes = asked.flatMap((one) => ('node' in one ? [one.node] : []));
  const silent = Object.fromEntries(asked.flatMap((one) => ('silent' in one ? [[one.name, one.silent] as const] : [])));
  const restored = await restoring(places, cib, nodes);
  return { cib, silent, nodes: await lookingAtTablespaces(places, cib, restored) };
}
