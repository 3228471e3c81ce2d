import { expect, it } from 'vitest';
import { PlacedSamples } from '../../src/simd/placed-samples.js';
import { keepPasses, SamplePasses, takePasses, withPasses } from '../../src/simd/sample-passes.js';

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

it('memory that is kept serves whoever comes next: the smallest that is enough, or the largest', async () => {
  // what other works of this file have left
  while (takePasses().buffer.byteLength > 131072);
  const kept = [3e5, 1e6, 4e5].map((bytes) => {
    const room = new SamplePasses();
    room.take(bytes);
    return room;
  });
  const [small, large, middle] = kept;
  kept.forEach(keepPasses);
  expect(takePasses(3.5e5)).toBe(middle);
  expect(takePasses(5e6)).toBe(large);
  await withPasses((room) => Promise.resolve(expect(room).toBe(small)));
  expect(takePasses(1e5)).toBe(small);
  // all of it is given back, and much is not kept
  expect(small.take(16)).toBe(new SamplePasses().take(16));
  large.take(2 ** 24);
  keepPasses(large);
  expect(takePasses()).not.toBe(large);
});

it('samples that are placed leave their memory when they end', () => {
  const placed = new PlacedSamples();
  placed.place(new Uint8Array(3e6));
  placed.end();
  expect(takePasses()).toBe(placed.passes);
});

it('nobody keeps much for good who wants little', async () => {
  while (takePasses().buffer.byteLength > 131072);
  const [large, small] = await withPasses((one) =>
    withPasses((other) => {
      one.take(2 ** 25);
      other.take(3e5);
      return Promise.resolve([one, other]);
    }),
  );
  expect(takePasses(1e6)).toBe(small);
  expect(takePasses(1e6)).not.toBe(large);
  expect(takePasses()).toBe(large);
});
