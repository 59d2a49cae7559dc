// Whether two servers took writes at the same time, by what every node's own address answered. Pure.

export type ProbeAnswer = { readonly node: string; readonly atMs: number; readonly writable: boolean };

export type Overlap = { readonly nodes: readonly [string, string]; readonly atMs: number };

/**
 * A node that took a write before and after another one did, and refused none in between: both were writable then.
 * The clocks are one: all answers came here.
 */
export function overlapOf(answers: readonly ProbeAnswer[]): Overlap | undefined {
  const sorted = answers.toSorted((a, b) => a.atMs - b.atMs);
  /** The nodes that took a write, and by whom others did so since. */
  const since = new Map<string, Map<string, number>>();
  for (const { node, atMs, writable } of sorted) {
    if (!writable) {
      since.delete(node);
      continue;
    }
    const [other] = since.get(node) ?? [];
    if (other !== undefined) return { nodes: [node, other[0]], atMs: other[1] };
    for (const [name, others] of since) if (name !== node && !others.has(node)) others.set(node, atMs);
    since.set(node, new Map());
  }
  return undefined;
}

/** When each node took writes, as spans; a silence of more than two seconds ends one. */
export function spansOf(
  answers: readonly ProbeAnswer[],
): readonly { readonly node: string; readonly fromMs: number; readonly toMs: number }[] {
  const spans: { node: string; fromMs: number; toMs: number }[] = [];
  for (const { node, atMs } of answers.filter(({ writable }) => writable).toSorted((a, b) => a.atMs - b.atMs)) {
    const last = spans.findLast((span) => span.node === node);
    if (last !== undefined && atMs - last.toMs < 2000) last.toMs = atMs;
    else spans.push({ node, fromMs: atMs, toMs: atMs });
  }
  return spans;
}
