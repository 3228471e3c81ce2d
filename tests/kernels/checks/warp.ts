// Statements about warp that hold on every backend.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE, MAP_STRIDE } from '../../../src/compute/constants.js';
import {
  lanczosTable,
  WARP_BILINEAR,
  WARP_LANCZOS3,
  WARP_NEAREST,
} from '../../../src/compute/contracts/warp.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose, LINEAR } from '../../helpers/expect-arrays.js';
import {
  cellBlocks,
  type Geometry,
  justBefore,
  paint,
  runKernel,
  seededRandom,
  translation,
} from '../../helpers/kernel-runs.js';

const table = lanczosTable();
const KERNELS = [WARP_NEAREST, WARP_BILINEAR, WARP_LANCZOS3];
/** Never clamps. */
const UNCLAMPED = 1e9;

interface Warp {
  /** Planes of the window, `[planes, windowHeight, windowWidth]`. */
  readonly planes: Float32Array;
  readonly window: readonly [number, number];
  readonly cell: readonly [number, number];
  readonly geometry: Geometry;
  /** In the place of the geometry's. */
  readonly map?: Float32Array;
  readonly kernel: number;
  readonly clampThreshold?: number;
  readonly windowAt?: readonly [number, number];
  readonly frame?: readonly [number, number];
  readonly levels?: readonly number[];
  readonly slot?: number;
  readonly slots?: number;
  readonly cube?: Float32Array;
}

/** The cube after one warp; where nothing else is said the window is the frame and levels do nothing. */
async function warped(backend: ComputeBackend, w: Warp): Promise<Float32Array> {
  const count = w.planes.length / (w.window[0] * w.window[1]);
  const [windowX, windowY] = w.windowAt ?? [0, 0];
  const [frameWidth, frameHeight] = w.frame ?? w.window;
  const params = {
    cellWidth: w.cell[0],
    cellHeight: w.cell[1],
    windowWidth: w.window[0],
    windowHeight: w.window[1],
    windowX,
    windowY,
    frameWidth,
    frameHeight,
    planes: count,
    slot: w.slot ?? 0,
    slots: w.slots ?? 1,
    kernel: w.kernel,
    clampThreshold: w.clampThreshold ?? 0.3,
    centreX: 20,
    centreY: 10,
    invScale: 0.0625,
  };
  const neutral = Array.from({ length: 7 * count }, (_, k) => (k % 7 === 0 ? 1 : 0));
  const inputs: Record<string, Float32Array> = {
    planes: w.planes,
    map: w.map ?? cellBlocks(w.cell[0], w.cell[1], w.geometry),
    levels: Float32Array.from(w.levels ?? neutral),
    lanczos: table,
  };
  if (w.cube) inputs.cube = w.cube;
  return (await runKernel(backend, 'warp', params, inputs)).cube as Float32Array;
}

/** Rotation, scale and a quadratic term; exact in the map. */
const bent: Geometry = (x, y) => [
  3.3 + 0.96 * x - 0.21 * y + 2e-4 * x * x,
  5.7 + 0.2 * x + 0.97 * y - 1e-4 * x * y,
];

export async function checkIntegerShiftReturnsTheInput(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(5);
  const [window, cell] = [[90, 80] as const, [70, 67] as const];
  const planes = paint(90, 160, () => 1000 * random());
  for (const kernel of KERNELS) {
    const cube = await warped(backend, { planes, window, cell, geometry: translation(7, 9), kernel });
    const expected = paint(70, 134, (x, y) => planes[((y >= 67 ? 80 : 0) + (y % 67) + 9) * 90 + x + 7]);
    // The reference gives the input to the bit; v_min + (v - v_min) in float32 may lose the last one.
    const relative = backend.info.name === 'reference' ? 0 : 2e-7;
    expectClose(cube, expected, { relative, scale: 1000 });
  }
}

export async function checkBilinearReproducesRamps(backend: ComputeBackend): Promise<void> {
  const window = [80, 90] as const;
  const ramp = (x: number, y: number) => 300 + 5 * x - 3 * y;
  const cell = [69, 66] as const;
  const cube = await warped(backend, {
    planes: paint(80, 90, ramp),
    window,
    cell,
    geometry: bent,
    kernel: WARP_BILINEAR,
  });
  // Positions are float32 sums of about 64 px: 4e-6 px each, times a slope of 8 a pixel.
  const expected = paint(...cell, (x, y) => {
    const [px, py] = bent(x, y);
    return px < 0 || py < 0 || px > 79 || py > 89 ? NaN : ramp(px, py);
  });
  const inside = [...expected.keys()].filter((k) => !Number.isNaN(expected[k]));
  expect(inside.length).toBeGreaterThan(2000);
  expectClose(
    inside.map((k) => cube[k]),
    inside.map((k) => expected[k]),
    { relative: 5e-7, scale: 500 },
  );
}

export async function checkConstantStaysConstantUpToBordersAndBlanks(backend: ComputeBackend): Promise<void> {
  const window = [50, 40] as const;
  const planes = paint(...window, (x, y) => (x === 20 && y > 10 && y < 14 ? BLANK_VALUE : 777.7));
  for (const kernel of KERNELS) {
    const cube = await warped(backend, { planes, window, cell: [45, 37], geometry: bent, kernel });
    const values = cube.filter((v) => v !== BLANK_VALUE);
    expect(values.length).toBeGreaterThan(1000);
    // Weighted in f64 the constant comes back to the bit; float32 may be off by two units of its last place.
    const relative = backend.info.name === 'reference' ? 0 : 2e-7;
    expectClose(values, new Float32Array(values.length).fill(777.7), { relative });
  }
}

/** Lanczos-3 written out: exact sinc weights, full 2-D sums, no clamp; at a pixel whose taps are all there. */
function lanczosAt(image: (x: number, y: number) => number, x: number, y: number): number {
  const sinc = (t: number) => (t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t));
  const [kx, ky] = [Math.floor(x), Math.floor(y)];
  let [sum, weights] = [0, 0];
  for (let j = ky - 2; j <= ky + 3; j++) {
    for (let i = kx - 2; i <= kx + 3; i++) {
      const w = sinc(x - i) * sinc((x - i) / 3) * sinc(y - j) * sinc((y - j) / 3);
      sum += w * image(i, j);
      weights += w;
    }
  }
  return sum / weights;
}

export async function checkLanczosAgainstItsFormula(backend: ComputeBackend): Promise<void> {
  const texture = (x: number, y: number) => 100 + ((x * 37 + y * 91 + x * y * 5) % 53);
  const window = [40, 36] as const;
  const cell = [21, 19] as const;
  const geometry: Geometry = (x, y) => [5.123 + 0.99 * x + 0.1 * y, 4.871 - 0.1 * x + 1.01 * y + 3];
  const cube = await warped(backend, {
    planes: paint(...window, texture),
    window,
    cell,
    geometry,
    kernel: WARP_LANCZOS3,
    clampThreshold: UNCLAMPED,
  });
  const expected = paint(...cell, (x, y) => lanczosAt(texture, ...geometry(x, y)));
  // Table steps of 1/4096 interpolated linearly: below 1e-6 of the texture's range a tap, 36 taps of weight 1.6 together.
  expectClose(cube, expected, { relative: 3e-6, scale: 153 });
}

export async function checkFluxOfStarsIsConserved(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(8);
  for (let k = 0; k < 4; k++) {
    const [dx, dy] = [random(), random()];
    const star = (x: number, y: number) =>
      1000 * Math.exp(-((x - 20 - dx) ** 2 + (y - 20 + dy) ** 2) / (2 * 1.4 ** 2));
    const planes = paint(41, 41, star);
    const flux = (v: Float32Array) => v.reduce((a, b) => a + b, 0);
    const cube = await warped(backend, {
      planes,
      window: [41, 41],
      cell: [35, 35],
      geometry: translation(2 + random(), 2 + random()),
      kernel: WARP_LANCZOS3,
      clampThreshold: UNCLAMPED,
    });
    expect(Math.abs(flux(cube) / flux(planes) - 1)).toBeLessThan(1e-3);
  }
}

export async function checkClampKeepsRingsAway(backend: ComputeBackend): Promise<void> {
  const planes = paint(21, 21, (x, y) => 100 + 50000 * Math.exp(-2 * ((x - 10) ** 2 + (y - 10) ** 2)));
  const run = (clampThreshold: number) =>
    warped(backend, {
      planes,
      window: [21, 21],
      cell: [13, 13],
      geometry: translation(4.5, 4.4),
      kernel: WARP_LANCZOS3,
      clampThreshold,
    });
  expect(Math.min(...(await run(UNCLAMPED)))).toBeLessThan(-1000);
  expect(Math.min(...(await run(0.3)))).toBeGreaterThanOrEqual(100 - 1e-3);
  expect(Math.max(...(await run(0.3)))).toBeLessThan(50000);
}

export async function checkValidWeightBelowHalfIsBlank(backend: ComputeBackend): Promise<void> {
  // Columns 0..2 with a blank middle; positions x + 0.25 and x + 0.75 along a row.
  const planes = paint(3, 3, (x) => (x === 1 ? BLANK_VALUE : 10 * x + 5));
  const base = { planes, window: [3, 3] as const, cell: [2, 3] as const, kernel: WARP_BILINEAR };
  const early = await warped(backend, { ...base, geometry: translation(0.25, 0) });
  expectClose(early, [5, BLANK_VALUE, 5, BLANK_VALUE, 5, BLANK_VALUE], { relative: 1e-7 });
  const late = await warped(backend, { ...base, geometry: translation(0.75, 0) });
  expectClose(late, [BLANK_VALUE, 25, BLANK_VALUE, 25, BLANK_VALUE, 25], { relative: 1e-7 });
  const nearest = await warped(backend, { ...base, kernel: WARP_NEAREST, geometry: translation(0.5, 0) });
  expectClose(nearest, [BLANK_VALUE, 25, BLANK_VALUE, 25, BLANK_VALUE, 25], { relative: 0 });
}

export async function checkFrameEndsHalfAPixelOut(backend: ComputeBackend): Promise<void> {
  const planes = paint(4, 4, (x, y) => 10 * x + y + 1);
  const base = { planes, window: [4, 4] as const, cell: [6, 1] as const };
  const B = BLANK_VALUE;
  // Positions -1.25, -0.25, ... 3.75 in x, -0.25 in y: taps outside leave their weight to the others.
  const bilinear = await warped(backend, {
    ...base,
    kernel: WARP_BILINEAR,
    geometry: translation(-1.25, -0.25),
  });
  expectClose(bilinear, [B, 1, 8.5, 18.5, 28.5, B], { relative: 1e-6 });
  const nearest = await warped(backend, {
    ...base,
    kernel: WARP_NEAREST,
    geometry: translation(-0.5, 3.49),
  });
  expectClose(nearest, [4, 14, 24, 34, B, B], { relative: 0 });
  for (const kernel of KERNELS) {
    const away = await warped(backend, { ...base, kernel, geometry: translation(-1e6, 3) });
    expectClose(away, new Float32Array(6).fill(B), { relative: 0 });
  }
}

/** Lies so little before a pixel that its fraction is rounded to 1; what surrounds it is whole, has a blank, or is missing. */
export async function checkFractionThatIsRoundedToOne(backend: ComputeBackend): Promise<void> {
  const window = [20, 18] as const;
  const whole = paint(...window, (x, y) => 100 + 20 * y + x);
  const holed = whole.with(9 * 20 + 9, BLANK_VALUE);
  const base = { window, cell: [2, 1] as const, geometry: translation(0, 0) };
  for (const [x, y] of [
    [10, 10],
    [0, 0],
    [19, 17],
  ])
    for (const planes of [whole, holed])
      for (const kernel of KERNELS) {
        const cube = await warped(backend, { ...base, planes, kernel, map: justBefore(x, y) });
        // the GPU works weights out that are 0 here
        expectClose(cube, new Float32Array(2).fill(whole[20 * y + x]), { relative: 1e-5, scale: 500 });
      }
}

export async function checkWindowFarFromTheCellIsBlank(backend: ComputeBackend): Promise<void> {
  const base = { planes: new Float32Array(400).fill(7), window: [20, 20] as const, cell: [9, 5] as const };
  const far = { ...base, geometry: translation(10.3, 4.4), frame: [4_000_000, 400] as const };
  for (const kernel of KERNELS)
    for (const windowAt of [
      [3_000_000, 0],
      [-3_000_000, 0],
      [0, 300],
    ] as const) {
      const cube = await warped(backend, { ...far, kernel, windowAt });
      expectClose(cube, new Float32Array(45).fill(BLANK_VALUE), { relative: 0 });
    }
}

export async function checkLevelAndGainOfEveryPlane(backend: ComputeBackend): Promise<void> {
  const levels = [2, 10, 1, -2, 3, 4, -5, 0.5, 100, 0, 0, 0, 0, 1];
  const cube = await warped(backend, {
    planes: paint(40, 60, (_, y) => (y < 30 ? 500 : 250)),
    window: [40, 30],
    cell: [33, 25],
    geometry: translation(3.5, 2.25),
    kernel: WARP_BILINEAR,
    levels,
  });
  const expected = paint(33, 50, (x, y) => {
    const [X, Y] = [(x + 3.5 - 20) / 16, ((y % 25) + 2.25 - 10) / 16];
    if (y >= 25) return 0.5 * (250 - (100 + Y * Y));
    return 2 * (500 - (10 + X - 2 * Y + 3 * X * X + 4 * X * Y - 5 * Y * Y));
  });
  expectClose(cube, expected, { relative: 1e-6 });
}

export async function checkOnlyItsSlotIsWritten(backend: ComputeBackend): Promise<void> {
  const planes = paint(10, 16, (x, y) => x + 10 * y);
  const cube = Float32Array.from({ length: 3 * 2 * 20 }, (_, k) => -k);
  const base = { planes, window: [10, 8] as const, cell: [5, 4] as const, geometry: translation(2, 1) };
  const result = await warped(backend, { ...base, kernel: WARP_NEAREST, slot: 1, slots: 3, cube });
  const expected = cube.slice();
  expected.set(
    paint(5, 8, (x, y) => x + 2 + 10 * ((y % 4) + 1 + (y >= 4 ? 8 : 0))),
    40,
  );
  expectClose(result, expected, { relative: 0 });
}

export async function checkWindowGivesWhatTheFrameGives(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(31);
  const frame = [60, 50] as const;
  const planes = paint(...frame, () => 1000 * random());
  const geometry: Geometry = (x, y) => [22.3 + 0.9 * x + 0.3 * y, 18.8 - 0.2 * x + 0.95 * y];
  const base = { cell: [15, 11] as const, geometry, frame };
  const part = paint(24, 21, (x, y) => planes[(y + 12) * 60 + x + 18]);
  for (const kernel of KERNELS) {
    const whole = await warped(backend, { ...base, planes, window: frame, kernel });
    const window = await warped(backend, {
      ...base,
      planes: part,
      window: [24, 21],
      windowAt: [18, 12],
      kernel,
    });
    expectClose(window, whole, { relative: 0 });
  }
}

/** Odd sizes over several blocks, noise with stars and blanks, one and three planes. */
export async function checkParityOnNoise(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(77);
  const reference = createReferenceBackend();
  for (const count of [1, 3]) {
    const planes = paint(83, 79 * count, () => {
      const kind = random();
      return kind < 0.01 ? BLANK_VALUE : kind > 0.99 ? 9000 * random() : 1000 + 100 * random();
    });
    const levels = Array.from({ length: 7 * count }, (_, k) => (k % 7 === 0 ? 1.1 : 3 - (k % 5)));
    for (const kernel of KERNELS) {
      const job = {
        planes,
        window: [83, 79] as const,
        cell: [71, 67] as const,
        geometry: bent,
        kernel,
        levels,
        // From 1 on, only what comes out below its taps can be clamped.
        clampThreshold: count === 1 ? 1 : 0.3,
      };
      const [actual, expected] = [await warped(backend, job), await warped(reference, job)];
      // A clamp or blank decision on a knife's edge may fall either way on hardware that contracts products and sums.
      expectClose(actual, expected, { relative: LINEAR, scale: 9000, share: 1e-5 });
    }
  }
}

/** Noise and stars with hardly a blank: whole blocks have all their taps, whatever their turn and scale, and wherever the base of their map. */
export async function checkParityWhereNoTapIsMissing(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(79);
  const reference = createReferenceBackend();
  const [window, cell] = [[150, 140] as const, [70, 68] as const];
  const planes = paint(150, 420, (x, y) => {
    if (x === 140 && y === 135) return BLANK_VALUE;
    return random() > 0.99 ? 9000 * random() : 1000 + 100 * random();
  });
  const levels = Array.from({ length: 21 }, (_, k) => (k % 7 === 0 ? 1.1 : 3 - (k % 5)));
  for (const [turn, scale, base, bend] of [
    [0, 1, 0, 0],
    [10, 1, 0, 0],
    [45, 1, 0, 0],
    [100, 0.7, 0, 0],
    [10, 1.7, 0, 0],
    [10, 1, 60000, 0],
    [0, 1, 0, 4e-3],
    [0, 1, 0, -4e-3],
  ]) {
    const angle = (turn * Math.PI) / 180;
    const [a, b] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    const geometry: Geometry = (x, y) => [
      70.3 + a * (x - 35) - b * (y - 34) + bend * (x - 35) ** 2,
      65.6 + b * (x - 35) + a * (y - 34) + bend * (y - 34) ** 2,
    ];
    const map = cellBlocks(...cell, geometry);
    // float32 leaves 1/256 px of such offsets
    for (let at = 0; at < map.length; at += MAP_STRIDE) {
      for (const [whole, constant] of [
        [0, 2],
        [1, 11],
      ]) {
        map[at + whole] -= base;
        map[at + constant] += base;
      }
    }
    const job = { planes, window, cell, geometry, map, kernel: WARP_LANCZOS3, levels, clampThreshold: 1 };
    const [actual, expected] = [await warped(backend, job), await warped(reference, job)];
    expectClose(actual, expected, { relative: LINEAR, scale: 9000, share: 1e-4 });
  }
}

/** As where a flat is nearly 0: what lies in the same block, but not beside it, keeps its digits. */
export async function checkSamplesFarBelowLeaveOthersAlone(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(83);
  const window = [110, 100] as const;
  const planes = paint(...window, (x, y) => (Math.hypot(x - 51, y - 36) < 8 ? -1e9 : 1000 + 100 * random()));
  const job = {
    planes,
    window,
    cell: [64, 64],
    geometry: translation(20.3, 20.4),
    kernel: WARP_LANCZOS3,
  } as const;
  const [actual, expected] = await Promise.all(
    [backend, createReferenceBackend()].map((b) => warped(b, { ...job, clampThreshold: 1 })),
  );
  const isFar = (_: number, k: number) => Math.hypot((k % 64) - 31, Math.floor(k / 64) - 16) > 14;
  expectClose(actual.filter(isFar), expected.filter(isFar), { relative: LINEAR, scale: 1000 });
}

/** To the last digit, and next to what is not constant. */
export async function checkConstantOfManyDigitsStaysExact(backend: ComputeBackend): Promise<void> {
  if (backend.info.name !== 'wasm') return;
  const window = [130, 120] as const;
  const planes = paint(...window, (x) => (x < 60 ? 777.7 : 777.7 + 3 * (x - 60)));
  const geometry: Geometry = (x, y) => [15.3 + 0.98 * x - 0.17 * y, 6.4 + 0.17 * x + 0.98 * y];
  const cube = await warped(backend, {
    planes,
    window,
    cell: [32, 64],
    geometry,
    kernel: WARP_LANCZOS3,
    clampThreshold: UNCLAMPED,
  });
  const left = cube.filter((_, k) => geometry(k % 32, Math.floor(k / 32))[0] < 55);
  expect(left.length).toBeGreaterThan(1500);
  expectClose(left, new Float32Array(left.length).fill(777.7), { relative: 0 });
}

export async function checkAllBlankAndHugeValues(backend: ComputeBackend): Promise<void> {
  const window = [20, 18] as const;
  const reference = createReferenceBackend();
  const random = seededRandom(3);
  const huge = paint(...window, () => 1e25 * (1 + random()));
  for (const kernel of KERNELS) {
    const base = { window, cell: [17, 15] as const, geometry: translation(1.3, 1.6), kernel };
    const blank = await warped(backend, { ...base, planes: new Float32Array(360).fill(BLANK_VALUE) });
    expectClose(blank, new Float32Array(255).fill(BLANK_VALUE), { relative: 0 });
    const job = { ...base, planes: huge };
    const expected = await warped(reference, job);
    expectClose(await warped(backend, job), expected, { relative: LINEAR, scale: 1e25 });
  }
}
