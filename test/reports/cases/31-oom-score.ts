// The postmaster and its children, when memory is short.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { family } from '../../differential/call.ts';
import { protectedArgv } from '../../../agent/server-environment.ts';
import { act } from '../../differential/scenario.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { ServersCase } from '../case.ts';

const scoreOf = (pid: number | 'self'): string => readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim();

/** What this machine lets a process of root's have. */
function possible(): string {
  const [program, ...args] = protectedArgv(['cat', '/proc/self/oom_score_adj']);
  return spawnSync(program, args, { encoding: 'utf8' }).stdout.trim();
}

export const cases: readonly ServersCase[] = [
  {
    number: 31,
    kind: 6,
    setup: 'servers',
    title: 'the postmaster is protected from the OOM killer as far as the machine allows, and its children are not',
    before: 'Postmaster and children had what Pacemaker has: the OOM killer could end the postmaster.',
    core: true,
    play: async ({ cluster }) => {
      // Above 0, so that the children show whether they have set their own.
      writeFileSync('/proc/self/oom_score_adj', '300');
      try {
        const pair = await cluster({});
        await pair.must(0, act('start', 'n1'));
        const pid = pair.postmaster('n1');
        expect(pid !== undefined, 'the server does not run');
        const due = possible();
        expect(scoreOf(pid) === due, `the postmaster has ${scoreOf(pid)}, ${due} is possible`);
        const children = family(pid).filter((child) => child !== pid).map(scoreOf);
        expect(children.length > 2 && children.every((score) => score === '0'), `the children have ${children.join(' ')}`);
        return `The postmaster has ${due}, which is what this machine allows, and each child 0.`;
      } finally {
        writeFileSync('/proc/self/oom_score_adj', '0');
      }
    },
  },
]; // prettier-ignore
