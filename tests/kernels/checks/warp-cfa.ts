// Statements about warp-cfa that hold on every backend.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { WARP_CUBIC } from '../../../src/compute/contracts/warp-cfa.js';
import { lanczosTable, WARP_BILINEAR, WARP_LANCZOS3 } from '../../../src/compute/contracts/warp.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose, LINEAR } from '../../helpers/expect-arrays.js';
import {
  cellBlocks,
  type Geometry,
  paint,
  runKernel,
  seededRandom,
  translation,
} from '../../helpers/kernel-runs.js';
import { mosaicOf, PATTERNS } from './demosaic.js';

const table = lanczosTable();
const KERNELS = [WARP_BILINEAR, WARP_CUBIC, WARP_LANCZOS3];

interface Warp {
  readonly cfa: Float32Array;
  readonly window: readonly [number, number];
  readonly cell: readonly [number, number];
  readonly geometry: Geometry;
  readonly kernel: number;
  readonly pattern: number;
  readonly windowAt?: readonly [number, number];
  readonly frame?: readonly [number, number];
  readonly levels?: readonly number[];
  readonly slot?: number;
  readonly slots?: number;
  readonly cube?: Float32Array;
}

/** The cube after one warp; where nothing else is said the window is the frame, and levels do nothing. */
async function warped(backend: ComputeBackend, w: Warp): Promise<Float32Array> {
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
    pattern: w.pattern,
    slot: w.slot ?? 0,
    slots: w.slots ?? 1,
    kernel: w.kernel,
    centreX: 20,
    centreY: 10,
    invScale: 0.0625,
  };
  const neutral = Array.from({ length: 21 }, (_, k) => (k % 7 === 0 ? 1 : 0));
  const inputs: Record<string, Float32Array> = {
    cfa: w.cfa,
    map: cellBlocks(w.cell[0], w.cell[1], w.geometry),
    levels: Float32Array.from(w.levels ?? neutral),
    lanczos: table,
  };
  if (w.cube) inputs.cube = w.cube;
  return (await runKernel(backend, 'warp-cfa', params, inputs)).cube as Float32Array;
}

/** Samples of a window whose first pixel is the frame pixel `at`. */
const samples = (
  window: readonly [number, number],
  pattern: number,
  scene: (colour: number, x: number, y: number) => number,
  at: readonly [number, number] = [0, 0],
) => mosaicOf({ width: window[0], height: window[1], originX: at[0], originY: at[1], pattern }, scene);

/** Rotation, scale and a quadratic term; exact in the map. */
const bent: Geometry = (x, y) => [
  3.3 + 0.96 * x - 0.21 * y + 2e-4 * x * x,
  5.7 + 0.2 * x + 0.97 * y - 1e-4 * x * y,
];

/** What the cubic reproduces: polynomials of second degree, on every lattice, in every pattern. */
export async function checkCubicReproducesParabolas(backend: ComputeBackend): Promise<void> {
  const window = [90, 96] as const;
  const cell = [67, 66] as const;
  const scene = (c: number, x: number, y: number) =>
    300 + 50 * c + (3 + c) * x - 2 * y + 0.02 * x * x - 0.01 * (c + 1) * x * y + 0.015 * y * y;
  for (const pattern of Object.values(PATTERNS)) {
    const cube = await warped(backend, {
      cfa: samples(window, pattern, scene),
      window,
      cell,
      geometry: bent,
      kernel: WARP_CUBIC,
      pattern,
    });
    const expected = paint(cell[0], 3 * cell[1], (x, row) => {
      const y = row % cell[1];
      const [px, py] = bent(x, y);
      // Five pixels inside the window every lattice has all its taps.
      if (px < 5 || py < 5 || px > 84 || py > 90) return NaN;
      return scene(Math.floor(row / cell[1]), px, py);
    });
    const inside = [...expected.keys()].filter((k) => !Number.isNaN(expected[k]));
    expect(inside.length).toBeGreaterThan(5000);
    // Positions are float32 sums of about 64 px: 4e-6 px each, times slopes of up to 9 a pixel.
    expectClose(
      inside.map((k) => cube[k]),
      inside.map((k) => expected[k]),
      { relative: 1e-6, scale: 500 },
    );
  }
}

/** A position on a site of a colour gives that site's sample. */
export async function checkSitesGiveTheirSamples(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(6);
  const window = [31, 29] as const;
  const cell = [17, 15] as const;
  const cfa = paint(...window, () => 1000 * random());
  for (const pattern of Object.values(PATTERNS)) {
    for (const kernel of KERNELS) {
      const cube = await warped(backend, { cfa, window, cell, geometry: translation(7, 8), kernel, pattern });
      for (let y = 0; y < cell[1]; y++) {
        for (let x = 0; x < cell[0]; x++) {
          const colour = (pattern >> (2 * (((y + 8) & 1) * 2 + ((x + 7) & 1)))) & 3;
          const sample = cube[(colour * cell[1] + y) * cell[0] + x];
          expect(Math.abs(sample - cfa[(y + 8) * 31 + x + 7])).toBeLessThan(2e-4);
        }
      }
    }
  }
}

export async function checkConstantColoursStayConstantUpToBordersAndBlanks(
  backend: ComputeBackend,
): Promise<void> {
  const window = [50, 41] as const;
  const level = [777.7, 1234.5, 99.125];
  const pattern = PATTERNS.GRBG;
  const cfa = samples(window, pattern, (c, x, y) => (x === 20 && y > 10 && y < 14 ? BLANK_VALUE : level[c]));
  for (const kernel of KERNELS) {
    const cell = [45, 37] as const;
    const cube = await warped(backend, { cfa, window, cell, geometry: bent, kernel, pattern });
    for (let c = 0; c < 3; c++) {
      const plane = cube.subarray(c * 45 * 37, (c + 1) * 45 * 37);
      const values = plane.filter((v) => v !== BLANK_VALUE);
      expect(values.length).toBeGreaterThan(1000);
      const relative = backend.info.name === 'reference' ? 0 : 2e-7;
      expectClose(values, new Float32Array(values.length).fill(level[c]), { relative });
    }
  }
}

/** The contract written out at one position: sites found by their colours, weights from formulas, no clamp. */
function convolvedAt(
  image: (x: number, y: number) => number,
  colour: number,
  pattern: number,
  kernel: number,
  x: number,
  y: number,
): number {
  const sinc = (t: number) => (t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t));
  const weight = (t: number) => {
    const d = Math.abs(t);
    if (kernel === WARP_BILINEAR) return Math.max(0, 1 - d);
    if (kernel === WARP_LANCZOS3) return d < 3 ? sinc(d) * sinc(d / 3) : 0;
    if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
    return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
  };
  let [sum, weights] = [0, 0];
  for (let j = Math.floor(y) - 7; j <= y + 8; j++) {
    for (let i = Math.floor(x) - 7; i <= x + 8; i++) {
      if (((pattern >> (2 * ((j & 1) * 2 + (i & 1)))) & 3) !== colour) continue;
      const [dx, dy] = [i - x, j - y];
      const w =
        colour === 1 ? weight((dx + dy) / 2) * weight((dx - dy) / 2) : weight(dx / 2) * weight(dy / 2);
      sum += w * image(i, j);
      weights += w;
    }
  }
  return sum / weights;
}

export async function checkKernelsAgainstTheirFormulas(backend: ComputeBackend): Promise<void> {
  const texture = (x: number, y: number) => 100 + ((x * 37 + y * 91 + x * y * 5) % 53);
  const window = [46, 44] as const;
  const cell = [21, 19] as const;
  const geometry: Geometry = (x, y) => [9.123 + 0.99 * x + 0.1 * y, 10.871 - 0.1 * x + 1.01 * y];
  for (const pattern of Object.values(PATTERNS)) {
    for (const kernel of KERNELS) {
      const cube = await warped(backend, {
        cfa: paint(...window, texture),
        window,
        cell,
        geometry,
        kernel,
        pattern,
      });
      const expected = paint(cell[0], 3 * cell[1], (x, row) =>
        convolvedAt(texture, Math.floor(row / cell[1]), pattern, kernel, ...geometry(x, row % cell[1])),
      );
      // Positions of float32 on noise of pixel scale, and the steps of the Lanczos table.
      expectClose(cube, expected, { relative: 5e-6, scale: 153 });
    }
  }
}

/** Flux and centroid of rendered stars, all patterns, random phases and rotations: 0.1 % and 0.02 px in every colour. */
export async function checkStarsKeepFluxAndPlace(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(8);
  const window = [64, 64] as const;
  const cell = [52, 52] as const;
  const sky = 800;
  // FWHM 3.3 px: what a lattice of spacing 2 still samples to a thousandth.
  const sigma = 1.4;
  for (const pattern of Object.values(PATTERNS)) {
    for (const kernel of [WARP_CUBIC, WARP_LANCZOS3]) {
      const [sx, sy] = [31.5 + random(), 31.5 + random()];
      const angle = 2 * Math.PI * random();
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const [tx, ty] = [25.5 + random(), 25.5 + random()];
      // The star lies at (tx, ty) of the cell.
      const geometry: Geometry = (x, y) => [
        sx + cos * (x - tx) - sin * (y - ty),
        sy + sin * (x - tx) + cos * (y - ty),
      ];
      const star = (x: number, y: number) =>
        20000 * Math.exp(-((x - sx) ** 2 + (y - sy) ** 2) / (2 * sigma ** 2));
      const cube = await warped(backend, {
        cfa: samples(window, pattern, (_, x, y) => sky + star(x, y)),
        window,
        cell,
        geometry,
        kernel,
        pattern,
      });
      for (let c = 0; c < 3; c++) {
        let [flux, mx, my] = [0, 0, 0];
        for (let y = 0; y < 52; y++) {
          for (let x = 0; x < 52; x++) {
            const v = cube[(c * 52 + y) * 52 + x] - sky;
            if (Math.hypot(x - tx, y - ty) > 14) continue;
            flux += v;
            mx += v * (x - tx);
            my += v * (y - ty);
          }
        }
        expect(Math.abs(flux / (20000 * 2 * Math.PI * sigma ** 2) - 1)).toBeLessThan(1e-3);
        expect(Math.hypot(mx, my) / flux).toBeLessThan(0.02);
      }
    }
  }
}

export async function checkValidWeightBelowHalfIsBlank(backend: ComputeBackend): Promise<void> {
  const window = [16, 16] as const;
  const pattern = PATTERNS.RGGB;
  // Red site (8, 8) is blank: at its quarter it carries more than half of the bilinear weight.
  const cfa = samples(window, pattern, (c, x, y) => (x === 8 && y === 8 ? BLANK_VALUE : 10 * (c + 1)));
  const base = { cfa, window, cell: [3, 1] as const, kernel: WARP_BILINEAR, pattern };
  // Along a row of red sites the weights of the blank are 0.75, 0.25, 0 after 0.25, 0.75 of the others.
  const cube = await warped(backend, { ...base, geometry: translation(7.5, 8) });
  expectClose(cube, [BLANK_VALUE, BLANK_VALUE, 10, 20, 20, 20, 30, 30, 30], { relative: 1e-7 });
}

export async function checkFrameEndsHalfAPixelOut(backend: ComputeBackend): Promise<void> {
  const pattern = PATTERNS.GBRG;
  const cfa = samples([8, 8], pattern, (c) => 10 * (c + 1));
  const B = BLANK_VALUE;
  for (const kernel of KERNELS) {
    const base = { cfa, window: [8, 8] as const, kernel, pattern };
    // Positions -0.75, 0.25 .. 7.25, 8.25 along a row: red's last site is at 6, too far from the last position but one.
    const cube = await warped(backend, { ...base, cell: [10, 1], geometry: translation(-0.75, 3.5) });
    const last = [B, 20, 30];
    for (let c = 0; c < 3; c++) {
      const row = cube.slice(10 * c, 10 * c + 10);
      const inner = new Float32Array(7).fill(10 * (c + 1));
      expectClose(row, [B, ...inner, last[c], B], { relative: 2e-7 });
    }
    const away = await warped(backend, { ...base, cell: [6, 1], geometry: translation(-1e6, 3) });
    expectClose(away, new Float32Array(18).fill(B), { relative: 0 });
  }
}

export async function checkLevelAndGainOfEveryColour(backend: ComputeBackend): Promise<void> {
  const levels = [2, 10, 1, -2, 3, 4, -5, 0.5, 100, 0, 0, 0, 0, 1, 1, 0, 0, 7, 0, 0, 0];
  const pattern = PATTERNS.BGGR;
  const cube = await warped(backend, {
    cfa: samples([40, 38], pattern, (c) => [500, 250, 125][c]),
    window: [40, 38],
    cell: [33, 25],
    geometry: translation(3.5, 5.25),
    kernel: WARP_CUBIC,
    pattern,
    levels,
  });
  const expected = paint(33, 75, (x, y) => {
    const [X, Y] = [(x + 3.5 - 20) / 16, ((y % 25) + 5.25 - 10) / 16];
    if (y >= 50) return 125 - 7 * Y;
    if (y >= 25) return 0.5 * (250 - (100 + Y * Y));
    return 2 * (500 - (10 + X - 2 * Y + 3 * X * X + 4 * X * Y - 5 * Y * Y));
  });
  expectClose(cube, expected, { relative: 1e-6 });
}

export async function checkOnlyItsSlotIsWritten(backend: ComputeBackend): Promise<void> {
  const cube = Float32Array.from({ length: 3 * 3 * 20 }, (_, k) => -k);
  const result = await warped(backend, {
    cfa: samples([14, 12], PATTERNS.RGGB, (c) => c + 1),
    window: [14, 12],
    cell: [5, 4],
    geometry: translation(4, 4),
    kernel: WARP_CUBIC,
    pattern: PATTERNS.RGGB,
    slot: 1,
    slots: 3,
    cube,
  });
  const expected = cube.slice();
  for (let c = 0; c < 3; c++) expected.fill(c + 1, 60 + 20 * c, 80 + 20 * c);
  expectClose(result, expected, { relative: 0 });
}

/** A window at any parity gives what the frame gives. */
export async function checkWindowGivesWhatTheFrameGives(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(31);
  const frame = [70, 60] as const;
  const cfa = paint(...frame, () => 1000 * random());
  const geometry: Geometry = (x, y) => [27.3 + 0.9 * x + 0.3 * y, 23.8 - 0.2 * x + 0.95 * y];
  const base = { cell: [15, 11] as const, geometry, frame, pattern: PATTERNS.GRBG };
  for (const [wx, wy] of [
    [17, 11],
    [18, 11],
    [17, 12],
    [18, 12],
  ]) {
    const part = paint(34, 31, (x, y) => cfa[(y + wy) * 70 + x + wx]);
    for (const kernel of KERNELS) {
      const whole = await warped(backend, { ...base, cfa, window: frame, kernel });
      const window = await warped(backend, {
        ...base,
        cfa: part,
        window: [34, 31],
        windowAt: [wx, wy],
        kernel,
      });
      // The same taps; wasm sums them as vectors well inside a window and one by one near its border.
      expectClose(window, whole, { relative: backend.info.name === 'wasm' ? 5e-7 : 0, scale: 1000 });
    }
  }
}

/** Odd sizes over several blocks, noise with stars and blanks, with and without levels. */
export async function checkParityOnNoise(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(77);
  const reference = createReferenceBackend();
  const levels = Array.from({ length: 21 }, (_, k) => (k % 7 === 0 ? 1.1 : 3 - (k % 5)));
  for (const pattern of Object.values(PATTERNS)) {
    const cfa = paint(83, 79, () => {
      const kind = random();
      return kind < 0.01 ? BLANK_VALUE : kind > 0.99 ? 9000 * random() : 1000 + 100 * random();
    });
    for (const kernel of KERNELS) {
      const job = {
        cfa,
        window: [83, 79] as const,
        cell: [71, 67] as const,
        geometry: bent,
        kernel,
        levels,
        pattern,
      };
      const [actual, expected] = [await warped(backend, job), await warped(reference, job)];
      // A blank decision on a knife's edge may fall either way.
      expectClose(actual, expected, { relative: LINEAR, scale: 9000, share: 1e-5 });
    }
  }
}

export async function checkSmallestAndBlankWindows(backend: ComputeBackend): Promise<void> {
  const reference = createReferenceBackend();
  for (const [width, height] of [
    [1, 1],
    [2, 3],
    [5, 4],
    [13, 7],
  ]) {
    const cfa = paint(width, height, (x, y) => 100 + x + 3 * y);
    for (const kernel of KERNELS) {
      const job = {
        cfa,
        window: [width, height] as const,
        cell: [9, 8] as const,
        geometry: translation(-1.4, -1.3),
        kernel,
        pattern: PATTERNS.GBRG,
      };
      const expected = await warped(reference, job);
      expectClose(await warped(backend, job), expected, { relative: LINEAR });
      const blank = { ...job, cfa: new Float32Array(width * height).fill(BLANK_VALUE) };
      expectClose(await warped(backend, blank), new Float32Array(216).fill(BLANK_VALUE), { relative: 0 });
    }
  }
}
