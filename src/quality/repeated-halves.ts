// Whether stated uncertainties are true: two halves of the frames, combined apart, differ by as much as they say of themselves.

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

/** Adds one image `[height, width]`; NaN where either half has no value. */
export function addHalves(sums: HalvesSums, a: Half, b: Half, width: number): HalvesSums {
  const height = a.values.length / width;
  let { squares, pixelSum, squareSum } = sums;
  for (let y0 = 0; y0 + APERTURE_PX <= height; y0 += APERTURE_PX) {
    for (let x0 = 0; x0 + APERTURE_PX <= width; x0 += APERTURE_PX) {
      let [sum, sum2, worst] = [0, 0, 0];
      for (let y = y0; y < y0 + APERTURE_PX; y++) {
        for (let i = y * width + x0; i < y * width + x0 + APERTURE_PX; i++) {
          const z = (a.values[i] - b.values[i]) / Math.sqrt(a.sigma[i] ** 2 + b.sigma[i] ** 2);
          worst = z === z ? Math.max(worst, Math.abs(z)) : Infinity;
          sum += z;
          sum2 += z * z;
        }
      }
      if (worst >= CLIP) continue;
      squares++;
      pixelSum += sum2;
      squareSum += sum * sum;
    }
  }
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
