// Statements about calibrate that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { runKernel, seededRandom } from '../../helpers/kernel-runs.js';

const stem = 'calibrate';
const NONE = Float32Array.of(BLANK_VALUE);
/** Without any master, whatever their one element holds. */
const plain = { biasScale: 0, darkScale: 0, hasFlat: 0 };

type Masters = Partial<Record<'bias' | 'dark' | 'flat', number[]>>;

async function calibrated(
  backend: ComputeBackend,
  params: Record<string, number>,
  image: number[],
  masters: Masters = {},
): Promise<Float32Array> {
  const given = Object.fromEntries(Object.entries(masters).map(([k, v]) => [k, Float32Array.from(v)]));
  const inputs = { bias: NONE, dark: NONE, flat: NONE, image: Float32Array.from(image), ...given };
  const shape = { pixels: image.length, planes: 1 };
  const out = await runKernel(backend, stem, { ...shape, ...plain, ...params }, inputs);
  return out.calibrated as Float32Array;
}

export async function checkWithoutMastersNothingChanges(backend: ComputeBackend): Promise<void> {
  const image = [1, -2, BLANK_VALUE, 65535, 0.25];
  expectClose(await calibrated(backend, {}, image), image, { relative: 0 });
}

export async function checkBiasThenDarkThenFlat(backend: ComputeBackend): Promise<void> {
  const params = { biasScale: 1, darkScale: 2, hasFlat: 1 };
  const masters = { bias: [100, 100, 90], dark: [10, 20, 0], flat: [0.5, 1, 2] };
  const out = await calibrated(backend, params, [620, 300, 490], masters);
  expectClose(out, [1000, 160, 200], { relative: 3e-7 });
}

/** What a vignetted, dusty sensor with dark current adds comes off again, at another exposure than the dark's. */
export async function checkDamageIsUndone(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(61);
  const sky = Array.from({ length: 203 }, () => 500 + 3000 * random());
  const bias = sky.map(() => 480 + 10 * random());
  const current = sky.map(() => 200 * random() ** 8);
  const flat = sky.map(() => 0.4 + 0.7 * random());
  const k = 3;
  const raw = sky.map((s, i) => s * flat[i] + bias[i] + k * current[i]);
  const dark = current.map((d, i) => d + bias[i]);
  const params = { biasScale: 1 - k, darkScale: k, hasFlat: 1 };
  const out = await calibrated(backend, params, raw, { bias, dark, flat });
  expectClose(out, sky, { relative: 2e-6 });
}

export async function checkBlanksOfEveryInputSpread(backend: ComputeBackend): Promise<void> {
  const params = { biasScale: 1, darkScale: 1, hasFlat: 1 };
  const masters = {
    bias: [1, BLANK_VALUE, 1, 1, 1, 1],
    dark: [1, 1, BLANK_VALUE, 1, 1, 1],
    flat: [1, 1, 1, BLANK_VALUE, 0, 1],
  };
  const out = await calibrated(backend, params, [BLANK_VALUE, 9, 9, 9, 9, 9], masters);
  const blank = BLANK_VALUE;
  expectClose(out, [blank, blank, blank, blank, blank, 7], { relative: 1e-7 });
}

export async function checkPlanesFollowOneAnother(backend: ComputeBackend): Promise<void> {
  const { calibrated: out } = await runKernel(
    backend,
    stem,
    { pixels: 2, planes: 3, ...plain, darkScale: 1 },
    {
      image: Float32Array.of(10, 20, 30, 40, 50, 60),
      dark: Float32Array.of(1, 2, 3, 4, 5, 6),
      bias: NONE,
      flat: NONE,
    },
  );
  expectClose(out, [9, 18, 27, 36, 45, 54], { relative: 0 });
}

export async function checkParityOnRandomFrames(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(67);
  const length = 3 * 1013;
  const noise = (scale: number) =>
    Float32Array.from({ length }, () => (random() < 0.02 ? BLANK_VALUE : scale * random()));
  const inputs = { image: noise(6e4), bias: noise(500), dark: noise(900), flat: noise(1.5) };
  const params = { pixels: 1013, planes: 3, biasScale: -0.7, darkScale: 1.7, hasFlat: 1 };
  const actual = await runKernel(backend, stem, params, inputs);
  const expected = await runKernel(createReferenceBackend(), stem, params, inputs);
  // Differences may cancel: the rounding of the operands, divided by the smallest flats, remains.
  const flat = inputs.flat;
  const scaled = (out: Float32Array | Uint32Array) =>
    Float32Array.from(out, (v, i) => (v > -1e29 ? v * flat[i] : v));
  expectClose(scaled(actual.calibrated), scaled(expected.calibrated), { relative: 3e-7, scale: 6e4 });
}
