import { expect, test } from 'vitest';
import { inTurn } from '../../../src/output/sources/in-turn.js';

test('reads of one source do not overlap, and one that fails does not hold up the next', async () => {
  let running = 0;
  const source = inTurn({
    nx: 1,
    ny: 9,
    planes: 1,
    async readRows(_, y0, __, out) {
      expect(++running).toBe(1);
      await new Promise(setImmediate);
      running--;
      if (y0 === 3) throw new Error('torn');
      out[0] = y0;
    },
  });
  const outs = Array.from({ length: 9 }, () => new Float32Array(1));
  const ends = await Promise.allSettled(outs.map((out, y) => source.readRows(0, y, 1, out)));
  expect(ends.map(({ status }) => status === 'fulfilled')).toEqual(outs.map((_, y) => y !== 3));
  expect(outs.map(([v]) => v)).toEqual([0, 1, 2, 0, 4, 5, 6, 7, 8]);
});
