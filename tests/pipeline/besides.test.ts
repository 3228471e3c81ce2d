import { expect, it } from 'vitest';
import { besides, readingAhead } from '../../src/pipeline/besides.js';

it('ends when both works have, whichever fails; of two failures the first work goes on', async () => {
  let ended = 0;
  const work = async (ms: number, failure?: string) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    ended++;
    if (failure) throw new Error(failure);
    return ms;
  };
  expect(await besides(work(9), work(0))).toEqual([9, 0]);
  await expect(besides(work(0, 'first'), work(9))).rejects.toThrow('first');
  expect(ended).toBe(4);
  await expect(besides(work(9), work(0, 'second'))).rejects.toThrow('second');
  expect(ended).toBe(6);
  await expect(besides(work(9, 'first'), work(0, 'second'))).rejects.toThrow('first');
});

it('reads are taken in turn while the next one is under way, and all have ended when one has failed', async () => {
  const events: string[] = [];
  const read = async (turn: number) => {
    await Promise.resolve();
    events.push(`begun ${turn}`);
    await new Promise((resolve) => setTimeout(resolve, turn === 0 ? 5 : 1));
    events.push(`read ${turn}`);
    if (turn === 2) throw new Error('lost');
    return 10 * turn;
  };
  const take = (value: number, turn: number) => events.push(`take ${turn}: ${value}`);
  await readingAhead(2, read, take);
  expect(events.indexOf('begun 1')).toBeLessThan(events.indexOf('take 0: 0'));
  expect(events.filter((event) => event.startsWith('take'))).toEqual(['take 0: 0', 'take 1: 10']);
  await expect(readingAhead(9, read, take)).rejects.toThrow('lost');
  expect(events.filter((event) => event === 'read 3')).toHaveLength(1);
  expect(events).not.toContain('begun 4');
  await readingAhead(0, read, take);
});
