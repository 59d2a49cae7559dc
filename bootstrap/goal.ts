// What bootstrap is made of: goals, which are data. Plan, apply, resume and progress read the same list.
import type { Argv } from '../lib/host/exec.ts';
import type { Facts } from './facts.ts';

/** One command on one node. */
export type Command = {
  readonly on: string;
  /** What it does, for people: "install …". */
  readonly says: string;
  readonly run: Argv;
  /** Standard input: where secrets go. Never printed, never logged. */
  readonly input?: string;
  /** Standard input from a file of this machine. */
  readonly inputFile?: string;
};

/** A goal on what is known: as a rule the facts of all nodes. */
export type Goal<F = Facts> = {
  readonly id: string;
  /** The goal as a fact: 'Corosync cluster "dc1" exists on db1, db2'. */
  readonly says: string;
  /**
   * What is missing; nothing if the goal holds. More than a yes or no, since the same list is the reason in the plan
   * and the evidence when the commands did not help.
   */
  readonly lacks: (facts: F) => readonly string[];
  readonly commands: (facts: F) => readonly Command[];
  /**
   * What is restarted by its commands, so that clients are cut off; nothing if nothing is. Then a person has to have said so.
   */
  readonly restarts?: (facts: F) => readonly string[];
  /** The goal is reached by itself some time after its commands: so long it is waited for. */
  readonly withinSeconds?: number;
};
