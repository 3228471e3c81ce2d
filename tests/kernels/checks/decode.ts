// Statements about decode that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { SAMPLE_F32, SAMPLE_I16, SAMPLE_U8 } from '../../../src/compute/contracts/decode.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { runKernel, seededRandom } from '../../helpers/kernel-runs.js';

type Put = (view: DataView, at: number, value: number) => void;

/** File bytes of the samples, as the 32-bit words that the kernel takes, and the kernel's image of them. */
async function decoded(
  backend: ComputeBackend,
  samples: readonly number[],
  size: number,
  put: Put,
  params: Record<string, number>,
): Promise<Float32Array> {
  const bytes = new DataView(new ArrayBuffer(Math.ceil((samples.length * size) / 4) * 4));
  samples.forEach((value, k) => put(bytes, k * size, value));
  const plain = { hasBlank: 0, blank: 0, scale: 1, zero: 0, firstSample: 0 };
  const { image } = await runKernel(
    backend,
    'decode',
    { ...plain, ...params },
    { raw: new Uint32Array(bytes.buffer) },
  );
  return image as Float32Array;
}

const int16: Put = (view, at, value) => view.setInt16(at, value, false);
const uint8: Put = (view, at, value) => view.setUint8(at, value);
const float32: Put = (view, at, value) => view.setFloat32(at, value, false);

export async function checkSigned16WithScaleAndBlank(backend: ComputeBackend): Promise<void> {
  const samples = [1, -1, -32768, 32767, 9, 2, 258, -256, 4, 5, -3, 6, 7, 8, -32768];
  const image = await decoded(backend, samples, 2, int16, {
    width: 3,
    height: 3,
    rowSamples: 5,
    firstSample: 1,
    sampleType: SAMPLE_I16,
    hasBlank: 1,
    blank: -32768,
    scale: 2,
    zero: 10,
  });
  expectClose(image, [8, BLANK_VALUE, 65544, 526, -502, 18, 22, 24, 26], { relative: 0 });
}

export async function checkUnsignedConventionOf16Bits(backend: ComputeBackend): Promise<void> {
  const params = { width: 3, height: 1, rowSamples: 3, sampleType: SAMPLE_I16, zero: 32768 };
  const image = await decoded(backend, [-32768, 0, 32767], 2, int16, params);
  expectClose(image, [0, 32768, 65535], { relative: 0 });
}

export async function checkBytesAreUnsignedAndUnaligned(backend: ComputeBackend): Promise<void> {
  const samples = [0, 1, 255, 128, 4, 5, 6, 7, 8, 200, 10, 11, 12, 13, 255];
  const image = await decoded(backend, samples, 1, uint8, {
    width: 2,
    height: 3,
    rowSamples: 5,
    firstSample: 2,
    sampleType: SAMPLE_U8,
    hasBlank: 1,
    blank: 255,
    scale: 0.5,
  });
  expectClose(image, [BLANK_VALUE, 64, 3.5, 4, 6, 6.5], { relative: 0 });
}

export async function checkNonFiniteFloatsAreBlank(backend: ComputeBackend): Promise<void> {
  const samples = [1.5, NaN, Infinity, -Infinity, -0.25, 3e14];
  const params = { width: 6, height: 1, rowSamples: 6, sampleType: SAMPLE_F32, scale: 2, zero: 1 };
  const image = await decoded(backend, samples, 4, float32, params);
  const expected = [4, BLANK_VALUE, BLANK_VALUE, BLANK_VALUE, 0.5, 6e14];
  expectClose(image, expected, { relative: 1e-7 });
}

/** A row long enough for the four at a time of a backend and for what is left over; the physical value counts, not the stored one. */
export async function checkFloatsBeyondAllLevelsAreBlank(backend: ComputeBackend): Promise<void> {
  const scale = 2 ** -10;
  const levels = [1e15, -1e15, 1.01e15, -1.01e15, 1e30, -1e30, 3e35, -3e35, 7, 1.01e15, -1.01e15];
  const params = { width: 11, height: 1, rowSamples: 11, sampleType: SAMPLE_F32, scale };
  const image = await decoded(
    backend,
    levels.map((level) => level / scale),
    4,
    float32,
    params,
  );
  const B = BLANK_VALUE;
  expectClose(image, [1e15, -1e15, B, B, B, B, B, B, 7, B, B], { relative: 1e-7 });
}

/** 3e38 * 4 is no number any more. */
export async function checkFloatsThatScalingTakesBeyondAllNumbersAreBlank(
  backend: ComputeBackend,
): Promise<void> {
  const params = { width: 5, height: 1, rowSamples: 5, sampleType: SAMPLE_F32, scale: 4 };
  const image = await decoded(backend, [3e38, -3e38, 1, 3e38, -3e38], 4, float32, params);
  expectClose(image, [BLANK_VALUE, BLANK_VALUE, 4, BLANK_VALUE, BLANK_VALUE], { relative: 0 });
}

export async function checkBlankIsIgnoredWithoutItsFlag(backend: ComputeBackend): Promise<void> {
  const params = { width: 2, height: 1, rowSamples: 2, sampleType: SAMPLE_I16, hasBlank: 0, blank: 7 };
  const image = await decoded(backend, [7, 8], 2, int16, params);
  expectClose(image, [7, 8], { relative: 0 });
}

/** Odd sizes, random samples: the backend against the reference. */
export async function checkParityOnRandomSamples(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(11);
  const shape = { width: 37, height: 19, rowSamples: 41, firstSample: 3 };
  const kinds = [
    { sampleType: SAMPLE_I16, size: 2, put: int16, value: () => Math.floor(random() * 65536) - 32768 },
    { sampleType: SAMPLE_U8, size: 1, put: uint8, value: () => Math.floor(random() * 256) },
    {
      sampleType: SAMPLE_F32,
      size: 4,
      put: float32,
      value: () => (random() < 0.01 ? NaN : random() * 1e4 - 5e3),
    },
  ];
  const reference = createReferenceBackend();
  for (const { sampleType, size, put, value } of kinds) {
    const samples = Array.from({ length: shape.rowSamples * shape.height }, value);
    const params = { ...shape, sampleType, hasBlank: 1, blank: 17, scale: 1.7, zero: -300 };
    const [actual, expected] = [
      await decoded(backend, samples, size, put, params),
      await decoded(reference, samples, size, put, params),
    ];
    // One product and one sum, but 1.7 v - 300 may cancel: the rounding of the product remains.
    expectClose(actual, expected, { relative: 2e-7, scale: 6e4 });
  }
}
