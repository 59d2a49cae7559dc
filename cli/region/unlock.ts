// cfha unlock: a former primary that was not started. What speaks against it is shown; a loss has to be named to be accepted. Pure.
import { lossText } from './evidence.ts';
import { giveWord, joined, objections, retrying } from './rejoin.ts';
import { end, first, refuse, type Move, type Plan, type Progress, type Verb } from './verb.ts';
import { nameOf, nodeNamed, primaryOf, valueOf, type NodeView, type View } from './view.ts';

/** `accept`: the bytes that may be lost; undefined: none. */
export function unlock(name: string, accept: string | undefined): Verb {
  return {
    plan: (view) => planned(view, nodeNamed(view, name), { name, accept }),
    next: (view, progress) => next(view, progress, { name, accept }),
  };
}

type Wanted = { readonly name: string; readonly accept: string | undefined };

function planned(view: View, node: NodeView | undefined, { name, accept }: Wanted): Plan {
  if (node?.role !== undefined) return { nothing: `PostgreSQL runs on ${name}: nothing keeps it from starting` };
  return first(...objections(view, node, name)) ?? byEvidence(view, node, accept);
}

function byEvidence(view: View, node: NodeView | undefined, accept: string | undefined): Plan {
  const [name, primary] = [nameOf(node), nameOf(primaryOf(view))];
  const [what, bytes = ''] = valueOf(view, node, 'evidence')?.split(' ') ?? [];
  if (what !== 'diverged') return tryAgain(view, node, accept);
  const [loss = ''] = lossText(view, node);
  if (accept === undefined) return refuse(loss.replace('lost:', 'would be lost:'), `to give them up: cfha unlock ${name} --accept-loss ${bytes}`); // prettier-ignore
  if (accept !== bytes) return refuse(`--accept-loss ${accept} is not what is lost: ${loss}`, `cfha unlock ${name} --accept-loss ${bytes}`); // prettier-ignore
  return {
    plan: [loss, `${name} is rewound to ${primary} if that is possible, otherwise copied from it`, `${name} streams from ${primary}`],
    wait: 'not at all',
  }; // prettier-ignore
}

/** The agent compares again, and removes the lock if it may. */
function tryAgain(view: View, node: NodeView | undefined, accept: string | undefined): Plan {
  const [name, primary] = [nameOf(node), nameOf(primaryOf(view))];
  const why = /^unknown (.*)$/.exec(valueOf(view, node, 'evidence') ?? '')?.[1];
  if (accept !== undefined) return refuse(`nothing is known to be lost on ${name}`, `cfha unlock ${name}`);
  return {
    plan: [
      why === undefined ? `nothing is recorded that speaks against ${name}` : `last time it could not be told: ${why}`,
      `${name} compares its WAL with that of ${primary} again; the lock goes if ${primary} has all of it`,
    ],
    wait: 'not at all',
  };
}

function next(view: View, progress: Progress, { name, accept }: Wanted): Move {
  if (accept !== undefined && !progress.done.includes('word'))
    return giveWord(view, { name, word: `rewind,clone accept ${accept}` });
  const last = retrying(view, progress, { name }) ?? joined(view, progress, name);
  return last.move === 'end' && last.code === 0 && accept === undefined
    ? end(0, ...last.says, `all that ${name} had is part of the primary's history: its agent's log states the positions (UNLOCKED)`) // prettier-ignore
    : last;
}
