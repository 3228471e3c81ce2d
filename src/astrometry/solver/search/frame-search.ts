// One search: where on the sky an image lies, from its stars, the catalogue and a list of places to look at. It learns nothing.
import { setImmediate } from 'node:timers/promises';
import type { StarCatalogue } from '../../catalogue/star-catalogue.js';
import { starsFound } from '../../stars/brightest-stars.js';
import { DEG_TO_RAD, RAD_TO_DEG } from '../../wcs/angles.js';
import type { UnitVector } from '../../wcs/sphere.js';
import { fitAttitude, type Attitude } from '../attitude.js';
import { correspondence } from '../patterns/correspondence.js';
import { describeSolution } from '../describe-solution.js';
import { fitWcs } from '../fit-wcs.js';
import { ImageField, LONGEST, REACH, SHORTEST } from '../image-field.js';
import { sidesOf } from '../patterns/patterns.js';
import type { Pass, SearchStep } from './search-steps.js';
import { SearchWork } from './search-work.js';
import { RegionCache, type SkyRegion } from '../sky-region.js';
import type { Parity, Solution, SolveHint, SolveImage, SolveOptions, SolveResult } from '../solve-types.js';
import { looksRight, verify } from '../verify.js';

/** With fewer stars no number of agreements would prove anything. */
export const MIN_STARS = 6;
/** Catalogue stars a frame that patterns are made of. */
const STARS_A_FRAME = 50;
/** Image stars: this many times the catalogue's, within bounds. */
const IMAGE_STAR_SHARE = 1.1;
const MIN_IMAGE_STARS = 12;
/** Corners of a hypothesis may miss each other by this much, pixels. */
const MAX_CORNER_PX = 3;
/** Triangles are too common for more than this much sky. */
const MAX_TRIANGLE_RADIUS_DEG = 12;
/** A tangent plane serves for star look-up up to here. */
const MAX_REGION_RAD = 50 * DEG_TO_RAD;
/** A fit that ends with larger residuals than the last match radius allows is none. */
const MAX_RMS_PX = 2.5;
/** The affine fit may leave the hypothesis' scale, and with it the searched range, by this much: the error of a pattern's own scale. */
const SCALE_SLACK = 0.01;
interface Search {
  readonly field: ImageField;
  readonly epoch: number;
  readonly work: SearchWork;
  tests: number;
}

/**
 * Searches of one thread, which share what was made of the sky. An answer depends on what is asked alone: not on other searches, the number of threads
 * or the machine. Calls must not overlap.
 */
export class FrameSearch {
  readonly #catalogue: StarCatalogue;
  readonly #regions = new Map<number, RegionCache>();

  constructor(catalogue: StarCatalogue) {
    this.#catalogue = catalogue;
  }

  /**
   * Looks at `steps` one after the other until one has the answer or the budget is spent: a solution whose chance of being wrong is what its step
   * allows, or none. @throws the signal's reason.
   */
  async run(
    image: SolveImage,
    hint: SolveHint,
    options: SolveOptions,
    steps: Iterable<SearchStep>,
  ): Promise<SolveResult> {
    const start = performance.now();
    const work = new SearchWork(options.budgetMs);
    const unsolved = (code: 'few_stars' | 'no_match' | 'budget', params: Record<string, number>) =>
      ({
        solved: false,
        reason: { code: `solve_reject_${code}`, params },
        ms: performance.now() - start,
        workMs: work.ms,
      }) as const;
    if (image.stars.count < MIN_STARS)
      return unsolved('few_stars', { count: image.stars.count, min: MIN_STARS });
    const search: Search = {
      field: new ImageField(image),
      epoch: hint.epoch ?? this.#catalogue.epoch,
      work,
      tests: 0,
    };
    for (const step of steps) {
      const found = await this.#step(search, step, options.signal);
      if (found) return { solved: true, ...found, ms: performance.now() - start, workMs: work.ms };
      if (work.isSpent) break;
    }
    const count = starsFound(image.stars);
    if (!work.isSpent) return unsolved('no_match', { count });
    return unsolved('budget', { count, seconds: options.budgetMs / 1000 });
  }

  async #step(
    search: Search,
    step: SearchStep,
    signal: AbortSignal | undefined,
  ): Promise<Omit<Solution, 'ms'> | undefined> {
    const { field } = search;
    const scale = (step.scaleArcsec / 3600) * DEG_TO_RAD;
    const diagonal = field.diagonal * scale;
    const radius = Math.min(step.radiusDeg * DEG_TO_RAD + diagonal / 2, MAX_REGION_RAD);
    const area = field.width * field.height * (scale * RAD_TO_DEG) ** 2;
    // rounded, so that frames of nearly one scale share their regions
    const density = Number((STARS_A_FRAME / area).toPrecision(1));
    const region = this.#regionsAt(search.epoch).get(step.centre, radius, density, step.keep);
    const expected = Math.min(STARS_A_FRAME, region.starsPerSteradian * area * DEG_TO_RAD ** 2);
    const count = Math.round(Math.max(MIN_IMAGE_STARS, IMAGE_STAR_SHARE * expected));
    for (const pass of step.passes) {
      if (pass.corners === 3 && step.radiusDeg > MAX_TRIANGLE_RADIUS_DEG) continue;
      const found = this.#pass(search, step, pass, region, Math.round(count * pass.starFactor), scale);
      if (found || search.work.isSpent) return found;
      // signals and progress get their turn in a long search
      await setImmediate();
      signal?.throwIfAborted();
    }
    return undefined;
  }

  #regionsAt(epoch: number): RegionCache {
    // within a year the stars of a region move by less than matching can tell
    const year = Math.round(epoch);
    let cache = this.#regions.get(year);
    if (!cache) this.#regions.set(year, (cache = new RegionCache(this.#catalogue, year)));
    return cache;
  }

  #pass(
    search: Search,
    step: SearchStep,
    pass: Pass,
    region: SkyRegion,
    count: number,
    scale: number,
  ): Omit<Solution, 'ms'> | undefined {
    const { field } = search;
    const { corners, tolerance } = pass;
    const size = Number((field.diagonal * scale).toPrecision(2));
    const table = region.table({
      corners,
      neighbours: pass.skyNeighbours,
      reach: REACH * size,
      minSide: (SHORTEST * size) / (1 + step.scaleTolerance),
      maxSide: LONGEST * size * (1 + step.scaleTolerance),
    });
    const patterns = field.patterns(count, corners, pass.imageNeighbours, scale);
    search.work.add('skyPattern', table.patterns.count);
    const ratios = patterns.count === 0 ? 0 : patterns.ratios.length / patterns.count;
    // ratios already tell shapes apart: the scale's tolerance is widened by theirs
    const slack = step.scaleTolerance + 2 * tolerance;
    let found: Omit<Solution, 'ms'> | undefined;
    for (let p = 0; p < patterns.count; p++) {
      search.work.add('lookUp');
      if (search.work.isSpent) break;
      const longest = patterns.longest[p];
      const image = patterns.stars.subarray(p * corners, (p + 1) * corners);
      const done = table.search(
        patterns.ratios,
        p * ratios,
        tolerance,
        longest / (1 + slack),
        longest * (1 + slack),
        (q) => {
          const sky = table.patterns.stars.subarray(q * corners, (q + 1) * corners);
          found = this.#hypothesis(search, step, region, count, image, sky, scale);
          return found !== undefined || search.work.isSpent;
        },
      );
      if (done) break;
    }
    return found;
  }

  #hypothesis(
    search: Search,
    step: SearchStep,
    region: SkyRegion,
    count: number,
    image: Int32Array,
    sky: Int32Array,
    scale: number,
  ): Omit<Solution, 'ms'> | undefined {
    const { field, work } = search;
    work.add('hypothesis');
    const chosen = field.chosen(count);
    const corners = image.length as 3 | 4;
    const pixels = {
      x: Float64Array.from(image, (i) => chosen.x[i]),
      y: Float64Array.from(image, (i) => chosen.y[i]),
      z: new Float64Array(corners),
    };
    const numbers = corners === 4 ? [0, 1, 2, 3] : [0, 1, 2];
    const [imageSides, skySides] = [new Float64Array(6), new Float64Array(6)].map((s) =>
      s.subarray(0, corners === 4 ? 6 : 3),
    );
    sidesOf(pixels, numbers, imageSides);
    sidesOf(region.stars, sky, skySides);
    const partner = correspondence(corners, imageSides, skySides);
    const directions = numbers.map((c): UnitVector => {
      const star = sky[partner[c]];
      return [region.stars.x[star], region.stars.y[star], region.stars.z[star]];
    });
    for (const parity of step.parity === undefined ? ([1, -1] as const) : [step.parity]) {
      const attitude = attitudeOf(pixels, directions, scale, parity);
      if (!attitude || attitude.residualPx > MAX_CORNER_PX) continue;
      if (Math.abs(Math.log(attitude.scale / scale)) > Math.log1p(step.scaleTolerance)) continue;
      if (separation(attitude.axes[2], step.centre) > step.radiusDeg * DEG_TO_RAD) continue;
      search.tests++;
      work.add('test');
      if (!looksRight(region, field, chosen, attitude, corners)) continue;
      const solution = this.#judge(search, step, region, attitude, corners);
      if (solution) return solution;
    }
    return undefined;
  }

  #judge(
    search: Search,
    step: SearchStep,
    region: SkyRegion,
    attitude: Attitude,
    corners: 3 | 4,
  ): Omit<Solution, 'ms'> | undefined {
    const { field, epoch } = search;
    search.work.add('verification');
    const verified = verify(this.#catalogue, epoch, region, field, attitude, corners);
    if (!verified) return undefined;
    const logChance = verified.logChance + Math.log10(search.tests);
    if (logChance > step.accept) return undefined;
    const fitted = fitWcs(this.#catalogue, epoch, field, verified.plane);
    if (!fitted || fitted.matched < MIN_STARS || fitted.rmsPx > MAX_RMS_PX) return undefined;
    const { wcs, matched, rmsPx } = fitted;
    const quality = { matched, rmsPx, logOdds: -logChance };
    const solution = describeSolution(wcs, field.width, field.height, quality);
    if (!solution) return undefined;
    const offScale = Math.abs(Math.log(solution.scaleArcsec / step.scaleArcsec));
    return offScale < Math.log1p(step.scaleTolerance + SCALE_SLACK) ? solution : undefined;
  }
}

/** The fit, once more at the scale that it found: far from the middle of a wide field directions depend on it. */
function attitudeOf(
  pixels: { readonly x: Float64Array; readonly y: Float64Array },
  directions: readonly UnitVector[],
  scale: number,
  parity: Parity,
): Attitude | undefined {
  const first = fitAttitude(pixels.x, pixels.y, directions, scale, parity);
  if (!first || first.residualPx > 3 * MAX_CORNER_PX) return undefined;
  return fitAttitude(pixels.x, pixels.y, directions, first.scale, parity);
}

/** Radians. */
function separation(a: UnitVector, b: UnitVector): number {
  return 2 * Math.asin(Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2));
}
