// Frames out of focus, trailed or clouded are told by their stars, and nothing else is.
import { describe, expect, it } from 'vitest';
import type { StarList } from '../../../../src/astrometry/stars/star-list.js';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import { judgeFrames } from '../../../../src/pipeline/planning/frames/judge-frames.js';
import type { MeasuredFrame } from '../../../../src/pipeline/planning/grid/placed-frame.js';

const wcs = makeTanWcs({ crval: [10, 20], crpix: [500, 500], cd: [-5e-4, 0, 0, 5e-4] });
const limits = {
  quality_max_fwhm_ratio: 2,
  quality_max_ellipticity: 0.5,
  quality_min_transparency: 0.2,
  quality_gate_enabled: false,
  quality_gate_threshold: 0.48,
};

interface Seen {
  readonly fwhm?: number;
  readonly ellipticity?: number;
  readonly stars?: number;
  readonly transparency?: number;
  readonly noise?: number;
}

const frame = ({ fwhm = 2.5, ellipticity = 0.1, stars = 100, noise = 10 }: Seen) =>
  ({
    record: { width: 1000, height: 1000 },
    wcs,
    measure: { background: { noise: [noise, noise, noise] } },
    stars: { count: stars, medianFwhm: fwhm, medianEllipticity: ellipticity } as StarList,
  }) as unknown as MeasuredFrame;

/** Codes against frames that join nine ordinary ones of a night whose seeing varies by a third. */
function codes(seen: readonly Seen[], thresholds = limits, ordinary: Seen = {}) {
  const night = Array.from({ length: 9 }, (_, k): Seen => ({ fwhm: 2.2 + 0.1 * k, ...ordinary }));
  const all = [...night, ...seen];
  const gains = all.map(({ transparency = 1 }) => [1 / transparency, 1 / transparency, 1 / transparency]);
  const ones = all.map(() => 1);
  const judged = judgeFrames(all.map(frame), gains, ones, thresholds);
  expect(judged.slice(0, 9).every(({ reason }) => reason === undefined)).toBe(true);
  return judged.slice(9).map(({ reason }) => reason?.code);
}

describe('judgeFrames', () => {
  it('rejects the defocused, the trailed and the clouded, each by its own reason', () => {
    expect(codes([{ fwhm: 5.6 }, { ellipticity: 0.6 }, { transparency: 0.15 }])).toEqual([
      'quality_reject_fwhm',
      'quality_reject_ellipticity',
      'quality_reject_transparency',
    ]);
  });

  it('names of several limits the one that is broken most', () => {
    const clouded = { transparency: 0.02, ellipticity: 0.7, fwhm: 6 };
    const trailed = { transparency: 0.18, ellipticity: 0.9, fwhm: 5.6 };
    expect(codes([clouded, trailed])).toEqual(['quality_reject_transparency', 'quality_reject_ellipticity']);
  });

  it('keeps poor seeing, thin cloud, slight trailing, and a frame ten times brighter', () => {
    const seen = [{ fwhm: 4.5 }, { transparency: 0.5 }, { ellipticity: 0.4 }, { transparency: 10 }];
    expect(codes(seen)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('the gate takes what is poor in several respects at once, and says in which', () => {
    const gated = { ...limits, quality_gate_enabled: true };
    // wide and faint, noisy once brought to the common scale, half of the stars: each within its own limit
    const poor = { fwhm: 4.8, ellipticity: 0.4, stars: 45, transparency: 0.5 };
    expect(codes([poor])).toEqual([undefined]);
    expect(codes([poor, { fwhm: 4.8 }, { stars: 20 }, { transparency: 0.5 }, {}], gated)).toEqual([
      'quality_reject_gate',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(codes([poor], { ...gated, quality_gate_threshold: 0.9 })).toEqual([undefined]);
    // better than typical in all respects makes up for nothing, and costs nothing
    expect(codes([{ fwhm: 1.5, ellipticity: 0, stars: 300, transparency: 2, noise: 5 }], gated)).toEqual([
      undefined,
    ]);
  });

  it('judges no frame by a handful of stars', () => {
    expect(codes([{ fwhm: 9, ellipticity: 0.9, stars: 4 }])).toEqual([undefined]);
  });

  it('keeps a whole night of bad optics or guiding', () => {
    expect(codes([{ ellipticity: 0.65 }], limits, { ellipticity: 0.6 })).toEqual([undefined]);
  });

  it('needs five frames to know what is typical', () => {
    const few = [{}, {}, {}, { fwhm: 9 }].map(frame);
    const gains = few.map(() => [1, 1, 1]);
    const ones = few.map(() => 1);
    expect(judgeFrames(few, gains, ones, limits).some(({ reason }) => reason)).toBe(false);
  });

  it('thresholds of 0 are off', () => {
    const off = {
      ...limits,
      quality_max_fwhm_ratio: 0,
      quality_max_ellipticity: 0,
      quality_min_transparency: 0,
    };
    expect(codes([{ fwhm: 99, ellipticity: 0.99, transparency: 0.01 }], off)).toEqual([undefined]);
  });

  it('counts a short exposure as what it is', () => {
    const frames = Array.from({ length: 6 }, () => frame({}));
    const expected = [1, 1, 1, 1, 1, 0.1];
    const gains = expected.map((t) => [1 / t, 1 / t, 1 / t]);
    const judged = judgeFrames(frames, gains, expected, limits);
    expect(judged[5].transparency).toBeCloseTo(1, 12);
    expect(judged[5].reason).toBeUndefined();
  });
});
