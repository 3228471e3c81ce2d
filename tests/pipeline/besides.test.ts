import { expect, it } from 'vitest';
import { besides } from '../../src/pipeline/besides.js';

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
