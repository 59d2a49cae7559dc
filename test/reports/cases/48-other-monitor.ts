// The application's own failover monitor rewrites its database.yml: with a virtual IP it is to be switched off.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '../../scenarios/waiting.ts';
import type { FunctionCase } from '../case.ts';

const page = join(import.meta.dirname, '../../../docs/operations.md');

export const cases: readonly FunctionCase[] = [
  {
    number: 48,
    kind: 8,
    setup: 'function',
    title: 'the docs tell an administrator to switch the application’s own failover monitor off',
    before: 'No page told it, and the monitor polled for minutes and rewrote database.yml.',
    core: true,
    play: () => {
      const text = readFileSync(page, 'utf8');
      expect(text.includes('evm-failover-monitor') && text.includes('database.yml'), `${page} does not tell it`);
      return Promise.resolve('docs/operations.md names the monitor and the command that switches it off.');
    },
  },
];
