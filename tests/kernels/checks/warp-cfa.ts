// Statements about warp-cfa that hold on every backend.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { WARP_CUBIC } from '../../../src/compute/contracts/warp-cfa.js';
import { WARP_BILINEAR, WARP_LANCZOS3 } from '../../../src/compute/contracts/warp.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { type Geometry, paint, seededRandom, translation } from '../../helpers/kernel-runs.js';
import { PATTERNS } from './demosaic.js';
import { bent, KERNELS, samples, warped } from './warp-cfa-runs.js';

export * from './warp-cfa-borders.js';

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
