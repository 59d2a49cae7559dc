// One test of this part.
import type { Rig } from '../differential/side.ts';

/** Returns what is wrong, each in a line; nothing if all is well. */
export type Test = { readonly name: string; readonly run: (rig: Rig) => Promise<readonly string[]> };
