// Blocks of a cube that no frame reaches are not written; nobody can tell from what comes out, wherever the cube lies and whoever looks at it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeBackend, Handle, Op } from '../../../src/compute/backend.js';
import { BLANK_LIMIT, BLANK_VALUE } from '../../../src/compute/constants.js';
import { lanczosTable } from '../../../src/compute/contracts/warp.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { expectClose, LINEAR } from '../../helpers/expect-arrays.js';
import {
  type Cell,
  cubeIn,
  cubeOf,
  f32,
  isSame,
  PLANES,
  readsOf,
  samplesOf,
  SIDE,
  SLOTS,
  stacks,
  warps,
  WHOLE,
} from './warped-cube.js';

describe.each([false, true])('blank blocks (of a late cube: %s)', (late) => {
  const makeCube = (backend: ComputeBackend, cell: Cell) => cubeIn(backend, cell, late);
  let backend: ComputeBackend;
  let truth: Float32Array;
  beforeAll(async () => {
    backend = await createWasmBackend({ threads: 2 });
    const reference = createReferenceBackend();
    truth = await cubeOf(reference, await makeCube(reference, WHOLE));
    // as a mosaic has them: half of the cube and more
    expect(truth.filter((v) => v === BLANK_VALUE).length / truth.length).toBeGreaterThan(0.6);
  });
  afterAll(() => backend.close());

  it('are blanks to whoever reads the cube', async () => {
    const cube = await cubeOf(backend, await makeCube(backend, WHOLE));
    const isBlank = (v: number) => !(v > BLANK_LIMIT);
    // the spare slot is nobody's: zero
    expect(cube.findIndex((v, i) => isBlank(v) !== isBlank(truth[i]))).toBe(-1);
    expect(cube.every((v) => v === BLANK_VALUE || Math.abs(v) < 500)).toBe(true);
    expectClose(cube, truth, { relative: LINEAR });
  });

  it('are blanks to kernels that know nothing of them, and are neither written nor read by those that do', async () => {
    const cube = await makeCube(backend, WHOLE);
    backend.takeProfile();
    const together = await readsOf(backend, stacks(cube, WHOLE));
    const [stack] = backend.takeProfile().filter(({ stem }) => stem === 'stack-kappa-sigma');
    const other = await makeCube(backend, WHOLE);
    const apart: (Float32Array | Uint32Array)[] = [];
    for (const op of stacks(other, WHOLE)) apart.push(...(await readsOf(backend, [op])));
    const profile = backend.takeProfile();
    const warp = profile.find(({ stem }) => stem === 'warp-cfa')!;
    expect(together).toHaveLength(7);
    together.forEach((read, i) => expect(isSame(read, apart[i]), `read ${i}`).toBe(true));
    expect(together[2].some((n) => n >= 3)).toBe(true);
    expect(together.slice(3).every((counts) => counts.every((n) => n === 0))).toBe(false);
    // Written: what lies in blocks that hold a sample. Read: the same.
    const written = 4 * (samplesInBlocks(truth, WHOLE) - samplesOf(WHOLE));
    const inputs = SLOTS * 4 * (SIDE * SIDE + 20 * 20 + 21 + lanczosTable().length);
    expect(warp.bytes - inputs).toBe(written);
    const outputs = 4 * (7 * samplesOf(WHOLE) + PLANES * (3 * SLOTS + 1));
    expect(stack.bytes - outputs).toBe(written);
  });

  it('are written before a kernel that knows nothing of them is the first to look', async () => {
    const [flagged, written] = [await makeCube(backend, WHOLE), await makeCube(backend, WHOLE)];
    await readsOf(backend, [{ op: 'read', handle: written }]);
    // The upload of blanks into the spare slot would come before.
    const kernels = (cube: Handle) =>
      stacks(cube, WHOLE).filter((op) => op.op !== 'upload' || op.handle !== cube);
    const reads = await readsOf(backend, kernels(flagged));
    const expected = await readsOf(backend, kernels(written));
    expect(reads).toHaveLength(7);
    reads.forEach((read, i) => expect(isSame(read, expected[i]), `read ${i}`).toBe(true));
  });

  it('change no byte with the number of threads, or with cells of another size', async () => {
    const whole = await readsOf(backend, stacks(await makeCube(backend, WHOLE), WHOLE));
    for (const threads of [1, 4]) {
      const other = await createWasmBackend({ threads });
      const reads = await readsOf(other, stacks(await makeCube(other, WHOLE), WHOLE));
      await other.close();
      reads.forEach((read, i) => expect(isSame(read, whole[i])).toBe(true));
    }
    for (const part of [
      { ...WHOLE, width: 128 },
      { ...WHOLE, x0: 128, width: WHOLE.width - 128 },
    ]) {
      const reads = await readsOf(backend, stacks(await makeCube(backend, part), part));
      reads.forEach((read, i) => {
        const { x0, width } = part;
        const cut = whole[i].filter((_, k) => k % WHOLE.width >= x0 && k % WHOLE.width < x0 + width);
        expect(isSame(read, cut)).toBe(true);
      });
    }
  });

  it('are written before anything is uploaded, and before the cube is taken for one of another shape', async () => {
    const cube = await makeCube(backend, WHOLE);
    const other = { x0: 0, width: WHOLE.height, height: WHOLE.width };
    const one: Op = { op: 'upload', handle: cube, data: Float32Array.of(5), offset: cube.length - 1 };
    const [before] = await readsOf(backend, [one, { op: 'read', handle: cube }]);
    expect(before.at(-1)).toBe(5);
    expect(before.subarray(-samplesOf(WHOLE), -1).every((v) => v === BLANK_VALUE)).toBe(true);
    // its slots have the same places, and the first frame is all that is warped again
    const all = warps(cube, other);
    const [first] = all.flatMap((op, i) => (op.op === 'kernel' ? [i] : []));
    const kept = all.slice(0, first + 4);
    const again = await makeCube(backend, WHOLE);
    const moved = kept.map((op) =>
      op.op === 'kernel' ? { ...op, buffers: { ...op.buffers, cube: again } } : op,
    );
    await readsOf(backend, [...moved, all.at(-1)!]);
    const after = await cubeOf(backend, again);
    const slot = samplesOf(WHOLE);
    const alone = await cubeOf(backend, await makeCube(backend, other));
    expect(isSame(after.subarray(slot, 2 * slot), alone.subarray(slot, 2 * slot))).toBe(true);
    expect(isSame(after.subarray(slot, 2 * slot), before.subarray(slot, 2 * slot))).toBe(false);
    expect(isSame(after.subarray(2 * slot, -1), before.subarray(2 * slot, -1))).toBe(true);
    await readsOf(backend, [{ op: 'free', handle: cube }]);
    expect(backend.resident().handles).toBe(0);
  });

  it('are what the last frame in a slot leaves', async () => {
    const plain = await cubeOf(backend, await makeCube(backend, WHOLE));
    const slot = samplesOf(WHOLE);
    // The first frame in the last slot, which had nothing, and the last in the second.
    const moved: Readonly<Record<number, number>> = { 1: SLOTS, [SLOTS]: 2 };
    const again = (cube: Handle) =>
      warps(cube, WHOLE).flatMap((op): Op[] => {
        if (op.op !== 'kernel') return [op];
        const to = moved[op.params.slot];
        return to === undefined ? [] : [{ ...op, params: { ...op.params, slot: to } }];
      });
    const cube = await makeCube(backend, WHOLE);
    await readsOf(backend, again(cube));
    const stacked = await makeCube(backend, WHOLE);
    await readsOf(backend, again(stacked));
    const together = await readsOf(backend, stacks(stacked, WHOLE));
    const after = await cubeOf(backend, cube);
    const expected = plain.slice();
    expected.copyWithin(SLOTS * slot, slot, 2 * slot);
    expected.fill(BLANK_VALUE, 2 * slot, 3 * slot);
    expect(isSame(after, expected)).toBe(true);
    const fresh = f32('fresh', expected.length);
    const [, ...apart] = await readsOf(backend, [
      { op: 'alloc', handle: fresh },
      { op: 'upload', handle: fresh, data: expected },
      { op: 'read', handle: fresh },
      ...stacks(fresh, WHOLE),
    ]);
    expect(apart).toHaveLength(7);
    apart.forEach((read, i) => expect(isSame(read, together[i]), `read ${i}`).toBe(true));
  });

  it('are still written when a program that was to do so fails before it runs', async () => {
    const plain = await cubeOf(backend, await makeCube(backend, WHOLE));
    const cube = await makeCube(backend, WHOLE);
    const [lost, whole] = [f32('lost', 8), f32('whole', backend.info.limits.maxBufferBytes / 4)];
    const alloc = (handle: Handle): Op => ({ op: 'alloc', handle });
    const first = backend.submit({ label: 'too much', ops: [alloc(lost), alloc(whole)] });
    const second = backend.submit({
      label: 'second',
      ops: [
        { op: 'read', handle: cube },
        { op: 'free', handle: lost },
      ],
      lend: () => Promise.resolve(),
    });
    const outcomes = await Promise.allSettled([first, second]);
    expect(outcomes).toMatchObject([
      { reason: { code: 'wasm_out_of_memory' } },
      { reason: { code: 'compute_program_invalid', params: { rule: 'handle_freed' } } },
    ]);
    // behind the spare slot
    const slot = samplesOf(WHOLE);
    expect(isSame((await cubeOf(backend, cube)).subarray(slot), plain.subarray(slot))).toBe(true);
    expect(backend.resident().handles).toBe(0);
  });
});

/** Samples of all blocks of 64 pixels that hold one in any plane, and of the first slot. */
function samplesInBlocks(cube: Float32Array, { width, height }: Cell): number {
  let count = samplesOf({ x0: 0, width, height });
  for (let slot = 1; slot <= SLOTS; slot++) {
    for (let y0 = 0; y0 < height; y0 += 64) {
      for (let x0 = 0; x0 < width; x0 += 64) {
        let pixels = 0;
        let holds = false;
        for (let y = y0; y < Math.min(height, y0 + 64); y++) {
          for (let x = x0; x < Math.min(width, x0 + 64); x++, pixels++) {
            if (cube[slot * PLANES * width * height + y * width + x] > BLANK_LIMIT) holds = true;
          }
        }
        if (holds) count += PLANES * pixels;
      }
    }
  }
  return count;
}
