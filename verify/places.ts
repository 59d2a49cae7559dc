// Where the nodes of a region are asked: over ssh as the region file says, or this machine alone, as one of them.
import type { Result } from '../lib/host/exec.ts';
import { UnreadableAnswer } from '../lib/host/exec.ts';
import { localExec, type FedCommand } from '../lib/host/local.ts';
import { localNameArgv } from '../lib/pacemaker/attributes.ts';

export type Places = {
  readonly names: readonly string[];
  readonly run: (node: string, command: FedCommand) => Promise<Result>;
};

/** This machine. Throws `UnreadableAnswer` if it is no node of a cluster. */
export async function thisNode(): Promise<Places> {
  const { code, stdout } = await localExec({ argv: localNameArgv, timeoutMs: 10_000 });
  const name = stdout.trim();
  if (code !== 0 || name === '')
    throw new UnreadableAnswer('this machine is no node of a running cluster: name the region file, or go to a node');
  return { names: [name], run: (_, command) => localExec(command) };
}

/** A script on a node, from its standard input: it may be long, and nobody sees it in a list of processes. */
export function script({ run }: Places, node: string, { text, seconds = 120 }: Script): Promise<Result> {
  return run(node, { argv: ['sh', '-s'], input: text, timeoutMs: seconds * 1000 });
}

type Script = { readonly text: string; readonly seconds?: number };
