// Whether stated uncertainties are true: two halves of the frames, combined apart, differ by as much as they say of themselves.
import { sharedPasses } from '../simd/sample-passes.js';

/** One plane of one half: values and the standard deviations that are stated of them. */
export interface Half {
  readonly values: Float32Array;
  readonly sigma: Float32Array;
}

/** Sums over squares of 12 x 12 pixels in which nothing stands out. */
export interface HalvesSums {
  readonly squares: number;
  /** Sum over pixels of z^2 = (a - b)^2 / (sigma_a^2 + sigma_b^2). */
  readonly pixelSum: number;
  /** Sum over squares of (sum of z)^2. */
  readonly squareSum: number;
}

/** Side of a square, pixels: the aperture of small-telescope photometry. */
const APERTURE_PX = 12;
/** A square with a pixel beyond this many sigmas holds a star (which seeing and guiding change from half to half) or a trail. */
const CLIP = 4;
/** Squares that are enough for a figure. */
const MIN_SQUARES = 20;

/** Adds one image `[height, width]`, of the pixels whose values are above `blankLimit` in both halves. */
export function addHalves(sums: HalvesSums, a: Half, b: Half, width: number, blankLimit: number): HalvesSums {
  const pixels = a.values.length;
  const room = sharedPasses();
  const images = [a.values, a.sigma, b.values, b.sigma].map((image) => room.put(image));
  const sumsAt = room.take(24);
  const added = new Float64Array(room.buffer, sumsAt, 3);
  added.set([sums.squares, sums.pixelSum, sums.squareSum]);
  const [valuesA, sigmaA, valuesB, sigmaB] = images;
  // prettier-ignore
  room.passes.halvesSquares(
    valuesA, sigmaA, valuesB, sigmaB, width, pixels / width, APERTURE_PX, CLIP, blankLimit, sumsAt,
  );
  const [squares, pixelSum, squareSum] = added;
  return { squares, pixelSum, squareSum };
}

/** What `addHalves` begins with. */
export const NO_HALVES: HalvesSums = { squares: 0, pixelSum: 0, squareSum: 0 };

/**
 * `pixelChi2` is 1 where the uncertainty plane is true. `apertureChi2`, for means over 12 x 12 pixels taken as if pixels were independent, lies above
 * it by what neighbours have in common. Undefined with too few squares.
 */
export function halvesChi2({
  squares,
  pixelSum,
  squareSum,
}: HalvesSums): { readonly pixelChi2: number; readonly apertureChi2: number } | undefined {
  if (squares < MIN_SQUARES) return undefined;
  const pixels = squares * APERTURE_PX ** 2;
  return { pixelChi2: pixelSum / pixels, apertureChi2: squareSum / pixels };
}
