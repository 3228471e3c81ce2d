import { describe, expect, test } from 'vitest';
import {
  extractBackground,
  type BackgroundLimits,
  type BackgroundStrength,
} from '../../src/aesthetic/background.js';
import type { SplineSurface } from '../../src/aesthetic/spline-surface.js';
import { randomStream } from '../../src/demo/random.js';
import type { BinnedImage } from '../../src/output/picture/binned-image.js';

const [nx, ny] = [400, 300];
const LEVELS = [700, 900, 600];
const NOISE = 8;

type Shape = (x: number, y: number) => number;

/** Three planes of noise at LEVELS with `glow` in all, `nebula` as a red one has it, and stars. */
function field(glow: Shape, nebula: Shape, noise = NOISE): BinnedImage {
  const random = randomStream(11);
  const planes = LEVELS.map((level, p) =>
    Float32Array.from({ length: nx * ny }, (_, i) => {
      const [x, y] = [i % nx, Math.floor(i / nx)];
      return level + glow(x, y) * (1 + 0.2 * p) + nebula(x, y) * [1, 0.3, 0.2][p] + noise * random.normal();
    }),
  );
  for (let s = 0; s < 400; s++) {
    const at = Math.floor(random.uniform() * nx * ny);
    for (const plane of planes) plane[at] += 500;
  }
  return { nx, ny, factor: 1, planes, footprint: new Float32Array(nx * ny).fill(1) };
}

/** Largest distance of a surface from the glow that was put in, a constant apart. */
function worst(image: BinnedImage, glow: Shape, strength: BackgroundStrength): number {
  const { surfaces } = extractBackground(image, image, strength);
  return surfaces ? Math.max(...surfaces.map((_, p) => worstOf(surfaces, glow, p))) : NaN;
}

function worstOf(surfaces: readonly SplineSurface[], glow: Shape, p: number): number {
  const row = new Float64Array(nx);
  const off: number[] = [];
  for (let y = 0; y < ny; y += 7) {
    surfaces[p].row(y, row);
    for (let x = 0; x < nx; x += 7) off.push(row[x] - glow(x, y) * (1 + 0.2 * p));
  }
  const middle = off.slice().sort((a, b) => a - b)[off.length >> 1];
  return Math.max(...off.map((v) => Math.abs(v - middle)));
}

const slope: Shape = (x, y) => 0.2 * x - 0.1 * y;
const bowl: Shape = (x, y) => 20 * (((x - 150) / 200) ** 2 + ((y - 200) / 200) ** 2);
const none: Shape = () => 0;
/** Wider than any box, half as wide as the field. */
const cloud: Shape = (x, y) => 300 * Math.exp(-(((x - 220) / 70) ** 2) - ((y - 140) / 60) ** 2);

describe('extractBackground', () => {
  test('a slope is taken off whole, whatever the strength', () => {
    const image = field(slope, none);
    for (const strength of ['weak', 'normal', 'strong'] as const)
      expect(worst(image, slope, strength)).toBeLessThan(NOISE / 2);
  });

  test('a bowl is taken off', () => {
    const image = field(bowl, none);
    expect(worst(image, bowl, 'normal')).toBeLessThan(8);
    expect(worst(image, bowl, 'strong')).toBeLessThan(5);
  });

  test.each([
    ['weak', 0.01],
    ['normal', 0.03],
    ['strong', 0.06],
  ] as const)('a nebula far wider than a box stays: %s', (strength, limit) => {
    const image = field(slope, cloud);
    const { surfaces } = extractBackground(image, image, strength);
    const row = new Float64Array(nx);
    let lost = 0;
    let light = 0;
    const corner = surfaces![0].at(0, 0);
    for (let y = 0; y < ny; y++) {
      surfaces![0].row(y, row);
      for (let x = 0; x < nx; x++) {
        lost += (row[x] - corner - slope(x, y)) * cloud(x, y);
        light += cloud(x, y) ** 2;
      }
    }
    expect(Math.abs(lost / light)).toBeLessThan(limit);
  });

  test('under a nebula that leaves sky in one place only no shape is taken off, and the level is that of the sky', () => {
    const hole: Shape = (x, y) => 300 * Math.min(1, Math.max(0, (Math.hypot(x - 300, y - 80) - 40) / 60));
    const image = field(none, (x, y) => hole(x, y) + 40 * Math.sin(x / 9));
    const { surfaces, levels } = extractBackground(image, image, 'strong');
    expect(surfaces).toBeUndefined();
    levels.forEach((level, p) => expect(Math.abs(level - LEVELS[p])).toBeLessThan(45));
  });

  test('faint nebulae that pass for sky give the sky between them no tint', () => {
    const faint: Shape = (x, y) => 12 * Math.max(0, Math.sin(x / 30) * Math.sin(y / 30));
    const image = field(none, faint, 4);
    const { levels } = extractBackground(image, image, 'normal');
    levels.forEach((level, p) => expect(Math.abs(level - LEVELS[p])).toBeLessThan(1.2));
  });

  describe('in figures', () => {
    const NORMAL: BackgroundLimits = { smoothing: 0.6, squarePx: 10, objectSigma: 2.5, reachPx: 0 };
    const image = field(bowl, cloud);
    const made = (change: Partial<BackgroundLimits>) =>
      extractBackground(image, image, { ...NORMAL, ...change });

    test('those of a named strength are that strength', () => {
      const named = extractBackground(image, image, 'normal');
      const own = made({});
      expect(own.skyShare).toBe(named.skyShare);
      for (const [p, range] of named.ranges.entries()) expect(own.ranges[p]).toBeCloseTo(range, 6);
    });

    test('each has its say', () => {
      const { skyShare } = made({});
      // less of it is sky, the nearer to objects and the smaller what an object is
      expect(made({ objectSigma: 1.2 }).skyShare).toBeLessThan(0.9 * skyShare);
      const near = made({ reachPx: 15 }).skyShare;
      expect(near).toBeLessThan(0.9 * skyShare);
      // in whole squares
      expect(made({ reachPx: 11 }).skyShare).toBe(near);
      const flat = field(bowl, none);
      const left = (change: Partial<BackgroundLimits>) =>
        Math.max(...extractBackground(flat, flat, { ...NORMAL, ...change }).residuals);
      expect(left({ smoothing: 3 })).toBeGreaterThan(1.3 * left({ smoothing: 0.3 }));
      expect(made({ squarePx: 40 }).residuals[0]).not.toBe(made({ squarePx: 10 }).residuals[0]);
    });
  });

  test('an image too small for boxes has a level and no surface', () => {
    const planes = [new Float32Array(64).fill(5)];
    const image = { nx: 8, ny: 8, factor: 1, planes, footprint: new Float32Array(64).fill(1) };
    expect(extractBackground(image, image, 'normal')).toMatchObject({ surfaces: undefined, levels: [5] });
  });
});
