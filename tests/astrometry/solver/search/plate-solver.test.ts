import { beforeAll, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../../../src/astrometry/catalogue/star-catalogue.js';
import { PlateSolver } from '../../../../src/astrometry/solver/search/plate-solver.js';
import type { SolveImage, SolveOptions } from '../../../../src/astrometry/solver/solve-types.js';
import { angularSeparationDeg, skyPosition } from '../../../../src/astrometry/wcs/sphere.js';
import { otherSky } from '../false-fields.js';
import { randomField, randomNumbers, syntheticField, type FieldOptions } from '../synthetic-field.js';

const S50 = { width: 1080, height: 1920, scaleArcsec: 2.375 };
const HARD = { missing: 0.25, spurious: 0.4, magnitudeNoise: 0.5, positionNoisePx: 0.7, distortion: 0.003 };
const OPTIONS: SolveOptions = { budgetMs: 60_000, maxRadiusDeg: 10 };

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

/** Solves `count` fields, each by a solver that knows nothing; offsets of the solved centres in pixels. */
async function solveFields(count: number, options: FieldOptions): Promise<number[]> {
  const random = randomNumbers(count);
  const offsets: number[] = [];
  for (let i = 0; i < count; i++) {
    const { image, hint, truth } = syntheticField(catalogue, random, options);
    const result = await new PlateSolver(catalogue).solve(image, hint, OPTIONS);
    if (!result.solved) continue;
    expect(result.parity).toBe(truth.parity);
    offsets.push((3600 * angularSeparationDeg(...result.centre, ...truth.centre)) / options.scaleArcsec);
  }
  return offsets;
}

describe('fields anywhere on the sky, any rotation, either parity', () => {
  it.each<[string, number, number, FieldOptions]>([
    ['Seestar S50', 40, 40, S50],
    // 3 of 1050 such fields hold too few catalogue stars among too many false ones
    ['Seestar S50 beyond galactic latitude 60', 39, 40, { ...S50, highLatitude: true }],
    ['S50 with a quarter of the stars missing and many false ones', 30, 30, { ...S50, ...HARD }],
    ['Seestar S30', 15, 15, { width: 1080, height: 1920, scaleArcsec: 3.96 }],
    ['5 degrees', 10, 10, { width: 3000, height: 2000, scaleArcsec: 6, distortion: 0.005 }],
    [
      '20 degrees with 1 percent of distortion',
      10,
      10,
      { width: 3000, height: 2000, scaleArcsec: 24, distortion: 0.01 },
    ],
  ])('%s: %i of %i solved', async (_, least, count, options) => {
    const offsets = await solveFields(count, options);
    expect(offsets.length).toBeGreaterThanOrEqual(least);
    expect(Math.max(...offsets)).toBeLessThan(2);
    expect(offsets.sort((a, b) => a - b)[count >> 1]).toBeLessThan(0.6);
  });

  it('a hint 8 degrees off is made up for', async () => {
    const { image, hint, truth } = syntheticField(catalogue, randomNumbers(5), {
      ...S50,
      pointingErrorDeg: 0,
    });
    const pointing = { raDeg: truth.centre[0], decDeg: truth.centre[1] - Math.sign(truth.centre[1]) * 8 };
    const result = await new PlateSolver(catalogue).solve(image, { ...hint, pointing }, OPTIONS);
    expect(result.solved).toBe(true);
  });

  it('without pointing the whole sky is searched, beginning where the last frame was', async () => {
    const random = randomNumbers(11);
    const { image, hint, truth } = syntheticField(catalogue, random, { ...S50, scaleError: 0 });
    const solver = new PlateSolver(catalogue);
    expect((await solver.solve(image, hint, OPTIONS)).solved).toBe(true);
    const blind = await solver.solve(image, { ...hint, pointing: undefined }, OPTIONS);
    expect(blind).toMatchObject({ solved: true, parity: truth.parity });
  });

  it('without a scale, scales are tried', async () => {
    const { image, hint, truth } = syntheticField(catalogue, randomNumbers(21), {
      ...S50,
      pointingErrorDeg: 0.3,
    });
    const result = await new PlateSolver(catalogue).solve(
      image,
      { ...hint, scaleArcsec: undefined },
      OPTIONS,
    );
    expect(result.solved).toBe(true);
    if (result.solved)
      expect(3600 * angularSeparationDeg(...result.centre, ...truth.centre)).toBeLessThan(2.4);
  });
});

describe('the solution', () => {
  it('follows the sky over the whole frame, distortion included', async () => {
    const options = { width: 3000, height: 2000, scaleArcsec: 6, distortion: 0.005, positionNoisePx: 0.1 };
    const { image, hint, truth } = syntheticField(catalogue, randomNumbers(3), options);
    const result = await new PlateSolver(catalogue).solve(image, hint, OPTIONS);
    if (!result.solved) throw new Error(result.reason.code);
    expect(result.wcs.hasDistortion).toBe(true);
    expect(result.rmsPx).toBeLessThan(0.3);
    expect(result.logOdds).toBeGreaterThan(20);
    for (const [u, v] of [
      [0, 0],
      [-0.45, -0.45],
      [0.45, -0.3],
      [0.2, 0.45],
    ]) {
      const [x, y] = [3000 * u, 2000 * v];
      const stretch = 1 + (0.005 * (x * x + y * y)) / (1500 ** 2 + 1000 ** 2);
      const sky = result.wcs.pixelToSky(x * stretch + 1500.5, y * stretch + 1000.5)!;
      const error = 3600 * angularSeparationDeg(...sky, ...skyPosition(truth.direction(x, y)));
      expect(error / 6).toBeLessThan(0.25);
      const back = result.wcs.skyToPixel(...sky)!;
      expect(Math.hypot(back[0] - x * stretch - 1500.5, back[1] - y * stretch - 1000.5)).toBeLessThan(1e-6);
    }
  });

  it('has no distortion that its stars do not ask for, however many there are', async () => {
    for (const seed of [1, 2, 3]) {
      const options = { ...S50, scaleArcsec: 3.96, distortion: 0 };
      const { image, hint } = syntheticField(catalogue, randomNumbers(seed), options);
      const result = await new PlateSolver(catalogue).solve(image, hint, OPTIONS);
      if (!result.solved) throw new Error(result.reason.code);
      expect(result.matched).toBeGreaterThan(30);
      expect(result.wcs.hasDistortion).toBe(false);
    }
  });

  it('has corners in the order of the edges and the centre of the image as its reference', async () => {
    const { image, hint } = syntheticField(catalogue, randomNumbers(8), S50);
    const result = await new PlateSolver(catalogue).solve(image, hint, OPTIONS);
    if (!result.solved) throw new Error(result.reason.code);
    const { crpix, crval, shape } = result.wcs.describe();
    expect(crpix).toEqual([540.5, 960.5]);
    expect(angularSeparationDeg(...crval, ...result.centre)).toBeLessThan(1e-9);
    expect(shape).toEqual([1080, 1920]);
    const pixel = result.wcs.skyToPixel(...result.corners[1])!;
    expect(pixel[0]).toBeCloseTo(1080.5, 5);
    expect(pixel[1]).toBeCloseTo(0.5, 5);
  });
});

describe('no solution is better than a wrong one', () => {
  it('stars that are not in the catalogue are never solved', async () => {
    const random = randomNumbers(99);
    const optics: FieldOptions[] = [
      S50,
      { width: 1500, height: 1000, scaleArcsec: 2.4 },
      { width: 3000, height: 2000, scaleArcsec: 6 },
      { width: 3000, height: 2000, scaleArcsec: 24 },
    ];
    for (let i = 0; i < 32; i++) {
      const { image, hint } = otherSky(random, optics[i % optics.length]);
      // a list that was cut short tells how many the frame shows
      const cut = { ...image, stars: { ...image.stars, found: 3000 + i } };
      const result = await new PlateSolver(catalogue).solve(cut, hint, { ...OPTIONS, maxRadiusDeg: 2 });
      const reason = { code: 'solve_reject_no_match', params: { count: 3000 + i } };
      expect(result).toMatchObject({ solved: false, reason });
    }
  });

  it('a true field with a hint elsewhere is not solved there', async () => {
    const { image, hint, truth } = syntheticField(catalogue, randomNumbers(12), S50);
    const pointing = { raDeg: (truth.centre[0] + 120) % 360, decDeg: -truth.centre[1] / 2 };
    const result = await new PlateSolver(catalogue).solve(
      image,
      { ...hint, pointing },
      { ...OPTIONS, maxRadiusDeg: 5 },
    );
    expect(result.solved).toBe(false);
  });

  it.each([0, 1, 5])('%i stars are too few, and that is the reason', async (count) => {
    const image: SolveImage = randomField(randomNumbers(1), 1080, 1920, count);
    const result = await new PlateSolver(catalogue).solve(image, { scaleArcsec: 2.4 }, OPTIONS);
    expect(result).toMatchObject({
      solved: false,
      reason: { code: 'solve_reject_few_stars', params: { count, min: 6 } },
    });
  });

  it.each([6, 7, 10])('%i random stars end without a match', async (count) => {
    const image = randomField(randomNumbers(count), 1080, 1920, count);
    const hint = { pointing: { raDeg: 83, decDeg: -5 }, scaleArcsec: 2.4 };
    expect(await new PlateSolver(catalogue).solve(image, hint, OPTIONS)).toMatchObject({ solved: false });
  });

  it('stars all in one place or on a line end without a match', async () => {
    for (const along of [0, 10]) {
      const x = Float64Array.from({ length: 40 }, (_, i) => 500 + along * i);
      const image = { width: 1080, height: 1920, stars: { count: 40, x, y: x.slice().fill(700) } };
      const hint = { pointing: { raDeg: 83, decDeg: -5 }, scaleArcsec: 2.4 };
      const result = await new PlateSolver(catalogue).solve(image, hint, { ...OPTIONS, maxRadiusDeg: 2 });
      expect(result.solved).toBe(false);
    }
  });

  it('the budget ends a search that has no hint, with that as its reason', async () => {
    const image = randomField(randomNumbers(2), 1080, 1920, 80);
    const result = await new PlateSolver(catalogue).solve(image, {}, { budgetMs: 300, maxRadiusDeg: 180 });
    expect(result).toMatchObject({ solved: false, reason: { code: 'solve_reject_budget' } });
  });

  it('the signal ends it at once', async () => {
    const stop = new AbortController();
    const image = randomField(randomNumbers(2), 1080, 1920, 80);
    const search = new PlateSolver(catalogue).solve(
      image,
      {},
      { ...OPTIONS, maxRadiusDeg: 180, signal: stop.signal },
    );
    stop.abort(new Error('enough'));
    await expect(search).rejects.toThrow('enough');
  });
});

describe('session memory', () => {
  it('a frame too poor for itself is solved where the others say it is', async () => {
    const random = randomNumbers(31);
    const { image, hint } = syntheticField(catalogue, random, { ...S50, pointingErrorDeg: 1 });
    const solver = new PlateSolver(catalogue);
    // few of its stars are real, and faint ones at that
    const rich = image.stars;
    const picks = Array.from({ length: rich.count }, (_, i) => i).filter((i) => i < 60 && i % 4 === 0);
    const noise = randomField(random, S50.width, S50.height, 25).stars;
    const poor: SolveImage = {
      ...image,
      stars: {
        count: picks.length + noise.count,
        x: Float64Array.from([...noise.x, ...picks.map((i) => rich.x[i])]),
        y: Float64Array.from([...noise.y, ...picks.map((i) => rich.y[i])]),
      },
    };
    expect((await solver.retry(poor, hint, OPTIONS)).solved).toBe(false);
    expect((await solver.solve(image, hint, OPTIONS)).solved).toBe(true);
    const again = await solver.retry(image, hint, OPTIONS);
    expect(again.solved).toBe(true);
  });

  it('does not stand in the way of a second telescope whose headers say as little', async () => {
    const random = randomNumbers(41);
    const solver = new PlateSolver(catalogue);
    for (const scaleArcsec of [2.375, 3.96, 2.375]) {
      const options = { ...S50, scaleArcsec, pointingErrorDeg: 0.3 };
      const { image, hint } = syntheticField(catalogue, random, options);
      const result = await solver.solve(image, { ...hint, scaleArcsec: undefined }, OPTIONS);
      if (!result.solved) throw new Error(`${scaleArcsec}: ${result.reason.code}`);
      expect(Math.abs(result.scaleArcsec / scaleArcsec - 1)).toBeLessThan(0.005);
    }
  });

  it('of one focal length leaves room for another within the errors of headers', async () => {
    const random = randomNumbers(43);
    const solver = new PlateSolver(catalogue);
    for (const scaleArcsec of [2.375, 2.46]) {
      const { image, hint } = syntheticField(catalogue, random, { ...S50, scaleArcsec });
      const result = await solver.solve(image, { ...hint, scaleArcsec: 2.4 }, OPTIONS);
      expect(result).toMatchObject({ solved: true });
    }
  });
});
