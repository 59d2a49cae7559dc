// cfha failover: when no primary is left, a person decides who goes on, knowing what may be lost. Pure.
import { end, first, refuse, type Move, type Plan, type Progress, type Verb } from './verb.ts';
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
  if (may.length > 0 && loss === undefined)
    return refuse(`it may lose data: ${may.join('; ')}`, 'bring that node back, or add --accept-loss BYTES, or all');
  return {
    plan: [
      ...may.map((line) => `may be lost: ${line}`),
      ...(loss === undefined ? [] : [`a loss of ${loss === 'all' ? 'any size' : `${loss} bytes`} is accepted`]),
      `${nameOf(node)} is promoted`,
    ],
    wait: 'until it is promoted; they wait already, as there is no primary',
  };
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

/** What attributes tell that others have, or may have, and this node has not. */
export function mayBeLost(view: View, node: NodeView | undefined): readonly string[] {
  const own = valueOf(view, node, 'xlogLoc');
  const behind = valueOf(view, node, 'dataStatus') === 'DISCONNECT';
  return [
    ...(behind ? [`${nameOf(node)} did not stream when a primary last saw it`] : []),
    ...view.nodes.filter((other) => other !== node).flatMap((other) => ofOther(view, other, own)),
  ];
}

function ofOther(view: View, other: NodeView, own: string | undefined): readonly string[] {
  if (!other.online) return [`${other.name} is not here, and what it has is unknown`];
  return [
    ...ahead(own, valueOf(view, other, 'xlogLoc'), `${other.name} has received more`),
    ...ahead(own, valueOf(view, other, 'handover'), `${other.name} ended with more`),
  ];
}

function ahead(own: string | undefined, other: string | undefined, says: string): readonly string[] {
  if (other === undefined || !/^[0-9A-F]{16}$/.test(other)) return [];
  if (own === undefined || !/^[0-9A-F]{16}$/.test(own)) return [`${says} (${other}; this node has published nothing)`];
  const bytes = BigInt(`0x${other}`) - BigInt(`0x${own}`);
  return bytes > 0n ? [`${says}: ${bytes.toString()} bytes`] : [];
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
