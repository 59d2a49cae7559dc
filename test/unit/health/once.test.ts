import { describe, expect, it } from '@jest/globals';
import { fresh, once } from '../../../health/once.ts';

/** Work that ends when it is told to. */
function controlled() {
  const ends: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const work = () => new Promise<number>((resolve, reject) => ends.push({ resolve, reject }));
  return { work, ends };
}

describe('once', () => {
  it('does for many what they ask at the same time once, and again when it has ended', async () => {
    const { work, ends } = controlled();
    const ask = once(work, () => 0);
    const all = [ask(1000), ask(1000), ask(1000)];
    ends[0]?.resolve(7);
    expect(await Promise.all(all)).toEqual([{ value: 7 }, { value: 7 }, { value: 7 }]);
    const again = ask(1000);
    expect(ends).toHaveLength(2);
    ends[1]?.resolve(8);
    expect(await again).toEqual({ value: 8 });
  });

  it('lets nobody wait for longer than the limit, and begins no second one meanwhile', async () => {
    let now = 100;
    const { work, ends } = controlled();
    const ask = once(work, () => now);
    const first = ask(5);
    now = 900;
    expect(await first).toEqual({ sinceMs: 800 });
    expect(await ask(5)).toEqual({ sinceMs: 800 });
    expect(ends).toHaveLength(1);
    ends[0]?.resolve(1);
    await Promise.resolve();
    await Promise.resolve();
    const next = ask(1000);
    ends[1]?.resolve(2);
    expect(await next).toEqual({ value: 2 });
  });

  it('hands a failure on, and is not stuck after it', async () => {
    const { work, ends } = controlled();
    const ask = once(work, () => 0);
    const failing = ask(1000);
    ends[0]?.reject(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
    const next = ask(1000);
    ends[1]?.resolve(3);
    expect(await next).toEqual({ value: 3 });
  });
});

describe('fresh', () => {
  it('gives a result again while it is young, counted from when it was asked for', async () => {
    let now = 0;
    const { work, ends } = controlled();
    const ask = fresh(work, 250, () => now);
    const first = ask();
    now = 200;
    expect(ask()).toBe(first);
    ends[0]?.resolve(1);
    expect(await first).toBe(1);
    expect(await ask()).toBe(1);
    now = 250;
    const second = ask();
    expect(ends).toHaveLength(2);
    ends[1]?.resolve(2);
    expect(await second).toBe(2);
  });

  it('does not keep a failure', async () => {
    const { work, ends } = controlled();
    const ask = fresh(work, 250, () => 0);
    const failing = ask();
    ends[0]?.reject(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
    void ask();
    expect(ends).toHaveLength(2);
  });
});
