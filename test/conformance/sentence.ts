// A sentence of a specification and what shows that the agent keeps it.
import { look, postmaster } from '../differential/servers.ts';
import { act, fault, probe, type Step } from '../differential/scenario.ts';
import type { Side } from '../differential/side.ts';

export type Sentence = {
  /** Where it stands. */
  readonly source: string;
  readonly says: string;
  /** none unless told otherwise. */
  readonly mode?: 'none' | 'async';
  readonly parameters?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
};

/** A promotable clone of one node. */
export const cloneParameters = { rep_mode: 'async', node_list: 'n1', master_ip: '@side/vip' };

export const called = (action: string, exit: number, env: Readonly<Record<string, string>> = {}): Step =>
  act(action, 'n1', { ours: exit, env });

export const probed = (exit: number): Step => probe('n1', { ours: exit });

/** A claim about the world that throws what is wrong. */
export function claim(says: string, holds: (side: Side) => Promise<boolean> | boolean): Step {
  return fault(says, async (side) => {
    if (!(await holds(side))) throw new Error(`it does not hold that ${says}`);
  });
}

export const answers = claim('the server answers', async (side) => (await look(side, 'n1')).inRecovery !== undefined);
export const lives = claim('the server lives', (side) => postmaster(side, 'n1') !== undefined);
export const isGone = claim('no server lives', (side) => postmaster(side, 'n1') === undefined);
export const isPrimary = claim(
  'the server is a primary',
  async (side) => (await look(side, 'n1')).inRecovery === false,
);
export const isStandby = claim('the server is a standby', async (side) => (await look(side, 'n1')).inRecovery === true);
