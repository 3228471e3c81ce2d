// A frame whose pattern is not its header's is told by its stars' colours, in few frames and under noise; frames of other air are not.
import { describe, expect, it } from 'vitest';
import type { StarList } from '../../../../src/astrometry/stars/star-list.js';
import { wrongPatterns, type PatternFrame } from '../../../../src/pipeline/planning/frames/wrong-pattern.js';
import { seededNormal } from '../../../helpers/kernel-runs.js';

const SITES = { GRBG: [1, 0, 2, 1], GBRG: [1, 2, 0, 1], RGGB: [0, 1, 1, 2] } as const;
type Pattern = keyof typeof SITES;

/** Red, green and blue of a star as a frame has them that takes samples of `GRBG` for those of `pattern`. */
function seenAs(pattern: Pattern, flux: readonly number[]): number[] {
  return [0, 1, 2].map((colour) => {
    const sites = SITES[pattern].flatMap((of, site) => (of === colour ? [SITES.GRBG[site]] : []));
    return sites.reduce<number>((sum, of) => sum + flux[of], 0) / sites.length;
  });
}

interface Session {
  readonly stars?: number;
  readonly noise?: number;
  /** The last frame is redder by so much, its colours are `pale` times as strong, and its star 0, red in all others, is grey in it. */
  readonly air?: number;
  readonly pale?: number;
  readonly spoilt?: boolean;
  /** Stars that each frame shows, from the first up to before the second; all unless told. */
  readonly shown?: readonly (readonly [number, number])[];
}

/** Frames that show the same stars, under their patterns. */
function judged(
  patterns: readonly Pattern[],
  { stars = 40, noise = 0.05, air = 0, pale = 1, spoilt = false, shown }: Session = {},
) {
  const normal = seededNormal(5);
  const truth = Array.from({ length: stars }, (_, i) =>
    spoilt ? (i === 0 ? 1.8 : 0.1 * normal()) : 0.5 * normal(),
  );
  const frames = patterns.map((pattern, f): PatternFrame => {
    const isLast = f === patterns.length - 1;
    const seen = truth.map((of, i) => {
      const colour = isLast ? air + (spoilt && i === 0 ? 0 : pale * of) : of;
      const flux = [1000 * Math.exp(colour / 2), 1000, 1000 * Math.exp(-colour / 2)];
      return seenAs(pattern, flux).map((of) => of * (1 + noise * normal()));
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
    frames.map((_, f) => {
      const own = all.slice(...(shown?.[f] ?? []));
      return { index: Int32Array.from(own), star: Int32Array.from(own) };
    }),
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

  it('leaves out no frame for a single star', () => {
    expect(judged(['GRBG', 'GRBG', 'GRBG', 'GRBG'], { noise: 0.02, spoilt: true })).toEqual(
      new Array(4).fill(undefined),
    );
  });

  it('leaves out no frame whose colours are paler', () => {
    expect(judged(['GRBG', 'GRBG', 'GRBG', 'GRBG'], { noise: 0.02, pale: 0.4 })).toEqual(
      new Array(4).fill(undefined),
    );
  });

  it('leaves out no frame at the border of a panel whose frames are wrong all alike', () => {
    const panel = (count: number, pattern: Pattern, of: readonly [number, number]) =>
      Array.from({ length: count }, () => [pattern, of] as const);
    const frames = [
      ...panel(8, 'GRBG', [0, 100]),
      ...panel(5, 'GBRG', [140, 240]),
      ...panel(3, 'GRBG', [100, 180]),
    ];
    expect(
      judged(
        frames.map(([pattern]) => pattern),
        { stars: 240, noise: 0.02, shown: frames.map(([, of]) => of) },
      ),
    ).toEqual(frames.map(() => undefined));
  });

  it('tells nothing of two frames, nor where half of them do not go with the others', () => {
    expect(judged(['GRBG', 'GBRG'])).toEqual([undefined, undefined]);
    expect(judged(['GRBG', 'GBRG', 'GRBG', 'GBRG'])).toEqual(new Array(4).fill(undefined));
  });
});
