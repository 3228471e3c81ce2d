// What both demosaic kernels promise, on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose, LINEAR } from '../../helpers/expect-arrays.js';
import { paint, runKernel, seededRandom } from '../../helpers/kernel-runs.js';

export type DemosaicStem = 'demosaic-bilinear' | 'demosaic-edge-aware';

/** 2 bits a site, (0,0) lowest. */
export const PATTERNS = { RGGB: 0b10010100, BGGR: 0b00010110, GRBG: 0b01100001, GBRG: 0b01001001 };

export interface Mosaic {
  readonly width: number;
  readonly height: number;
  readonly originX: number;
  readonly originY: number;
  readonly pattern: number;
}

/** CFA of a scene given per colour. */
export function mosaicOf(m: Mosaic, scene: (colour: number, x: number, y: number) => number): Float32Array {
  return paint(m.width, m.height, (x, y) => {
    const site = ((y + m.originY) % 2) * 2 + ((x + m.originX) % 2);
    return scene((m.pattern >> (2 * site)) & 3, x, y);
  });
}

export async function demosaic(
  backend: ComputeBackend,
  stem: DemosaicStem,
  m: Mosaic,
  cfa: Float32Array,
): Promise<Float32Array> {
  return (await runKernel(backend, stem, { ...m }, { cfa })).planes as Float32Array;
}

/** Expects the planes to show the scene, but for `margin` pixels along the border. */
export function expectScene(
  planes: Float32Array,
  m: Mosaic,
  margin: number,
  scene: (colour: number, x: number, y: number) => number,
): void {
  const [w, h] = [m.width - 2 * margin, m.height - 2 * margin];
  for (let colour = 0; colour < 3; colour++) {
    const part = paint(w, h, (x, y) => planes[(colour * m.height + y + margin) * m.width + x + margin]);
    expectClose(
      part,
      paint(w, h, (x, y) => scene(colour, x + margin, y + margin)),
      { relative: 3e-7, scale: 1000 },
    );
  }
}

export const shapes = Object.values(PATTERNS).flatMap((pattern) =>
  [0, 1, 2, 3].map((o) => ({ width: 19, height: 11, originX: o & 1, originY: o >> 1, pattern })),
);

/** Every pattern and origin: colours of different levels with one common slope come back exactly inside the border. */
export async function rampIsExact(backend: ComputeBackend, stem: DemosaicStem): Promise<void> {
  const scene = (colour: number, x: number, y: number) => 500 + 100 * colour + 3 * x - 7 * y;
  for (const m of shapes) expectScene(await demosaic(backend, stem, m, mosaicOf(m, scene)), m, 3, scene);
}

export async function constantStaysConstantToTheBorder(
  backend: ComputeBackend,
  stem: DemosaicStem,
): Promise<void> {
  const scene = (colour: number) => [1234.5, 77.25, 9.125][colour];
  for (const m of shapes) expectScene(await demosaic(backend, stem, m, mosaicOf(m, scene)), m, 0, scene);
}

export async function allBlankStaysBlank(backend: ComputeBackend, stem: DemosaicStem): Promise<void> {
  const m = shapes[0];
  const cfa = new Float32Array(m.width * m.height).fill(BLANK_VALUE);
  const blank = new Float32Array(3 * cfa.length).fill(BLANK_VALUE);
  expectClose(await demosaic(backend, stem, m, cfa), blank, { relative: 0 });
}

/** One pixel, one row, one column: what has no neighbour of a colour is blank in it. */
export async function smallestImages(backend: ComputeBackend, stem: DemosaicStem): Promise<void> {
  const one = { width: 1, height: 1, originX: 0, originY: 0, pattern: PATTERNS.RGGB };
  const single = await demosaic(backend, stem, one, Float32Array.of(5));
  expectClose(single, [5, BLANK_VALUE, BLANK_VALUE], { relative: 0 });
  const row = { ...one, width: 3 };
  const planes = await demosaic(backend, stem, row, Float32Array.of(5, 8, 7));
  expectClose(planes, [5, 6, 7, 8, 8, 8, BLANK_VALUE, BLANK_VALUE, BLANK_VALUE], { relative: 1e-7 });
}

export async function parityOnRandomWithBlanks(backend: ComputeBackend, stem: DemosaicStem): Promise<void> {
  const random = seededRandom(21);
  const reference = createReferenceBackend();
  for (const m of [shapes[1], { ...shapes[14], width: 37, height: 23 }]) {
    for (const blanks of [0, 0.05]) {
      const cfa = mosaicOf(m, () => (random() < blanks ? BLANK_VALUE : 500 + 1000 * random()));
      const [actual, expected] = [
        await demosaic(backend, stem, m, cfa),
        await demosaic(reference, stem, m, cfa),
      ];
      expectClose(actual, expected, { relative: LINEAR, scale: 500 });
    }
  }
}
