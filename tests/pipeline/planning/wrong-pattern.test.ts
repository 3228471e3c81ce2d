// A frame whose pattern is not its header's is told by its stars' colours, in few frames and under noise; frames of other air are not.
import { describe, expect, it } from 'vitest';
import type { StarList } from '../../../src/astrometry/stars/star-list.js';
import { wrongPatterns, type PatternFrame } from '../../../src/pipeline/planning/wrong-pattern.js';
import { seededNormal } from '../../helpers/kernel-runs.js';

const SITES = { GRBG: [1, 0, 2, 1], GBRG: [1, 2, 0, 1], RGGB: [0, 1, 1, 2] } as const;
type Pattern = keyof typeof SITES;

/** Red, green and blue of a star as a frame has them that takes samples of `GRBG` for those of `pattern`. */
function seenAs(pattern: Pattern, flux: readonly number[]): number[] {
  return [0, 1, 2].map((colour) => {
    const sites = SITES[pattern].flatMap((of, site) => (of === colour ? [SITES.GRBG[site]] : []));
    return sites.reduce<number>((sum, of) => sum + flux[of], 0) / sites.length;
  });
}

/** Frames that show the same stars, under their patterns; the last by `air` redder. */
function judged(patterns: readonly Pattern[], { stars = 40, noise = 0.05, air = 0 } = {}) {
  const normal = seededNormal(5);
  const truth = Array.from({ length: stars }, () => {
    const colour = 0.5 * normal();
    return [1000 * Math.exp(colour / 2), 1000, 1000 * Math.exp(-colour / 2)];
  });
  const frames = patterns.map((pattern, f): PatternFrame => {
    const seen = truth.map((flux) => {
      const red = f === patterns.length - 1 ? Math.exp(air) : 1;
      return seenAs(pattern, [flux[0] * red, flux[1], flux[2]]).map((of) => of * (1 + noise * normal()));
    });
    return {
      record: { sensor: { kind: 'cfa', pattern, sites: SITES[pattern] } },
      stars: {
        count: stars,
        snr: new Float32Array(stars).fill(50),
        channelFlux: [0, 1, 2].map((c) => Float32Array.from(seen, (of) => of[c])),
      } as unknown as StarList,
    };
  });
  const all = Array.from({ length: stars }, (_, i) => i);
  return wrongPatterns(
    frames,
    frames.map(() => ({ index: all, star: all, x: all, y: all })),
  ).map((reason) => reason?.params.kind);
}

describe('wrongPatterns', () => {
  it('tells exchanged and mixed colours, of three frames as of many', () => {
    expect(judged(['GRBG', 'GBRG', 'GRBG'])).toEqual([undefined, 'exchanged', undefined]);
    expect(judged(['GRBG', 'GRBG', 'GRBG', 'RGGB', 'GBRG'])).toEqual([
      ...[undefined, undefined, undefined],
      ...['mixed', 'exchanged'],
    ]);
  });

  it('leaves frames of redder air, noisy stars and few of them alone', () => {
    expect(judged(['GRBG', 'GRBG', 'GRBG'], { air: 0.5 })).toEqual([undefined, undefined, undefined]);
    expect(judged(['GRBG', 'GRBG', 'GRBG', 'GRBG'], { noise: 0.3 })).toEqual(new Array(4).fill(undefined));
    expect(judged(['GRBG', 'GRBG', 'GBRG'], { stars: 11 })).toEqual([undefined, undefined, undefined]);
  });

  it('tells nothing of two frames, nor where half of them do not go with the others', () => {
    expect(judged(['GRBG', 'GBRG'])).toEqual([undefined, undefined]);
    expect(judged(['GRBG', 'GBRG', 'GRBG', 'GBRG'])).toEqual(new Array(4).fill(undefined));
  });
});
