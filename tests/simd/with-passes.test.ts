import { expect, it } from 'vitest';
import { withPasses, type SamplePasses } from '../../src/simd/sample-passes.js';

it('works that wait have passes apart, whose memory the next ones find given back', async () => {
  const seen = new Set<SamplePasses>();
  let start = 0;
  const work = async (room: SamplePasses) => {
    start = room.take(1000);
    seen.add(room);
    await withPasses(async (other) => {
      expect(other).not.toBe(room);
      seen.add(other);
      return Promise.resolve();
    });
    return 7;
  };
  expect(await withPasses(work)).toBe(7);
  const first = start;
  await expect(
    withPasses(async (room) => {
      room.take(5000);
      await Promise.reject(new Error('failed'));
    }),
  ).rejects.toThrow('failed');
  await Promise.all([withPasses(work), withPasses(() => Promise.resolve())]);
  expect(start).toBe(first);
  expect(seen.size).toBeLessThanOrEqual(3);
});
