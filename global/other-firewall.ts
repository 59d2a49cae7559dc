// The host's own firewall, beside the gate: what the gate lets in must not be kept out there (gate.firewall).
import type { Exec } from '../lib/host/exec.ts';
import { opening } from '../lib/host/port-openers.ts';
import type { Line } from './rules/facts.ts';
import type { Spec } from './spec.ts';

const timeoutMs = 20_000;

/** Opens the port there, if it is not open. What there is to say: nothing, that it was done, or (a warning) why it could not be. */
export async function letIn({ gate: { firewall }, postgres: { port } }: Spec, exec: Exec): Promise<Line | undefined> {
  const wanted = opening(firewall, port);
  if (wanted === undefined || (await exec({ argv: wanted.isOpen, timeoutMs })).code === 0) return undefined;
  for (const argv of wanted.open) {
    const { code, stderr, failure } = await exec({ argv, timeoutMs });
    const because = failure ?? (stderr.trim() || `exit code ${String(code)}`);
    if (code !== 0)
      return ['WARNING', `${firewall} does not open port ${port}, so nobody reaches the gate: ${because}`];
  }
  return ['INFO', `Port ${port} is open in ${firewall} now: the gate decides`];
}
