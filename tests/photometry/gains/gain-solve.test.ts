import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { solveGains, type FrameFluxes } from '../../../src/photometry/gains/gain-solve.js';

/** Frames of `stars[k]` each, with the given transparencies; relative noise 2 %, some fluxes spoilt. */
function session(
  transparency: readonly number[],
  starsOf: (frame: number) => number[],
  spoilt = 0,
): FrameFluxes[] {
  const random = randomStream(7);
  const truth = Array.from({ length: 400 }, () => 1000 * Math.exp(3 * random.uniform()));
  return transparency.map((t, f) => {
    const star = Int32Array.from(starsOf(f));
    const flux = Float32Array.from(star, (s) => {
      const wrong = random.uniform() < spoilt ? 1.5 : 1;
      return truth[s] * t * wrong * (1 + 0.02 * random.normal());
    });
    return { star, flux, sigma: flux.map((v) => 0.02 * v) };
  });
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('gains from shared stars', () => {
  it('recover the transparencies up to their common factor', () => {
    const t = [1, 0.8, 0.95, 0.6, 1.1, 0.7];
    const { gains, residualScale } = solveGains(
      session(t, (f) => range(20 * f, 20 * f + 100)),
      t.map(() => 1),
    );
    const product = [...gains].map((g, f) => g * t[f]);
    const mean = product.reduce((a, b) => a + b, 0) / product.length;
    for (const p of product) expect(Math.abs(p / mean - 1)).toBeLessThan(0.006);
    const logs = [...gains].map(Math.log).sort((a, b) => a - b);
    expect(Math.abs(logs[2] + logs[3])).toBeLessThan(0.01);
    expect(residualScale).toBeLessThan(1.3);
  });

  it('are not moved by a tenth of spoilt fluxes', () => {
    const t = [1, 0.8, 0.95, 0.6];
    const { gains } = solveGains(
      session(t, () => range(0, 150), 0.1),
      [1, 1, 1, 1],
    );
    const product = [...gains].map((g, f) => g * t[f]);
    for (const p of product) expect(Math.abs(p / product[0] - 1)).toBeLessThan(0.012);
  });

  it('say how a frame differs from its group: groups without a common star stay as exposed', () => {
    const t = [1, 0.5, 4, 2];
    const { gains } = solveGains(
      session(t, (f) => (f < 2 ? range(0, 80) : range(100, 180))),
      [1, 1, 4, 4],
    );
    expect(gains[1] / gains[0]).toBeCloseTo(2, 1);
    expect(gains[3] / gains[2]).toBeCloseTo(2, 1);
    expect(Math.sqrt(gains[2] * gains[3])).toBeCloseTo(1 / 4, 2);
    expect(Math.sqrt(gains[0] * gains[1])).toBeCloseTo(1, 2);
  });

  it('leave the clear frames of a group as exposed when clouds pass over one', () => {
    const t = [1, 0.02, 1, 1, 1];
    const { gains } = solveGains(
      session(t, (f) => (f < 3 ? range(0, 80) : range(100, 180))),
      [1, 1, 1, 1, 1],
    );
    for (const f of [0, 2, 3, 4]) expect(gains[f]).toBeCloseTo(1, 1);
    expect(gains[1] * 0.02).toBeCloseTo(1, 1);
  });

  it('take the noise of photons from the stars of those frames alone that nothing else tells it of', () => {
    const random = randomStream(3);
    const truth = Array.from({ length: 300 }, () => 3000 * Math.exp(2 * random.uniform()));
    const [sky, photons] = [30, 40];
    const frames = [photons, photons, photons, photons, undefined, undefined].map((own): FrameFluxes => {
      const star = Int32Array.from(truth.keys());
      const flux = Float32Array.from(
        truth,
        (v) => v + Math.hypot(sky, Math.sqrt((own ?? 0) * v)) * random.normal(),
      );
      return { star, flux, sigma: flux.map(() => sky), ...(own && { photons: own }) };
    });
    const { information } = solveGains(frames, [1, 1, 1, 1, 1, 1]);
    // what sky and the floor of 1 % let them tell, at least
    const known = truth.reduce((sum, v) => sum + 1 / ((sky / v) ** 2 + 1e-4), 0);
    expect(information[5] / known).toBeGreaterThan(0.8);
  });

  it('are unknown for a frame that shares fewer than five stars', () => {
    const { gains, shared } = solveGains(
      session([1, 1, 1], (f) => (f === 2 ? [0, 1, 2] : range(0, 50))),
      [1, 1, 1],
    );
    expect(shared[2]).toBe(3);
    expect(gains[2]).toBeNaN();
    expect(gains[0]).toBeCloseTo(1, 1);
  });

  it('are unknown for a frame whose stars all drown in its noise', () => {
    const t = [1, 0.9, 1.1, 0.005];
    const frames = session(t, () => range(0, 150)).map(({ star, flux }) => ({
      star,
      flux,
      sigma: flux.map(() => 60),
    }));
    const { gains } = solveGains(frames, [1, 1, 1, 1]);
    expect(gains[0] / gains[1]).toBeCloseTo(0.9, 1);
    expect(gains[3]).toBeNaN();
  });

  it('are not biased by faint stars that enter where noise makes them brighter', () => {
    // sky noise of 100 ADU, twice as much in every second frame, where the stars are 7 to 13 sigma bright
    const random = randomStream(5);
    const truth = Array.from({ length: 300 }, (_, s) => 1400 + 4 * s);
    const frames = Array.from({ length: 12 }, (_, f): FrameFluxes => {
      const sky = f % 2 === 0 ? 100 : 200;
      const star = Int32Array.from(truth.keys());
      const flux = Float32Array.from(star, (s) => truth[s] + sky * random.normal());
      return { star, flux, sigma: new Float32Array(star.length).fill(sky) };
    });
    const { gains } = solveGains(
      frames,
      frames.map(() => 1),
    );
    const mean = (odd: number) => gains.reduce((sum, g, f) => sum + (f % 2 === odd ? Math.log(g) / 6 : 0), 0);
    expect(Math.abs(mean(0) - mean(1))).toBeLessThan(0.003);
  });
});
