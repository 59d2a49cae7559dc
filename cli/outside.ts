// What command lines need of the process they run in.
import type { Terminal } from './commands/region.ts';

export type Outside = {
  readonly terminal: () => Terminal & { readonly root: boolean };
  readonly ended: (code: number) => void;
};
