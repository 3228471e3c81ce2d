import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { photonGain, type NoisyCells } from '../../../src/photometry/noise/photon-gain.js';
import { selectMedian } from '../../../src/photometry/select-median.js';

const COLOURS = [0.7, 1, 0.5];

/** Frames of 12 x 12 cells of a sensor of `gain` ADU an electron; `growth` is the light in the brightest cell over the sky's, `scales` what the camera multiplied each colour by. */
function cellsOf(
  gain: number,
  growth: number,
  scales = [1, 1, 1],
  colours = COLOURS,
  seed = 31,
): NoisyCells[] {
  const random = randomStream(seed);
  return Array.from({ length: 8 }, (_, f) => {
    const level: Float32Array[] = [];
    const noise: Float32Array[] = [];
    for (const [c, colour] of colours.entries()) {
      const electrons = Float64Array.from(
        { length: 144 },
        (_, i) => 40 * colour * (1 + 0.02 * f + growth * (i / 144) ** 3),
      );
      level.push(Float32Array.from(electrons, (e) => scales[c] * (500 + gain * (e + 0.1 * random.normal()))));
      noise.push(
        Float32Array.from(electrons, (e, i) => {
          const spoilt = i % 29 === 0 ? 1.6 : 1;
          return scales[c] * gain * Math.sqrt(e + 4) * (1 + 0.03 * random.normal()) * spoilt;
        }),
      );
    }
    return { level, noise };
  });
}

describe('photon gain', () => {
  it('is told by noise against level, whatever the gain, with crowded cells among them', () => {
    for (const gain of [0.8, 13.3]) {
      const found = photonGain(cellsOf(gain, 1))!;
      for (const v of found.aduPerElectron) expect(Math.abs(v / gain - 1)).toBeLessThan(0.04);
      expect(found.relativeError).toBeLessThan(0.05);
    }
  });

  it('is told by the colours of the sky alone where it is even', () => {
    const found = photonGain(cellsOf(2, 0))!;
    expect(Math.abs(found.aduPerElectron[1] / 2 - 1)).toBeLessThan(0.05);
  });

  it('is each colour’s own where the camera has scaled them', () => {
    const found = photonGain(cellsOf(2, 2, [1.9, 1, 1.4]))!;
    for (const [c, scale] of [1.9, 1, 1.4].entries())
      expect(Math.abs(found.aduPerElectron[c] / (2 * scale) - 1)).toBeLessThan(0.08);
  });

  it('is not told by levels that are alike, by noise that does not grow, or by few cells', () => {
    const even = cellsOf(2, 0, [1], [1]).map((cells) => ({
      ...cells,
      level: [cells.level[0].map((_, i) => 500 + (i % 2))],
    }));
    expect(photonGain(even)).toBeUndefined();
    const flat = cellsOf(2, 1).map((cells) => ({ ...cells, noise: cells.noise.map((n) => n.map(() => 9)) }));
    expect(photonGain(flat)?.relativeError ?? Infinity).toBeGreaterThan(0.15);
    expect(photonGain([{ level: [Float32Array.of(1, 2)], noise: [Float32Array.of(1, 2)] }])).toBeUndefined();
  });

  it('is not told by levels that spread by less than a fifth of a pixel’s noise, or by fewer than 60 cells', () => {
    const line = (count: number, spread: number): NoisyCells[] => {
      // a mean level of 100 electrons of one ADU: noise 10
      const level = Float32Array.from({ length: count }, (_, i) => 100 + spread * (i / (count - 1) - 0.5));
      return [{ level: [level], noise: [level.map(Math.sqrt)] }];
    };
    // uniform over 10 ADU: 2.9 rms, over 5: 1.4
    expect(photonGain(line(100, 10))!.aduPerElectron[0]).toBeCloseTo(1, 4);
    expect(photonGain(line(100, 5))).toBeUndefined();
    expect(photonGain(line(60, 10))).toBeDefined();
    expect(photonGain(line(59, 10))).toBeUndefined();
  });

  it('is off by no more than it says, in the mean of many, and says no more than three times as much', () => {
    const offs = Array.from({ length: 12 }, (_, seed) => {
      const found = photonGain(cellsOf(2, 1, [1, 1, 1], COLOURS, seed))!;
      return (found.aduPerElectron[1] / 2 - 1) / found.relativeError;
    });
    const rms = Math.sqrt(offs.reduce((sum, v) => sum + v * v, 0) / offs.length);
    expect(rms).toBeLessThan(1);
    expect(rms).toBeGreaterThan(1 / 3);
  });

  it('is not led by cells whose line would have no noise left', () => {
    // a slope so steep that a first straight line dips below 0 at the dark end
    const level = Float32Array.from({ length: 300 }, (_, i) => 100 * (i / 300) ** 6);
    const noise = level.map((v) => Math.sqrt(0.05 + v));
    const found = photonGain([{ level: [level], noise: [noise] }])!;
    expect(Math.abs(found.aduPerElectron[0] - 1)).toBeLessThan(0.02);
  });
});

/** What `photon-line.ts` of the passes computes. */
function twinLine(x: readonly number[], y: readonly number[]) {
  const middle = selectMedian(Float64Array.from(y));
  let [slope, intercept, limit, error] = [0, middle, Infinity, NaN];
  const fitAt = (v: number) => Math.max(intercept + slope * v, 0.2 * middle);
  for (let round = 0; round < 4; round++) {
    const weights = x.map((v, i) => (Math.abs(y[i] / fitAt(v) - 1) <= limit ? 1 / fitAt(v) ** 2 : 0));
    const total = (of: (i: number) => number) => weights.reduce((sum, w, i) => sum + w * of(i), 0);
    const w = total(() => 1);
    const [meanX, meanY] = [total((i) => x[i]) / w, total((i) => y[i]) / w];
    const xx = total((i) => (x[i] - meanX) ** 2);
    slope = total((i) => (x[i] - meanX) * (y[i] - meanY)) / xx;
    intercept = meanY - slope * meanX;
    const scatter = 1.4826 * selectMedian(Float64Array.from(x, (v, i) => Math.abs(y[i] / fitAt(v) - 1)));
    limit = 3 * scatter;
    error = (2 * scatter) / Math.sqrt(xx) / slope;
  }
  return { slope, error };
}

it('the line through the cells of all frames is that of its twin, every so many of them where they are many', () => {
  for (const copies of [1, 3]) {
    const frames = Array.from({ length: copies }, (_, k) =>
      cellsOf(2.5, 1, undefined, COLOURS, 31 + k),
    ).flat();
    const all = [0, 1, 2].map(() => ({ x: [] as number[], y: [] as number[] }));
    const stride = Math.ceil((frames.length * 3 * 144) / 2000);
    let at = 0;
    for (const { level, noise } of frames)
      for (let c = 0; c < 3; c++)
        level[c].forEach((v, i) => {
          if (at++ % stride !== 0) return;
          all[c].x.push(v);
          all[c].y.push(noise[c][i] ** 2);
        });
    const { slope, error } = twinLine(
      all.flatMap(({ x }) => x),
      all.flatMap(({ y }) => y),
    );
    const found = photonGain(frames)!;
    expect(found.cells).toBe(all.reduce((sum, { x }) => sum + x.length, 0));
    for (const of of found.aduPerElectron) expect(of).toBeCloseTo(slope, 12);
    expect(found.relativeError).toBeCloseTo(error, 12);
  }
});
