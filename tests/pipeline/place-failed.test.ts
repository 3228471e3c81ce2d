// Frames that the catalogue alone does not place: by their neighbours, and as one virtual frame.
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { PlateSolver } from '../../src/astrometry/solver/search/plate-solver.js';
import type { CelestialWcs } from '../../src/astrometry/wcs/celestial-wcs.js';
import { angularSeparationDeg, unitVector } from '../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { tangentPlane } from '../../src/astrometry/wcs/tangent-plane.js';
import type { FrameRecord } from '../../src/frames/frame-record.js';
import { placeFailed, type FailedFrame, type WideSolver } from '../../src/pipeline/phases/place-failed.js';
import { solveHint, solveImage } from '../../src/pipeline/phases/solve.js';
import { NO_STARS } from '../../src/pipeline/star-memory.js';
import { gaussian, randomNumbers } from '../astrometry/solver/synthetic-field.js';

const [WIDTH, HEIGHT] = [1200, 900];
const SCALE_DEG = 1 / 3600;
const OPTIONS = { budgetMs: 60_000, maxRadiusDeg: 2 };
const MIDDLE = [150, 70] as const;

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

interface Small {
  readonly frame: FailedFrame;
  readonly truth: CelestialWcs;
}

/** Frames of 0.33 x 0.25 degrees at offsets in degrees, over catalogue stars and twenty times as many fainter ones; every other one turned. */
function smallFrames(offsets: readonly (readonly [number, number])[], seed: number): Small[] {
  const random = randomNumbers(seed);
  const plane = tangentPlane(...MIDDLE);
  const known = catalogue.cone(unitVector(...MIDDLE), 0.03, { epoch: 2026 });
  const sky = Array.from({ length: known.count }, (_, i) => ({
    v: [known.x[i], known.y[i], known.z[i]] as const,
    magnitude: known.vt[i],
  })).sort((a, b) => a.magnitude - b.magnitude);
  for (let i = 0; i < 8000; i++) {
    const v = unitVector(...plane.deproject(3 * (random() - 0.5), 3 * (random() - 0.5)));
    sky.push({ v, magnitude: 12 + 3 * random() });
  }
  return offsets.map((offset, f) => {
    const angle = f % 2 === 0 ? 0.3 : 2.1;
    const truth = makeTanWcs({
      crval: plane.deproject(...offset),
      crpix: [(WIDTH + 1) / 2, (HEIGHT + 1) / 2],
      cd: [
        -SCALE_DEG * Math.cos(angle),
        SCALE_DEG * Math.sin(angle),
        SCALE_DEG * Math.sin(angle),
        SCALE_DEG * Math.cos(angle),
      ],
      shape: [WIDTH, HEIGHT],
    });
    const at = new Float64Array(3);
    const seen = sky.flatMap(({ v, magnitude }) => {
      if (!truth.unitToPixel(...v, at) || random() < 0.1) return [];
      if (at[0] < 1 || at[1] < 1 || at[0] > WIDTH || at[1] > HEIGHT) return [];
      const [x, y] = [at[0] + 0.1 * gaussian(random), at[1] + 0.1 * gaussian(random)];
      return [{ x, y, magnitude: magnitude + 0.1 * gaussian(random) }];
    });
    seen.sort((a, b) => a.magnitude - b.magnitude);
    const ones = new Float32Array(seen.length).fill(1);
    const [raDeg, decDeg] = truth.pixelToSky((WIDTH + 1) / 2, (HEIGHT + 1) / 2)!;
    return {
      truth,
      frame: {
        record: {
          path: `${f}.fits`,
          width: WIDTH,
          height: HEIGHT,
          pixelScaleArcsec: 1.01,
          pointing: { raDeg, decDeg: decDeg + 0.2 },
        } as FrameRecord,
        stars: {
          ...NO_STARS,
          count: seen.length,
          x: Float64Array.from(seen, (s) => s.x),
          y: Float64Array.from(seen, (s) => s.y),
          fwhm: ones,
          snr: ones.map(() => 20),
        },
      },
    };
  });
}

const GRID = [0, 1, 2, 3].flatMap((j) =>
  [0, 1, 2, 3].map((i) => [(i - 1.5) * 0.2, (j - 1.5) * 0.15] as const),
);

function worstPx(smalls: readonly Small[], f: number, wcs: CelestialWcs): number {
  const places = [
    [1, 1],
    [WIDTH, HEIGHT],
    [WIDTH / 2, HEIGHT / 2],
  ];
  return Math.max(
    ...places.map(
      ([x, y]) =>
        angularSeparationDeg(...wcs.pixelToSky(x, y)!, ...smalls[f].truth.pixelToSky(x, y)!) / SCALE_DEG,
    ),
  );
}

const noSolver: WideSolver = {
  solveGroup: () => Promise.reject(new Error('no group was expected')),
  solveWide: () =>
    Promise.resolve({ solved: false, reason: { code: 'solve_reject_no_match', params: {} }, ms: 0 }),
};

describe('frames that the catalogue does not place', () => {
  it('are placed by a neighbour that it does, and on from frame to frame', async () => {
    const smalls = smallFrames(GRID.slice(0, 4), 1);
    const frames = smalls.map(({ frame, truth }, f) => (f === 0 ? { ...frame, wcs: truth } : frame));
    const found = await placeFailed(frames, noSolver);
    expect([...found.keys()].sort()).toEqual([1, 2, 3]);
    for (const [f, { wcs, matched, parity }] of found) {
      expect(matched).toBeGreaterThanOrEqual(10);
      expect(parity).toBe(-1);
      // corners far from the overlap; the joint adjustment makes more of it
      expect(worstPx(smalls, f, wcs)).toBeLessThan(2);
    }
  });

  it('are solved together where each alone shows too little of the catalogue', async () => {
    const smalls = smallFrames(GRID, 2);
    const frames = smalls.map(({ frame }) => frame);
    let alone = 0;
    for (const { record, stars } of frames) {
      const solver = new PlateSolver(catalogue);
      const result = await solver.solve(solveImage(record, stars), solveHint(record), OPTIONS);
      if (result.solved) alone++;
    }
    expect(alone).toBeLessThan(frames.length / 2);
    const solver = new PlateSolver(catalogue);
    const found = await placeFailed(frames, {
      ...noSolver,
      solveGroup: (image, hint) => solver.solve(image, hint, OPTIONS),
    });
    expect(found.size).toBe(frames.length);
    for (const [f, { wcs }] of found) expect(worstPx(smalls, f, wcs)).toBeLessThan(0.6);
  });

  it('stay without a place where nothing of theirs is seen elsewhere', async () => {
    const smalls = smallFrames([[0, 0], ...GRID.slice(14)], 3);
    const [stranger] = smallFrames([[1.2, 1.2]], 4);
    const frames = [{ ...smalls[0].frame, wcs: smalls[0].truth }, stranger.frame];
    expect((await placeFailed(frames, noSolver)).size).toBe(0);
  });

  it('with too few stars are not tried', async () => {
    const [first, second] = smallFrames(GRID.slice(0, 2), 5);
    const stars = { ...second.frame.stars, count: 9 };
    const frames = [
      { ...first.frame, wcs: first.truth },
      { ...second.frame, stars },
    ];
    expect((await placeFailed(frames, noSolver)).size).toBe(0);
  });
});
