// Statements about fix-hot-pixels that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { paint, runKernel, seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

const [width, height] = [17, 13];
const cfa = {
  width,
  height,
  originX: 0,
  originY: 0,
  step: 2,
  threshold00: 50,
  threshold01: 50,
  threshold10: 50,
  threshold11: 50,
  isolation: 0.4,
  blanks: 0,
};
const EXACT = { relative: 1e-7 };

async function fix(
  backend: ComputeBackend,
  image: Float32Array,
  params: Partial<typeof cfa> = {},
): Promise<Float32Array> {
  const { fixed } = await runKernel(backend, 'fix-hot-pixels', { ...cfa, ...params }, { image });
  return fixed as Float32Array;
}

/** A CFA of four levels, one per site: what a neighbour of another colour has is no measure. */
const sky = () => paint(width, height, (x, y) => 100 + 40 * (x & 1) + 15 * (y & 1));
const at = (x: number, y: number) => y * width + x;

export async function checkPlantedDefectsBecomeTheirMedian(backend: ComputeBackend): Promise<void> {
  for (const step of [1, 2]) {
    const clean = step === 2 ? sky() : paint(width, height, () => 100);
    const image = clean.slice();
    for (const [x, y] of [
      [8, 6],
      [0, 0],
      [16, 12],
      [3, 0],
    ])
      image[at(x, y)] += 400;
    image[at(11, 3)] -= 90;
    expectClose(await fix(backend, image, { step }), clean, EXACT);
  }
}

export async function checkDefectsAreLeftOutWhereAsked(backend: ComputeBackend): Promise<void> {
  for (const step of [1, 2]) {
    const image = step === 2 ? sky() : paint(width, height, () => 100);
    const expected = image.slice();
    for (const [x, y] of [
      [8, 6],
      [0, 0],
      [16, 12],
    ]) {
      image[at(x, y)] += 400;
      expected[at(x, y)] = BLANK_VALUE;
    }
    image[at(11, 3)] -= 90;
    expected[at(11, 3)] = BLANK_VALUE;
    expectClose(await fix(backend, image, { step, blanks: 1 }), expected, EXACT);
  }
}

export async function checkStarsAndFaintExcessesStay(backend: ComputeBackend): Promise<void> {
  const star = (x: number, y: number) => 900 * Math.exp(-((x - 8.3) ** 2 + (y - 5.8) ** 2) / (2 * 1.3 ** 2));
  const image = sky().map((v, k) => v + star(k % width, Math.floor(k / width)));
  image[at(2, 2)] += 49;
  image[at(14, 10)] -= 49;
  expectClose(await fix(backend, image), image, { relative: 0 });
}

export async function checkThresholdFollowsTheSiteOfTheFrame(backend: ComputeBackend): Promise<void> {
  const image = sky();
  image[at(4, 4)] += 300;
  image[at(9, 7)] += 300;
  const expected = image.slice();
  expected[at(9, 7)] = sky()[at(9, 7)];
  // With the origin odd in x, (4, 4) stands on site (1, 0) of the frame: parity 0*2 + 1.
  const params = { originX: 5, originY: 2, threshold01: 1000 };
  expectClose(await fix(backend, image, params), expected, EXACT);
}

export async function checkMedianOfEvenCountAndBlanks(backend: ComputeBackend): Promise<void> {
  const image = new Float32Array(width * height).fill(BLANK_VALUE);
  image[at(8, 6)] = 500;
  [10, 20, 60, 90].forEach((v, k) => (image[at(6 + 4 * (k & 1), 4 + 2 * (k >> 1))] = v));
  image[at(2, 2)] = 1e6;
  const expected = image.slice();
  expected[at(8, 6)] = 40;
  // Alone among blanks there is no median: (2, 2) stays; (8, 6) sees 10, 20, 60, 90.
  const fixed = await fix(backend, image, { threshold00: 300 });
  expectClose(fixed, expected, EXACT);
}

export async function checkWindowGivesWhatTheFrameGives(backend: ComputeBackend): Promise<void> {
  const image = noisy(3);
  const whole = await fix(backend, image);
  const [x0, y0, w, h] = [3, 2, 11, 9];
  const cut = (from: Float32Array, margin: number) =>
    paint(w - 2 * margin, h - 2 * margin, (x, y) => from[at(x0 + x + margin, y0 + y + margin)]);
  const params = { ...cfa, width: w, height: h, originX: x0, originY: y0 };
  const { fixed } = await runKernel(backend, 'fix-hot-pixels', params, { image: cut(image, 0) });
  const inner = paint(w - 6, h - 6, (x, y) => fixed[(y + 3) * w + x + 3]);
  expectClose(inner, cut(whole, 3), { relative: 0 });
}

export async function checkSmallestImagesAndAllBlank(backend: ComputeBackend): Promise<void> {
  const one = { width: 1, height: 1 };
  expectClose(await fix(backend, Float32Array.of(1e9), one), [1e9], { relative: 0 });
  const blank = new Float32Array(width * height).fill(BLANK_VALUE);
  expectClose(await fix(backend, blank), blank, { relative: 0 });
}

export async function checkParityOnNoiseWithDefects(backend: ComputeBackend): Promise<void> {
  const reference = createReferenceBackend();
  for (const step of [1, 2]) {
    const image = noisy(step);
    const thresholds = { threshold00: 30, threshold01: 35, threshold10: 40, threshold11: 45 };
    const params = { step, originX: 1, originY: 1, ...thresholds };
    const [actual, expected] = [await fix(backend, image, params), await fix(reference, image, params)];
    expectClose(actual, expected, EXACT);
  }
}

function noisy(seed: number): Float32Array {
  const [normal, random] = [seededNormal(seed), seededRandom(seed + 100)];
  return sky().map((v) => {
    const kind = random();
    if (kind < 0.03) return BLANK_VALUE;
    return v + 12 * normal() + (kind < 0.1 ? 300 : kind > 0.95 ? -200 : 0);
  });
}
