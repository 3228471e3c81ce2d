// Statements about coadd-accumulate that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { runKernel, seededRandom } from '../../helpers/kernel-runs.js';

const stem = 'coadd-accumulate';

/** Slot 1 of 2, two planes of three pixels, on sums that are not empty. */
export async function checkAddsOneSlotWithItsWeights(backend: ComputeBackend): Promise<void> {
  const params = { pixels: 3, planes: 2, slots: 2, slot: 1 };
  const result = await runKernel(backend, stem, params, {
    cube: Float32Array.of(9, 9, 9, 9, 9, 9, 1, BLANK_VALUE, 3, -4, 5, BLANK_VALUE),
    frame_weights: Float32Array.of(7, 7, 2, 0.5),
    sum: Float32Array.of(10, 20, 30, 40, 50, 60),
    weight: Float32Array.of(1, 1, 1, 2, 2, 2),
    used: Uint32Array.of(1, 2, 3, 4, 5, 6),
  });
  expectClose(result.sum, [12, 20, 36, 38, 52.5, 60], { relative: 1e-7 });
  expectClose(result.weight, [3, 1, 3, 2.5, 2.5, 2], { relative: 1e-7 });
  expectClose(result.used, [2, 2, 4, 5, 6, 6], { relative: 0 });
}

export async function checkParityOverManySlots(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(41);
  const shape = { pixels: 131, planes: 3, slots: 5 };
  const cube = Float32Array.from({ length: 131 * 15 }, () =>
    random() < 0.1 ? BLANK_VALUE : 1e4 * (random() - 0.3),
  );
  const weights = Float32Array.from({ length: 15 }, () => 0.1 + random());
  const accumulate = async (b: ComputeBackend) => {
    let sums: Awaited<ReturnType<typeof runKernel>> = {};
    for (let slot = 0; slot < 5; slot++) {
      sums = await runKernel(b, stem, { ...shape, slot }, { cube, frame_weights: weights, ...sums });
    }
    return sums;
  };
  const [actual, expected] = [await accumulate(backend), await accumulate(createReferenceBackend())];
  expectClose(actual.sum, expected.sum, { relative: 1e-6, scale: 1e4 });
  expectClose(actual.weight, expected.weight, { relative: 1e-6 });
  expectClose(actual.used, expected.used, { relative: 0 });
}

/** Sums of all slots over all weights are what stack-mean gives. */
export async function checkSumsGiveTheMeanOfTheStack(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(43);
  const shape = { pixels: 33, planes: 1, slots: 4 };
  const cube = Float32Array.from({ length: 132 }, () => (random() < 0.3 ? BLANK_VALUE : 100 * random()));
  const inputs = { cube, frame_weights: Float32Array.of(1, 2, 3, 4) };
  let sums: Awaited<ReturnType<typeof runKernel>> = {};
  for (let slot = 0; slot < 4; slot++) {
    sums = await runKernel(backend, stem, { ...shape, slot }, { ...inputs, ...sums });
  }
  const { mean } = await runKernel(backend, 'coadd-normalise', { pixels: 33, planes: 1 }, sums);
  const stack = await runKernel(backend, 'stack-mean', shape, inputs);
  expectClose(mean, stack.mean, { relative: 1e-6 });
  expectClose(sums.used, stack.used, { relative: 0 });
}
