// How far the clocks of the nodes are apart, as far as a question over the network can tell.

/** A node's clock minus ours, in seconds: somewhere between the two, since it was read while the question was under way. */
export type Offset = { readonly from: number; readonly to: number };

/** What the clock of a node is to ours: what it said, and when it was asked and had answered by our clock. */
export function offset(said: number, asked: number, answered: number): Offset {
  return { from: said - answered, to: said - asked };
}

/** By how many seconds two clocks differ at least. */
export function atLeastApart(a: Offset, b: Offset): number {
  return Math.max(0, a.from - b.to, b.from - a.to);
}
