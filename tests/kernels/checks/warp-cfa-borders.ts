// Statements about warp-cfa where taps are missing or blank: borders of frames and windows, blanks.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { WARP_BILINEAR } from '../../../src/compute/contracts/warp.js';
import { WARP_CUBIC } from '../../../src/compute/contracts/warp-cfa.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose, LINEAR } from '../../helpers/expect-arrays.js';
import { type Geometry, justBefore, paint, seededRandom, translation } from '../../helpers/kernel-runs.js';
import { PATTERNS } from './demosaic.js';
import { bent, KERNELS, samples, warped } from './warp-cfa-runs.js';

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

/** Not even the last digit of a pixel that has it not among its taps. */
export async function checkABlankAltersItsSurroundingsOnly(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(5);
  const [width, height] = [40, 36];
  const cfa = paint(50, 50, () => 1000 * random());
  const base = { window: [50, 50] as const, cell: [width, height] as const, kernel: WARP_CUBIC };
  const job = { ...base, geometry: translation(2.3, 1.4), pattern: PATTERNS.RGGB };
  const whole = await warped(backend, { ...job, cfa });
  // Red site (10, 10): two sites, four pixels, to either side.
  const holed = await warped(backend, { ...job, cfa: cfa.with(20 * 50 + 20, BLANK_VALUE) });
  const altered = [...holed.keys()].filter((i) => holed[i] !== whole[i]);
  expect(altered.length).toBeGreaterThan(50);
  for (const i of altered) {
    const [x, y] = [(i % width) + 2.3, Math.floor(i / width) + 1.4];
    expect([x, y].every((at) => at >= 16 && at < 24)).toBe(true);
  }
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

/** A window at any parity gives what the frame gives. */
/** Lies so little before a site that its fraction is rounded to 1; what surrounds it is whole or has a blank. */
export async function checkFractionThatIsRoundedToOne(backend: ComputeBackend): Promise<void> {
  const [window, pattern] = [[24, 22] as const, PATTERNS.RGGB];
  const level = [10, 20, 30];
  const whole = samples(window, pattern, (c) => level[c]);
  const holed = samples(window, pattern, (c, x, y) => (x + y === 14 || x === 7 ? BLANK_VALUE : level[c]));
  const base = { window, pattern, cell: [1, 1] as const, geometry: translation(0, 0) };
  for (const [x, y] of [
    [10, 10],
    [11, 10],
    [10, 11],
    [11, 11],
  ])
    for (const cfa of [whole, holed])
      for (const kernel of KERNELS) {
        const cube = await warped(backend, { ...base, cfa, kernel, map: justBefore(x, y) });
        expectClose(cube, level, { relative: 2e-7 });
      }
}

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
