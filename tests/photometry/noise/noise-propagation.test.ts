// Factors against closed forms, against a brute-force resampling of noise, and the demosaics against the compute kernels.
import { describe, expect, it } from 'vitest';
import { demosaicBilinear } from '../../../src/cpu-fallback/kernels/demosaic-bilinear.js';
import { demosaicEdgeAware } from '../../../src/cpu-fallback/kernels/demosaic-edge-aware.js';
import type { CfaSites } from '../../../src/photometry/background/background-mesh.js';
import { demosaicTorus } from '../../../src/photometry/noise/demosaic-torus.js';
import { frameWeights, sampleVariances } from '../../../src/photometry/frame-weights.js';
import { hotPixelThresholds } from '../../../src/photometry/background/hot-pixel-threshold.js';
import { binCorrelation, varianceFactors } from '../../../src/photometry/noise/noise-propagation.js';
import { seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

const GRBG: CfaSites = [1, 0, 2, 1];

describe('demosaicTorus', () => {
  it.each([
    ['bilinear', demosaicBilinear],
    ['edge_aware', demosaicEdgeAware],
  ] as const)('%s is what the compute kernel does, away from the borders', (method, kernel) => {
    const side = 24;
    const normal = seededNormal(2);
    const cfa = Float32Array.from({ length: side * side }, () => 100 + 10 * normal());
    const planes = new Float32Array(3 * side * side);
    const pattern = GRBG.reduce((bits, colour, site) => bits | (colour << (2 * site)), 0);
    kernel({ width: side, height: side, originX: 0, originY: 0, pattern }, { cfa, planes });
    demosaicTorus(method, Float64Array.from(cfa), side, GRBG).forEach((plane, c) => {
      for (let y = 4; y < side - 4; y++)
        for (let x = 4; x < side - 4; x++)
          expect(plane[y * side + x]).toBeCloseTo(planes[(c * side + y) * side + x], 3);
    });
  });
});

describe('varianceFactors', () => {
  it('has the closed forms where there are some', () => {
    expect(varianceFactors('none', 'nearest')[0]).toBeCloseTo(1, 12);
    // mean of t^2 + (1-t)^2 over a pixel is 2/3, squared for two axes
    expect(varianceFactors('none', 'bilinear')[0]).toBeCloseTo(4 / 9, 3);
    // directly resampled, each colour's sites are a lattice of raw pixels
    for (const factor of varianceFactors('direct', 'bilinear')) expect(factor).toBeCloseTo(4 / 9, 3);
    // mean over f of the sum of the squares of Keys' four weights is 57/70
    expect(varianceFactors('direct', 'cubic')).toHaveLength(3);
    for (const factor of varianceFactors('direct', 'cubic')) expect(factor).toBeCloseTo((57 / 70) ** 2, 3);
    const [red, green, blue] = varianceFactors('bilinear', 'nearest', GRBG);
    expect(green).toBeCloseTo((1 + 1 / 4) / 2, 12);
    expect(red).toBeCloseTo(1 / 4 + 1 / 4 + 1 / 16, 12);
    expect(blue).toBeCloseTo(red, 12);
  });

  it.each(['bilinear', 'edge_aware'] as const)(
    '%s demosaic + bilinear warp agrees with resampled noise',
    (method) => {
      const side = 160;
      const normal = seededNormal(5);
      const random = seededRandom(6);
      const planes = demosaicTorus(method, Float64Array.from({ length: side * side }, normal), side, GRBG);
      const factors = varianceFactors(method, 'bilinear', GRBG);
      planes.forEach((plane, c) => {
        let squares = 0;
        const n = 60_000;
        for (let k = 0; k < n; k++) {
          const [x, y] = [random() * (side - 1), random() * (side - 1)];
          const [i, j] = [Math.floor(x), Math.floor(y)];
          const [u, v] = [x - i, y - j];
          const at = j * side + i;
          const top = plane[at] * (1 - u) + plane[at + 1] * u;
          const bottom = plane[at + side] * (1 - u) + plane[at + side + 1] * u;
          squares += (top * (1 - v) + bottom * v) ** 2;
        }
        expect(squares / n / factors[c]).toBeGreaterThan(0.95);
        expect(squares / n / factors[c]).toBeLessThan(1.05);
      });
    },
  );
});

describe('binCorrelation', () => {
  it.each([
    [2, 1],
    [3, 0.8],
  ])('bins of %i pixels, %f frame pixels apart, agree with binned noise', (count, step) => {
    const side = 96;
    const normal = seededNormal(8);
    const random = seededRandom(9);
    const noise = Float64Array.from({ length: side * side }, normal);
    const value = (x: number, y: number) => {
      const [i, j] = [Math.floor(x), Math.floor(y)];
      const [u, v] = [x - i, y - j];
      const at = j * side + i;
      return (
        (noise[at] * (1 - u) + noise[at + 1] * u) * (1 - v) +
        (noise[at + side] * (1 - u) + noise[at + side + 1] * u) * v
      );
    };
    let squares = 0;
    const n = 30_000;
    for (let k = 0; k < n; k++) {
      const [x, y] = [random() * (side - 5), random() * (side - 5)];
      let sum = 0;
      for (let j = 0; j < count; j++)
        for (let i = 0; i < count; i++) sum += value(x + i * step, y + j * step);
      squares += (sum / count ** 2) ** 2;
    }
    const stated =
      (varianceFactors('none', 'bilinear')[0] * binCorrelation('none', 'bilinear', { count, step })[0]) /
      count ** 2;
    expect(squares / n / stated).toBeGreaterThan(0.94);
    expect(squares / n / stated).toBeLessThan(1.06);
  });

  it('of many pixels is what their area holds of raw pixels', () => {
    const [red, green] = binCorrelation('direct', 'cubic', { count: 40, step: 1 });
    const [factor] = varianceFactors('direct', 'cubic');
    // red has a site in four pixels, green in two
    expect(red * factor).toBeCloseTo(4, 0);
    expect(green * factor).toBeCloseTo(2, 0);
    expect(binCorrelation('none', 'lanczos3', { count: 1, step: 1 })).toEqual([1]);
  });
});

describe('frame weights and thresholds', () => {
  const unknown = { fwhmPx: NaN, exposureS: NaN };
  const frames = [
    { noise: [10, 20, 10], gain: [1, 1, 2] },
    { noise: [5, 20, 10], gain: [1, 1, 1] },
  ];

  it('weighs by the inverse variance after gain and resampling', () => {
    const factors = [0.5, 0.25, 1];
    const variances = frames.map((frame, f) => sampleVariances(frame, factors, f));
    const weights = frameWeights('noise_variance', variances, [unknown, unknown]);
    expect(weights[0]).toEqual([1 / 50, 1 / 100, 1 / 400]);
    expect(weights[1][0] / weights[0][0]).toBeCloseTo(4, 12);
    expect(() => sampleVariances({ noise: [0], gain: [1] }, [1], 0)).toThrow(
      expect.objectContaining({ code: 'photometry_noise_not_positive' }),
    );
  });

  it('is proportional to what the method says, and its sum tells the variance of the mean', () => {
    const variances = [[100], [400], [900]];
    const facts = [
      { fwhmPx: 2, exposureS: 10 },
      { fwhmPx: NaN, exposureS: 30 },
      { fwhmPx: 4, exposureS: NaN },
    ];
    const relative = {
      none: [1, 1, 1],
      noise_variance: [9, 9 / 4, 1],
      noise_fwhm: [36, 4, 1],
      snr: [3, 3 / 2, 1],
      exposure: [1 / 2, 3 / 2, 1],
    };
    // the frame without stars counts as of the median width, that without an exposure time as of the median one
    for (const [method, expected] of Object.entries(relative)) {
      const w = frameWeights(method as keyof typeof relative, variances, facts).map(([weight]) => weight);
      w.forEach((weight, f) => expect(weight / w[2]).toBeCloseTo(expected[f], 9));
      const sum = w.reduce((a, b) => a + b, 0);
      const variance = w.reduce((a, b, f) => a + b * b * variances[f][0], 0) / sum ** 2;
      expect(1 / sum).toBeCloseTo(variance, 9);
    }
  });

  it('gives each CFA site the threshold of its colour, five deviations of sample minus median', () => {
    const thresholds = hotPixelThresholds([10, 20, 40], 5, GRBG);
    expect(thresholds[1] / thresholds[0]).toBe(0.5);
    expect(thresholds[2] / thresholds[0]).toBe(2);
    expect(thresholds[3]).toBe(thresholds[0]);
    const normal = seededNormal(9);
    let squares = 0;
    const n = 40_000;
    for (let k = 0; k < n; k++) {
      const around = Float64Array.from({ length: 8 }, normal).sort();
      squares += (normal() - 0.5 * (around[3] + around[4])) ** 2;
    }
    const [mono] = hotPixelThresholds([1], 5);
    expect(Math.abs(mono / 5 / Math.sqrt(squares / n) - 1)).toBeLessThan(0.03);
  });
});
