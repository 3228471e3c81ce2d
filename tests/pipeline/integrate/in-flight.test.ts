import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { InFlight } from '../../../src/pipeline/integrate/in-flight.js';

it('runs a bounded number of works at once, in the order they were started', async () => {
  const order: string[] = [];
  let running = 0;
  let most = 0;
  const flight = new InFlight(2);
  for (let i = 0; i < 5; i++) {
    await flight.start(async () => {
      order.push(`start ${i}`);
      most = Math.max(most, ++running);
      await wait(i === 0 ? 20 : 2);
      running--;
    });
  }
  await flight.settle();
  expect(order).toEqual([0, 1, 2, 3, 4].map((i) => `start ${i}`));
  expect([most, running]).toEqual([2, 0]);
});

it('tells the failure of the earliest work, although a later one failed before it, once all have ended', async () => {
  const flight = new InFlight(3);
  let ended = 0;
  const fail = async (ms: number, text: string) => {
    await wait(ms);
    ended++;
    throw new Error(text);
  };
  await flight.start(() => fail(30, 'cause'));
  await flight.start(() => fail(1, 'consequence'));
  await wait(5);
  await expect(flight.start(() => fail(1, 'never started'))).rejects.toThrow('cause');
  expect(ended).toBe(2);
  await expect(flight.settle()).rejects.toThrow('cause');
});
