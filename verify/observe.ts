// Sees the region while it is broken: all nodes at once, each with its own word, none waited for long.
import { decoded, readAnswer } from '../bootstrap/answer.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { readView, type View } from '../cli/region/view.ts';
import type { Seen } from './drills/drill.ts';
import { script, type Places } from './places.ts';

const question = `echo "boot $(cat /proc/sys/kernel/random/boot_id)"
echo "cib $(timeout 5 cibadmin --query --local 2>/dev/null | base64 -w0)"
echo end
`;

export async function observe(places: Places, resource: string): Promise<Seen['nodes']> {
  const one = async (name: string) => [name, await observeNode(places, name, resource)] as const;
  return Object.fromEntries(await Promise.all(places.names.map(one)));
}

/** Undefined: the node does not answer. */
async function observeNode(places: Places, name: string, resource: string): Promise<Seen['nodes'][string]> {
  const result = await script(places, name, { text: question, seconds: 6 });
  try {
    const answer = readAnswer(result);
    return { boot: answer.one('boot') ?? '', view: viewIn(decoded(answer.one('cib')), resource) };
  } catch (error) {
    if (error instanceof UnreadableAnswer) return undefined;
    throw error;
  }
}

function viewIn(text: string | undefined, resource: string): View | undefined {
  if (text === undefined) return undefined;
  try {
    return readView({ code: 0, stdout: text, stderr: '' }, resource);
  } catch (error) {
    if (error instanceof UnreadableAnswer) return undefined;
    throw error;
  }
}
