// Statements about drizzle that hold on every backend.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { RADIAL_TABLE_SIZE, radialTable } from '../../../src/compute/contracts/coadd-radial.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { cellBlocks, type Geometry, paint, runKernel, seededRandom } from '../../helpers/kernel-runs.js';

const stem = 'drizzle';
const RGGB = 0b10_01_01_00;

/** Turned by an angle, with so many frame pixels an output pixel; (x0, y0) is the frame position of output pixel (0, 0). */
function turned(degrees: number, scale: number, x0: number, y0: number): Geometry {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return (x, y) => [x0 + scale * (cos * x - sin * y), y0 + scale * (sin * x + cos * y)];
}

interface Drop {
  readonly cell: readonly [number, number];
  readonly window: readonly [number, number];
  readonly image: Float32Array;
  readonly geometry: Geometry;
  readonly pixfrac?: number;
  readonly planes?: number;
  readonly bayer?: boolean;
  readonly at?: readonly [number, number];
  readonly weight?: number;
  readonly levels?: Float32Array;
  readonly radial?: Float32Array;
  readonly cube?: Float32Array;
  readonly sums?: Float32Array;
}

/** The four sums `[planes, height, width]` that one frame leaves, in slot 1 of 2; nothing is levelled or rejected unless told. */
async function dropped(backend: ComputeBackend, drop: Drop): Promise<Float32Array[]> {
  const [cellWidth, cellHeight] = drop.cell;
  const planes = drop.planes ?? (drop.bayer ? 3 : 1);
  const size = planes * cellWidth * cellHeight;
  const cube = new Float32Array(2 * size).fill(BLANK_VALUE);
  cube.set(drop.cube ?? new Float32Array(size), size);
  const [windowX, windowY] = drop.at ?? [0, 0];
  const result = await runKernel(
    backend,
    stem,
    {
      ...{ cellWidth, cellHeight, planes, slot: 1, slots: 2 },
      ...{ windowWidth: drop.window[0], windowHeight: drop.window[1], windowX, windowY },
      ...{ bayer: drop.bayer ? 1 : 0, pattern: drop.bayer ? RGGB : 0, pixfrac: drop.pixfrac ?? 1 },
      ...{ centreX: 5.5, centreY: 4.5, invScale: 0.25, invRadius: 0.1 },
    },
    {
      image: drop.image,
      map: cellBlocks(cellWidth, cellHeight, drop.geometry),
      levels: drop.levels ?? Float32Array.from({ length: 7 * planes }, (_, k) => (k % 7 === 0 ? 1 : 0)),
      radial: drop.radial ?? new Float32Array(RADIAL_TABLE_SIZE + 2).fill(1),
      frame_weights: new Float32Array(2 * planes).fill(9).fill(drop.weight ?? 1, planes),
      cube,
      ...(drop.sums && { sums: drop.sums }),
    },
  );
  return [0, 1, 2, 3].map((k) => result.sums.slice(k * size, (k + 1) * size) as Float32Array);
}

/** One raw pixel at the corner of four output pixels half as wide, and what pixfrac makes of it one pixel aside. */
export async function checkOneDropByItsAreas(backend: ComputeBackend): Promise<void> {
  const image = Float32Array.of(40);
  const base = { cell: [5, 4], window: [1, 1], image, at: [1, 1] } as const;
  // output pixel (x, y) lies at frame position (x / 2 + 1/4, y / 2 + 1/4): the drop covers 1 .. 2
  const half: Geometry = (x, y) => [x / 2 + 0.25, y / 2 + 0.25];
  const [sum, weight, square, frames] = await dropped(backend, { ...base, geometry: half, weight: 2 });
  const covered = paint(5, 4, (x, y) => (x >= 1 && x < 3 && y >= 1 && y < 3 ? 1 : 0));
  expectClose(
    weight,
    [...covered].map((v) => v / 2),
    { relative: 1e-5, scale: 1 },
  );
  expectClose(
    sum,
    [...covered].map((v) => 20 * v),
    { relative: 1e-5, scale: 10 },
  );
  expectClose(
    square,
    [...covered].map((v) => v / 8),
    { relative: 1e-5, scale: 1 },
  );
  expectClose(frames, covered, { relative: 0 });
  // moved by a tenth of a raw pixel: a drop of side 0.6 covers 0.8 .. 1.4 of the frame's x, output pixels of 0.5
  const moved: Geometry = (x, y) => [x / 2 + 0.15, y / 2 + 0.25];
  const small = await dropped(backend, { ...base, geometry: moved, pixfrac: 0.6 });
  const alongX = [0, 0.2 / 0.6, 0.4 / 0.6, 0, 0];
  const alongY = [0, 0.5, 0.5, 0];
  expectClose(
    small[1],
    paint(5, 4, (x, y) => alongX[x] * alongY[y]),
    { relative: 1e-5, scale: 1 },
  );
}

/** Turned, bent, over the joints of blocks: the parts of every drop sum to 1, and with them the flux. */
export async function checkConservesFlux(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(7);
  for (const [degrees, scale, pixfrac] of [
    [23, 0.5, 0.8],
    [-71, 0.37, 1],
    [190, 1, 0.3],
  ]) {
    const cell: [number, number] = [90, 80];
    const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
    // the middle of the cell on the middle of the window
    const geometry: Geometry = (x, y) => {
      const [dx, dy] = [scale * (x - 45), scale * (y - 40)];
      return [8 + cos * dx - sin * dy + 2e-5 * dx * dy, 8 + sin * dx + cos * dy];
    };
    const image = Float32Array.from({ length: 17 * 17 }, () => 1000 * random());
    for (const bayer of [false, true]) {
      const [sum, weight] = await dropped(backend, {
        cell,
        window: [17, 17],
        image,
        geometry,
        pixfrac,
        bayer,
      });
      const total = image.reduce((a, v) => a + v, 0);
      expect(sum.reduce((a, v) => a + v, 0) / total).toBeCloseTo(1, 4);
      expect(weight.reduce((a, v) => a + v, 0) / 289).toBeCloseTo(1, 4);
    }
  }
}

/** Two frames of other shift and weight, turned by these angles: weights, and values on the scale of raw pixels, of 8 x 3 pixels in the middle. */
async function twoFrames(backend: ComputeBackend, degrees: readonly [number, number], y0: number) {
  const cell: [number, number] = [18, 16];
  let sums = new Float32Array(4 * 18 * 16);
  for (const [angle, shiftX, shiftY, weight] of [
    [degrees[0], 1.3, -0.7, 1],
    [degrees[1], 0.2, y0, 2.5],
  ]) {
    const image = paint(12, 10, (x, y) => (37 * x + 91 * y + 13 * angle + 10100) % 101);
    const geometry = turned(angle, 0.55, shiftX, shiftY);
    const parts = await dropped(backend, {
      cell,
      window: [12, 10],
      image,
      geometry,
      pixfrac: 0.7,
      weight,
      sums,
    });
    sums = Float32Array.from(parts.flatMap((part) => [...part]));
  }
  const places = Array.from({ length: 24 }, (_, k) => (4 + Math.floor(k / 8)) * 18 + 4 + (k % 8));
  return {
    weights: places.map((at) => sums[288 + at]),
    values: places.map((at) => sums[at] / sums[288 + at]),
  };
}

/** STScI's drizzle 1.13.4, kernel square, on frames that lie along the grid. */
export async function checkAgainstTheDrizzlePackage(backend: ComputeBackend): Promise<void> {
  const found = await twoFrames(backend, [0, 0], 1.9);
  expectClose(found.weights, STSCI.weights, { relative: 3e-4, scale: 1 });
  expectClose(found.values, STSCI.values, { relative: 3e-4, scale: 50 });
}

/** OpenCV 4.6's intersection of polygons, on frames that are turned. */
export async function checkAgainstPolygons(backend: ComputeBackend): Promise<void> {
  const found = await twoFrames(backend, [20, -35], 2.9);
  expectClose(found.weights, OPENCV.weights, { relative: 3e-4, scale: 1 });
  expectClose(found.values, OPENCV.values, { relative: 3e-4, scale: 50 });
}

const STSCI = {
  weights: [
    ...[0.7972, 1.7538, 0.7972, 1.7156, 0.8355, 1.4636, 1.0874, 1.1448],
    ...[0.6314, 1.389, 0.6314, 1.3048, 0.7156, 1.0874, 0.933, 0.8348],
    ...[0.6696, 1.4732, 0.6696, 1.4349, 0.7079, 1.2213, 0.9216, 0.9534],
  ],
  values: [
    ...[37.868, 64.76, 43.208, 15.7584, 33.2939, 38.902, 73.2229, 76.2201],
    ...[41.6111, 45.8889, 70.9667, 84.1075, 19.8039, 20.8387, 53.6165, 58.4286],
    ...[31.9476, 52.8095, 74.1286, 90.7378, 50.1207, 41.5039, 60.8824, 64.6722],
  ],
};
const OPENCV = {
  weights: [
    ...[0.7453, 1.2182, 1.1961, 0.5386, 1.5769, 1.0617, 0.8798, 0.7181],
    ...[0.751, 1.1522, 0.7224, 1.93, 0.4619, 1.0207, 1.1968, 1.2235],
    ...[1.1434, 1.0365, 0.9666, 0.8512, 1.2379, 1.4691, 0.4263, 1.6081],
  ],
  values: [
    ...[33.0823, 62.076, 68.3052, 47.0604, 12.635, 23.5314, 51.5203, 62.0101],
    ...[41.9471, 49.827, 44.1041, 21.1177, 15.5231, 37.3391, 45.4727, 62.9774],
    ...[37.6679, 53.8362, 82.13, 33.7199, 46.5051, 27.1163, 43.0663, 78.7965],
  ],
};

/** A colour is made of its own sites, counted from the frame's first pixel; a blank one has no drop. */
export async function checkColoursFromTheirOwnSites(backend: ComputeBackend): Promise<void> {
  const image = paint(6, 6, (x, y) =>
    x === 2 && y === 2 ? BLANK_VALUE : 100 * ((y + 5) & 1) + 10 * ((x + 7) & 1),
  );
  // window pixel (0, 0) is frame pixel (7, 5), a blue one
  const identity: Geometry = (x, y) => [x + 7, y + 5];
  const [sum, weight] = await dropped(backend, {
    ...{ cell: [6, 6], window: [6, 6], image, geometry: identity, bayer: true, at: [7, 5] },
  });
  const value = (c: number, x: number, y: number) => {
    const at = (c * 6 + y) * 6 + x;
    return weight[at] > 0.5 ? sum[at] / weight[at] : undefined;
  };
  expect([value(0, 1, 1), value(1, 1, 1), value(2, 1, 1)]).toEqual([0, undefined, undefined]);
  expect(value(1, 1, 0)).toBeCloseTo(100, 3);
  expect(value(1, 0, 1)).toBeCloseTo(10, 3);
  expect(value(2, 0, 0)).toBeCloseTo(110, 3);
  expect([value(0, 2, 2), value(1, 2, 2), value(2, 2, 2)]).toEqual([undefined, undefined, undefined]);
}

/** A pixel at which the slot's sample is gone gets nothing of its frame, and no other pixel less. */
export async function checkRejectedSamplesAddNothing(backend: ComputeBackend): Promise<void> {
  const drop = {
    ...{ cell: [12, 9] as const, window: [8, 8] as const, image: new Float32Array(64).fill(7) },
    ...{ geometry: turned(11, 0.6, 1, 0.5), pixfrac: 0.9 },
  };
  const cube = new Float32Array(108);
  cube[4 * 12 + 5] = BLANK_VALUE;
  const whole = await dropped(backend, drop);
  const without = await dropped(backend, { ...drop, cube });
  for (let k = 0; k < 4; k++) {
    expect(whole[k][4 * 12 + 5]).toBeGreaterThan(0);
    whole[k][4 * 12 + 5] = 0;
    expect(without[k]).toEqual(whole[k]);
  }
}

/** Levels and radial weights of raw pixels, planes of their own, blanks, blocks, a window that lies aside. */
export async function checkParity(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(12);
  const cell: [number, number] = [70, 67];
  const shape = { featherFraction: 0.9, power: 1.5, floor: 0.1 };
  const levels = Float32Array.from({ length: 21 }, (_, k) =>
    k % 7 === 0 ? 1 + 0.3 * random() : 5 * random(),
  );
  for (const bayer of [false, true]) {
    const planes = bayer ? 1 : 3;
    const image = Float32Array.from({ length: planes * 40 * 36 }, () =>
      random() < 0.03 ? BLANK_VALUE : 500 + 100 * random(),
    );
    const cube = Float32Array.from({ length: 3 * 70 * 67 }, () => (random() < 0.1 ? BLANK_VALUE : 0));
    const sums = Float32Array.from({ length: 4 * 3 * 70 * 67 }, random);
    const drop: Drop = {
      ...{ cell, window: [40, 36], image, planes: 3, bayer, at: [3, 2], cube, sums, levels },
      ...{ geometry: turned(14, 0.52, 9, 1), pixfrac: 0.75, weight: 0.7, radial: radialTable(shape) },
    };
    const actual = await dropped(backend, drop);
    const expected = await dropped(createReferenceBackend(), drop);
    expectClose(actual[1], expected[1], { relative: 1e-4, scale: 1 });
    expectClose(actual[2], expected[2], { relative: 1e-4, scale: 1 });
    expectClose(actual[0], expected[0], { relative: 1e-4, scale: 500 });
    // but where an overlap is as good as none
    const differing = actual[3].filter((n, k) => Math.abs(n - expected[3][k]) > 1e-5).length;
    expect(differing).toBeLessThan(20);
    expect(expected[3].filter((n, k) => n - sums[3 * 3 * 70 * 67 + k] > 0.5).length).toBeGreaterThan(2000);
  }
}
