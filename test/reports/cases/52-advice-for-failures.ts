// What cfha advises for a resource that failed, was given up, banned or disabled.
import { cleanup } from '../../../cli/region/nodes.ts';
import { statusOf } from '../../../cli/region/status.ts';
import type { View } from '../../../cli/region/view.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNodeView, aView, play, primary } from '../../unit/cli/region/pretend-view.ts';
import type { FunctionCase } from '../case.ts';

const stopped = (changes: Parameters<typeof aNodeView>[1] = {}) => aNodeView('db2', { role: undefined, ...changes });
const reason = '[SERVER_DIED] the server did not start: could not bind';

function todoFor(changes: Partial<View>): string {
  const view = aView({ nodes: [primary('db1'), stopped()], ...changes });
  return statusOf(view, { local: undefined, fencing: undefined, now: new Date(1_764_050_012_000) }).todo;
}

export const cases: readonly FunctionCase[] = [
  {
    number: 52,
    kind: 10,
    setup: 'function',
    title: 'the advice follows what Pacemaker has recorded, and no remedy points to itself',
    before: '"pcs resource enable" for what had failed or was banned, and "repair that" without saying what.',
    core: true,
    play: () => {
      const failed = [primary('db1'), stopped({ failures: 1, reason })];
      const given: readonly (readonly [string, Partial<View>, RegExp])[] = [
        ['disabled', { meta: { 'target-role': 'Stopped' } }, /^pcs resource enable pg-clone$/],
        ['not managed', { meta: { 'is-managed': 'off' } }, /^pcs resource manage pg-clone$/],
        ['banned', { bans: [{ id: 'cli-ban-x', node: 'db2', bans: true }] }, /^pcs resource clear pg-clone db2$/],
        ['failed', { nodes: failed }, /^repair on db2: the server did not start: could not bind .*; then cfha cleanup db2$/],
      ];
      for (const [what, changes, advice] of given) expect(advice.test(todoFor(changes)), `${what}: ${todoFor(changes)}`);
      const before = aView({ nodes: failed });
      const says = play(cleanup(), before, { act: () => before }).end?.says.join('; ') ?? '';
      expect(says.includes('could not bind') && !says.includes('cleanup'), `cfha cleanup ends with: ${says}`);
      return Promise.resolve(todoFor({ nodes: failed }));
    },
  },
]; // prettier-ignore
