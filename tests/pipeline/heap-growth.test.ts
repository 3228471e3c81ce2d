// V8 may answer what is kept of a few frames with a multiple of it, but not what is kept of thousands.
import { describe, expect, it } from 'vitest';
import { GARBAGE_BYTES, heapGrowthPercent, leaveStage } from '../../src/pipeline/heap-growth.js';
import { RUN_HEAP_GROWTH_PERCENT } from '../../src/v8-flags.js';
import { OBJECT_BYTES } from '../../src/pipeline/planning/frame-memory.js';

describe('growth of the heap', () => {
  it('is what the command sets for runs of some dozen frames', () => {
    for (const frames of [1, 16, 48]) expect(heapGrowthPercent(frames)).toBe(RUN_HEAP_GROWTH_PERCENT);
  });

  it('leaves room for the same garbage whatever the number of frames', () => {
    for (const frames of [1000, 3000, 10_000, 100_000]) {
      const percent = heapGrowthPercent(frames);
      expect(percent).toBeGreaterThan(0);
      expect((percent / 100) * frames * OBJECT_BYTES).toBeLessThan(1.2 * GARBAGE_BYTES);
    }
  });
});

describe('a stage that has ended', () => {
  it.each([
    [48, false],
    [1000, true],
  ])('leaves what nobody holds of it: of %i frames it is collected, %s', async (frames, collected) => {
    const left = new WeakRef(new Float64Array(1000));
    // what a reference was made for stays until the work at hand is done
    await new Promise((resolve) => setImmediate(resolve));
    await leaveStage(frames);
    expect(left.deref() === undefined).toBe(collected);
  });
});
