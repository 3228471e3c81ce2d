// V8 may answer what is kept of a few frames with a multiple of it, but not what is kept of thousands.
import { getHeapStatistics } from 'node:v8';
import { describe, expect, it, vi } from 'vitest';
import {
  GARBAGE_BYTES,
  heapGrowthPercent,
  LATER_GARBAGE_BYTES,
  leavePlan,
  leaveStage,
} from '../../src/pipeline/heap-growth.js';
import type * as Flags from '../../src/v8-flags.js';
import { RUN_HEAP_GROWTH_PERCENT, setHeapGrowth, setYoungSpaceGrows } from '../../src/v8-flags.js';
import { OBJECT_BYTES } from '../../src/pipeline/planning/frames/frame-memory.js';

vi.mock('../../src/v8-flags.js', async (original) => ({
  ...(await original<typeof Flags>()),
  setHeapGrowth: vi.fn(),
  setYoungSpaceGrows: vi.fn(),
}));

describe('growth of the heap', () => {
  const garbage = (frames: number, budgetMb: number) =>
    (heapGrowthPercent(frames, budgetMb) / 100) * (10e6 + frames * OBJECT_BYTES);

  it('is what the command sets for runs of some dozen frames', () => {
    for (const frames of [1, 16]) expect(heapGrowthPercent(frames, 1536)).toBe(RUN_HEAP_GROWTH_PERCENT);
  });

  it('leaves room for the same garbage whatever the number of frames, and less beside thousands', () => {
    for (const frames of [100, 1000, 2000]) expect(garbage(frames, 1536) / GARBAGE_BYTES).toBeCloseTo(1, 1);
    expect(garbage(6000, 1536) / 38e6).toBeCloseTo(1, 1);
    for (const frames of [10_000, 100_000]) expect(garbage(frames, 1536) / 24e6).toBeCloseTo(1, 0);
    expect(heapGrowthPercent(1e6, 1536)).toBeGreaterThan(0);
  });

  it('leaves a twelfth of a small budget', () => {
    expect(garbage(1000, 450) / (450 * 2 ** 20)).toBeCloseTo(1 / 12, 2);
    expect(garbage(16, 300) / (300 * 2 ** 20)).toBeCloseTo(1 / 12, 2);
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

  it('leaves room for less garbage from then on, by what is kept', async () => {
    vi.mocked(setHeapGrowth).mockClear();
    await leaveStage(48);
    expect(setHeapGrowth).not.toHaveBeenCalled();
    await leaveStage(1000);
    const [[percent]] = vi.mocked(setHeapGrowth).mock.calls;
    const garbage = (percent / 100) * getHeapStatistics().used_heap_size;
    expect(garbage).toBeGreaterThan(0.8 * LATER_GARBAGE_BYTES);
    expect(garbage).toBeLessThan(1.3 * LATER_GARBAGE_BYTES);
  });

  it('lets the young space grow until cells begin, where frames are many', async () => {
    const collected = new WeakRef(new Float64Array(1000));
    await new Promise((resolve) => setImmediate(resolve));
    vi.mocked(setYoungSpaceGrows).mockClear();
    await leaveStage(1000);
    await leavePlan(48);
    expect(setYoungSpaceGrows).not.toHaveBeenCalled();
    await leavePlan(1000);
    expect(vi.mocked(setYoungSpaceGrows).mock.calls).toEqual([[false]]);
    expect(collected.deref()).toBeUndefined();
  });
});
