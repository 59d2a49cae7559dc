// cfha failover: when no primary is left, a person decides who goes on, knowing what may be lost. Pure.
import { end, first, refuse, type Move, type Plan, type Progress, type Verb } from './verb.ts';
import { choices, hasGoodRecord, losses } from './standing.ts';
import { nameOf, nodeNamed, primaryOf, valueOf, type NodeView, type View } from './view.ts';

const limitSeconds = 120;

/** `loss`: what the person accepts to lose, bytes or `all`; undefined: nothing. */
export function failover(to: string, loss: string | undefined): Verb {
  return { plan: (view) => planned(view, to, loss), next: (view, progress) => next(view, progress, { to, loss }) };
}

function planned(view: View, to: string, loss: string | undefined): Plan {
  const node = nodeNamed(view, to);
  return first(thereIsOne(primaryOf(view), to), ...objections(view, node, to)) ?? stated(view, node, loss);
}

function thereIsOne(primary: NodeView | undefined, to: string): Plan | undefined {
  if (primary === undefined) return undefined;
  return primary.name.toLowerCase() === to.toLowerCase()
    ? { nothing: `${primary.name} is the primary already` }
    : refuse(`${primary.name} is the primary`, `cfha switchover --to ${to}`);
}

function stated(view: View, node: NodeView | undefined, loss: string | undefined): Plan {
  const may = mayBeLost(view, node);
  const name = nameOf(node);
  if (may.length > 0 && loss === undefined)
    return refuse(`it may lose data: ${may.join('; ')}${choiceText(view)}`, `bring back what is missing, or accept it: cfha failover --to ${name} --accept-loss all`); // prettier-ignore
  if (loss !== undefined && loss !== 'all' && !hasGoodRecord(view, node))
    return refuse(`no number of bytes overrules the record of ${name}: ${may.join('; ')}${choiceText(view)}`, `cfha failover --to ${name} --accept-loss all`); // prettier-ignore
  return {
    plan: [
      ...may.map((line) => `may be lost: ${line}`),
      ...(loss === undefined ? [] : [`a loss of ${loss === 'all' ? 'any size' : `${loss} bytes`} is accepted`]),
      `${name} is promoted`,
    ],
    wait: 'until it is promoted; they wait already, as there is no primary',
  };
}

/** With more than one node to choose from: both sides. */
function choiceText(view: View): string {
  const all = choices(view);
  return all.length > 1 ? `. The choice is: ${all.join('. ')}` : '';
}

function objections(view: View, node: NodeView | undefined, to: string): (Plan | undefined)[] {
  const when = (holds: boolean, because: string, todo: string) => (holds ? refuse(because, todo) : undefined);
  return [
    when(node === undefined, `"${to}" is no node of the cluster`, `the nodes are ${view.nodes.map((n) => n.name).join(', ')}`),
    when(view.maintenance, 'the cluster is in maintenance mode', 'pcs property set maintenance-mode=false'),
    when(!view.quorate, 'this partition of the cluster has no quorum', 'bring the other node back'),
    when(node?.online !== true, `${to} is not online`, `pcs cluster start ${to}`),
    when(node?.role === undefined, `PostgreSQL does not run on ${to}`, 'cfha status says what it needs'),
  ]; // prettier-ignore
}

/** What others have, or may have, and this node has not; and what its record says of it. */
export function mayBeLost(view: View, node: NodeView | undefined): readonly string[] {
  if (node === undefined) return [];
  const lost = losses(view, node);
  if (hasGoodRecord(view, node)) return lost;
  const record = `by its record (${valueOf(view, node, 'dataStatus') ?? ''}) a primary went on without ${node.name}`;
  return lost.length === 0 ? [`${record}; by what the nodes have published it lacks nothing`] : [record, ...lost];
}

type Wanted = { readonly to: string; readonly loss: string | undefined };

function next(view: View, progress: Progress, { to, loss }: Wanted): Move {
  const name = nameOf(nodeNamed(progress.before, to));
  const accepted = progress.done.includes('accept');
  if (primaryOf(view)?.name === name) return ended(view, progress, end(0, `${name} is the primary`));
  if (loss !== undefined && !accepted)
    return { move: 'run', mark: 'accept', says: 'record what may be lost', argv: attributeArgv(view, name, loss) };
  if (progress.stopping || progress.done.includes('forget') || progress.sinceMs >= limitSeconds * 1000)
    return ended(view, progress, end(1, `${name} is not promoted`, `cfha explain, on ${name}, says why`));
  return { move: 'wait', for: `${name} is promoted`, seconds: limitSeconds };

  /** The acceptance was for this promotion alone. */
  function ended(now: View, { done }: Progress, last: Move): Move {
    const argv = attributeArgv(now, name, undefined);
    return accepted && !done.includes('forget')
      ? { move: 'run', mark: 'forget', says: 'the acceptance ends', argv }
      : last;
  }
}

function attributeArgv(view: View, node: string, value: string | undefined): readonly [string, ...string[]] {
  const what = value === undefined ? '--delete' : `--update=${value}`;
  return ['crm_attribute', `--node=${node}`, `--name=${view.resource}-accept-loss`, '--lifetime=reboot', what];
}
