import { describe, expect, test } from '@jest/globals';
import { readExecve } from '../../bench/captured-call.ts';
import { figure, median, missed, reportTable } from '../../bench/figures.ts';
import { countStarted } from '../../bench/monitor.ts';

describe('figures', () => {
  test('a median of an even number is between the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([3, 1, 2])).toBe(2);
  });

  test('a figure without a goal carries none', () => {
    expect(figure({ name: 'a', unit: 's' }, [1, 1], [4, 4])).toEqual({
      name: 'a',
      unit: 's',
      ours: 1,
      upstream: 4,
      ratio: 0.25,
      n: 2,
    });
  });

  test('a goal that is missed says so', () => {
    const goal = { text: 'ratio at most 0.25', met: ({ ratio }: { ratio: number }) => ratio <= 0.25 };
    const report = { bench: 'b', figures: [figure({ name: 'a', unit: 's', goal }, [2], [4])] };
    expect(missed(report)).toHaveLength(1);
    expect(reportTable(report)).toMatch(/a\s+2 s\s+4 s\s+0\.5\s+1\s+ratio at most 0\.25: MISSED/);
  });
});

describe('what strace prints', () => {
  test('threads, attempts that failed and second halves of calls are no started processes', () => {
    const lines = [
      '10 clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_SYSVSEM, exit_signal=0}, 88) = 11',
      '10 vfork( <unfinished ...>',
      '10 <... vfork resumed>) = 12',
      '12 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 13',
      '12 fork() = -1 EAGAIN (Resource temporarily unavailable)',
    ];
    expect(countStarted(lines)).toBe(2);
  });

  test('an execve is read with its arguments and environment', () => {
    const hex = (text: string) =>
      `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
    const line = `[pid 7] execve(${hex('/a/pg')}, [${hex('/a/pg')}, ${hex('monitor')}], [${hex('OCF_X=a "b]"=c')}, ${hex('E=')}]) = 0`;
    expect(readExecve(line)).toEqual({ argv: ['/a/pg', 'monitor'], env: { OCF_X: 'a "b]"=c', E: '' } });
  });

  test('another line is no execve', () => {
    expect(readExecve('[pid 7] exited with 0')).toBeUndefined();
  });
});
