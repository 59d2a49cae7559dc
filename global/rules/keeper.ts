// What a keeper answers: a small memory, on each witness and on each site, that lends the right to be open to one site at a
// time. Purely: what it remembers, what it is asked, and its own clock. docs/global.md argues why this is enough.
import type { SiteName } from '../site-name.ts';

/** What outlives a restart. An epoch begins with a promotion, and belongs to one site for ever. */
export type Memory = {
  readonly epoch: number;
  readonly holder: SiteName | undefined;
  /** The attempt by which the epoch was taken: only that one can be taken back. */
  readonly attempt: string;
  /** How long the last loan was for. */
  readonly leaseMs: number;
};

export const blank: Memory = { epoch: 0, holder: undefined, attempt: '', leaseMs: 0 };

export type Keeper = {
  readonly memory: Memory;
  /** What it remembered before the last epoch was taken. */
  readonly before: Memory | undefined;
  /** By its own monotonic clock: until then nobody but the holder gets anything. */
  readonly untilMs: number;
};

export type Request = {
  /**
   * hold: go on with an epoch. take: begin one. back: it was taken and will not be used. yield: the gate is closed.
   * try: can the port of that site be reached from there? That lends nothing.
   */
  readonly what: 'look' | 'hold' | 'take' | 'back' | 'yield' | 'try';
  readonly site: SiteName;
  readonly epoch: number;
  readonly attempt: string;
  readonly leaseMs: number;
};

/** What everybody may know of a keeper. */
export type View = { readonly epoch: number; readonly holder: SiteName | undefined; readonly waitMs: number };
export type Answer = View & { readonly granted: boolean };

/** What the keepers say of themselves; undefined: it does not answer. */
export type Views = {
  readonly own: View | undefined;
  readonly other: View | undefined;
  readonly witnesses: readonly (View | undefined)[];
};

/** A keeper that has just been started may have lent something the moment before it ended. */
export function started(memory: Memory, nowMs: number): Keeper {
  return { memory, before: undefined, untilMs: nowMs + memory.leaseMs };
}

export function ask(keeper: Keeper, request: Request, nowMs: number): { keeper: Keeper; answer: Answer } {
  const next = after(keeper, request, nowMs);
  const { epoch, holder } = (next ?? keeper).memory;
  const waitMs = Math.max(0, (next ?? keeper).untilMs - nowMs);
  return { keeper: next ?? keeper, answer: { granted: next !== undefined, epoch, holder, waitMs } };
}

/** Undefined: refused, or nothing is asked for. */
function after(keeper: Keeper, request: Request, nowMs: number): Keeper | undefined {
  switch (request.what) {
    case 'look':
    case 'try':
      return undefined;
    case 'hold':
      return mayHold(keeper, request, nowMs) ? lent(keeper, request, nowMs) : undefined;
    case 'take':
      return mayTake(keeper, request, nowMs) ? lent(keeper, request, nowMs) : undefined;
    case 'back':
      return isOf(keeper, request) && keeper.before !== undefined
        ? { memory: keeper.before, before: undefined, untilMs: nowMs }
        : undefined;
    case 'yield':
      return keeper.memory.epoch === request.epoch && keeper.memory.holder === request.site
        ? { ...keeper, untilMs: nowMs }
        : undefined;
  }
}

/** The holder goes on. A higher epoch was begun while this keeper could not be reached. */
function mayHold({ memory, untilMs }: Keeper, { site, epoch }: Request, nowMs: number): boolean {
  if (epoch === memory.epoch) return memory.holder === site;
  return epoch > memory.epoch && (memory.holder === site || nowMs >= untilMs);
}

function mayTake(keeper: Keeper, request: Request, nowMs: number): boolean {
  if (isOf(keeper, request)) return true;
  const { memory, untilMs } = keeper;
  return request.epoch > memory.epoch && (memory.holder === request.site || nowMs >= untilMs);
}

function isOf({ memory }: Keeper, { site, epoch, attempt }: Request): boolean {
  return memory.epoch === epoch && memory.holder === site && memory.attempt === attempt;
}

function lent(keeper: Keeper, { what, site, epoch, attempt, leaseMs }: Request, nowMs: number): Keeper {
  const { memory, before } = keeper;
  // A loan is never made shorter: who has it may still count on it.
  const untilMs = Math.max(nowMs + leaseMs, memory.holder === site ? keeper.untilMs : 0);
  if (memory.epoch === epoch && memory.holder === site) {
    const longest = Math.max(memory.leaseMs, leaseMs);
    return { memory: { ...memory, leaseMs: longest }, before, untilMs };
  }
  const taken = { epoch, holder: site, attempt: what === 'take' ? attempt : '', leaseMs };
  return { memory: taken, before: what === 'take' ? memory : undefined, untilMs };
}
