import { expect, test } from 'vitest';
import { SamplePasses } from '../../src/simd/sample-passes.js';

test('memory is taken beyond 2 GiB, which the levels of very many frames need', () => {
  const room = new SamplePasses();
  // only reserved: nothing is written there
  const first = room.take(2 ** 31);
  const behind = room.take(8);
  expect(behind).toBeGreaterThanOrEqual(first + 2 ** 31 + 16);
  expect(behind % 16).toBe(0);
  new Float64Array(room.buffer, behind, 1)[0] = 3;
  expect(new DataView(room.buffer).getFloat64(behind, true)).toBe(3);
});
