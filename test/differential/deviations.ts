// Differences that can show in any scenario. docs/deviations.md lists all, these and those that scenarios name.
import type { Deviation } from './compare.ts';

export const everywhere: readonly Deviation[] = [];
