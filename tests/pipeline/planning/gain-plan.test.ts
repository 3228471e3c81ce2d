import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import type { StarList } from '../../../src/astrometry/stars/star-list.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { planGains, type GainFrame } from '../../../src/pipeline/planning/gain-plan.js';
import type { OutputGrid } from '../../../src/pipeline/planning/grid/output-grid.js';

const wcs = makeTanWcs({ crval: [10, 20], crpix: [500, 500], cd: [-1e-3, 0, 0, 1e-3], shape: [1000, 1000] });
const grid = { wcs, nx: 1000, ny: 1000 } as OutputGrid;

const random = randomStream(3);

/** Thirty stars of one field, as bright as `t` says. */
function frame(t: number, options: { saturated?: boolean; expected?: number } = {}): GainFrame {
  const count = 30;
  const flux = Float32Array.from(
    { length: count },
    (_, i) => t * (9e5 - 2e4 * i) * (1 + 0.01 * random.normal()),
  );
  const stars: StarList = {
    count,
    x: Float64Array.from({ length: count }, (_, i) => 30 + 31 * i),
    y: Float64Array.from({ length: count }, (_, i) => 40 + ((i * 373) % 900)),
    flux,
    channelFlux: [flux],
    snr: new Float32Array(count).fill(100),
    fwhm: new Float32Array(count).fill(3),
    ellipticity: new Float32Array(count),
    saturated: new Uint8Array(count).fill(options.saturated ? 1 : 0),
    medianFwhm: 3,
    medianEllipticity: 0,
  };
  return { wcs, nx: 1000, ny: 1000, stars, noise: [5], sparsity: [1], expected: options.expected ?? 1 };
}

/** Bytes of the numbers that arrays below `value` hold, 8 each where they are not packed. */
function numberBytes(value: object): number {
  return Object.values(value).reduce<number>((sum, of: unknown) => {
    if (ArrayBuffer.isView(of)) return sum + of.buffer.byteLength;
    return sum + (Array.isArray(of) ? 8 * of.length : 0);
  }, 0);
}

describe('gains of a run', () => {
  it('leave no more of the stars of each frame than their numbers, 8 bytes a star', () => {
    const { shared } = planGains(grid, [frame(1), frame(1), frame(0.9)]);
    for (const of of shared) expect(numberBytes(of)).toBe(8 * 30);
  });

  it('and spoilt stars take the light of a frame once each where there are few stars: it costs time to make', () => {
    let taken = 0;
    const frames = [1, 1, 0.9].map((t): GainFrame => {
      const { stars, ...of } = frame(t);
      const { channelFlux } = stars;
      return {
        ...of,
        stars: Object.defineProperty({ ...stars }, 'channelFlux', { get: () => (taken++, channelFlux) }),
      };
    });
    planGains(grid, frames);
    expect(taken).toBe(2 * frames.length);
  });

  it('of a frame under clouds are as measured, and it is named', () => {
    const { gains, unusual } = planGains(grid, [frame(1), frame(1), frame(0.02), frame(1)]);
    expect(gains.map(([g]) => Number(g.toFixed(0)))).toEqual([1, 1, 50, 1]);
    expect(unusual).toHaveLength(1);
    expect(unusual[0].frame).toBe(2);
    expect(unusual[0].ratio).toBeCloseTo(0.02, 2);
  });

  it('know how noisy stars are by the electrons of the camera, scaled to the samples of a colour', () => {
    const photons = randomStream(8);
    const [sparsity, electronsPerAdu] = [4, 0.01];
    const frames = [1, 0.8, 1, 0.9].map((t): GainFrame => {
      const whole = frame(t);
      const flux = whole.stars.flux.map(
        (_, i) =>
          t * (9e5 - 2e4 * i) +
          Math.sqrt((sparsity / electronsPerAdu) * t * (9e5 - 2e4 * i)) * photons.normal(),
      );
      const stars = { ...whole.stars, flux, channelFlux: [flux] };
      return { ...whole, stars, sparsity: [sparsity], electronsPerAdu: [electronsPerAdu] };
    });
    // 1 where stars scatter as expected; the scatter is 2 to 3 times the sky's and the floor's
    const [{ residualScale }] = planGains(grid, frames).solutions;
    expect(residualScale).toBeGreaterThan(0.7);
    expect(residualScale).toBeLessThan(1.3);
  });

  it('of long and short exposures are nothing unusual', () => {
    const { gains, unusual } = planGains(grid, [
      frame(1),
      frame(20, { expected: 20 }),
      frame(0.05, { expected: 0.05 }),
    ]);
    expect(gains[1][0]).toBeCloseTo(1 / 20, 2);
    expect(gains[2][0]).toBeCloseTo(20, 0);
    expect(unusual).toEqual([]);
  });

  it('of a frame whose stars are all saturated, or that has none, follow its exposure', () => {
    const { gains, unusual } = planGains(grid, [
      frame(1),
      frame(1),
      frame(3, { saturated: true, expected: 2 }),
    ]);
    expect(gains[2]).toEqual([0.5]);
    expect(unusual).toEqual([]);
  });

  it('come with the places of stars that one frame shows too bright, as wide as their light hides a trail', () => {
    const frames = [frame(1), frame(1), frame(1), frame(1)];
    const { stars } = frames[2];
    stars.channelFlux[0][7] *= 1.5;
    const { spoilt } = planGains(grid, frames);
    expect(spoilt.map((of) => of.length)).toEqual([0, 0, 1, 0]);
    const [{ x, y, radius }] = spoilt[2];
    expect([x, y]).toEqual([stars.x[7] - 1, stars.y[7] - 1]);
    expect(radius).toBeGreaterThan(2 * stars.medianFwhm);
    expect(radius).toBeLessThan(5 * stars.medianFwhm);
  });

  it('leave out nothing that the frames which judge it do not hold: stars cut by edges make whole ones bright, and a hole would be left', () => {
    const whole = [frame(1), frame(1), frame(1), frame(1)];
    const { stars } = whole[2];
    stars.channelFlux[0][7] *= 1.5;
    const [at] = planGains(grid, whole).spoilt[2];
    // 0-based: two pixels more than what is left out, or less than that, lie between the star and the side
    const holding = Math.ceil(at.x + at.radius) + 6;
    const cutTo = (nx: number, edges = { x: 0, y: 0 }) =>
      planGains(
        grid,
        whole.map((of, f) => (f === 2 ? of : { ...of, nx, edges })),
      ).spoilt.map((of) => of.length);
    expect(cutTo(holding)).toEqual([0, 0, 1, 0]);
    expect(cutTo(holding - 8)).toEqual([0, 0, 0, 0]);
    expect(cutTo(holding, { x: 8, y: 0 })).toEqual([0, 0, 0, 0]);
  });
});
