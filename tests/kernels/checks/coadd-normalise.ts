// Statements about coadd-normalise that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { runKernel, seededRandom } from '../../helpers/kernel-runs.js';

const stem = 'coadd-normalise';

export async function checkDividesAndBlanks(backend: ComputeBackend): Promise<void> {
  const { mean } = await runKernel(
    backend,
    stem,
    { pixels: 3, planes: 2 },
    { sum: Float32Array.of(6, 0, -8, 5, 1e30, 7), weight: Float32Array.of(3, 0, 4, 0.5, 1e5, 0) },
  );
  expectClose(mean, [2, BLANK_VALUE, -2, 10, 1e25, BLANK_VALUE], { relative: 3e-7 });
}

export async function checkParityOnRandomSums(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(47);
  const params = { pixels: 1013, planes: 3 };
  const inputs = {
    sum: Float32Array.from({ length: 3039 }, () => 1e6 * (random() - 0.5)),
    weight: Float32Array.from({ length: 3039 }, () => (random() < 0.1 ? 0 : 50 * random())),
  };
  const actual = await runKernel(backend, stem, params, inputs);
  const expected = await runKernel(createReferenceBackend(), stem, params, inputs);
  // WGSL allows a division 2.5 ulp.
  expectClose(actual.mean, expected.mean, { relative: 3e-7 });
}
