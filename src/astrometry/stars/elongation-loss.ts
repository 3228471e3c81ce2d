// What a round aperture loses of stars that wind or a drifting mount drew out in one direction.
import type { Sources } from './star-finder.js';

/** Fewer stars tell more about themselves than about the frame. */
const FEWEST = 5;
/**
 * Loss of ln flux in units of the squared logarithm of the axis ratio as it is measured, in an aperture of `apertureRadius`: 0.090 to 0.110 on drawn Moffat stars (exponents 2.5 to
 * 4.5, 2.2 to 5.5 pixels wide, axis ratios 0.6 to 0.9, on mono and CFA). Frames by 0.8 and 1 differ by 0.4 %, which would pass for transparency.
 */
const LOSS = 0.1;

/**
 * Factor that makes fluxes of the frame's stars those of round ones as wide. Told by what the elongations of all stars have in common, as vectors of twice the angle: what
 * optics do to the corners, each its own way, is the same in all frames and stays; that noise gives each star some elongation is allowed for (the squared length of the mean is
 * estimated without bias). `counts` names the sources that are well exposed stars.
 */
export function elongationFactor(
  { count, ellipticity, angle }: Sources,
  counts: (k: number) => boolean,
): number {
  let [stars, x, y, squares] = [0, 0, 0, 0];
  for (let k = 0; k < count; k++) {
    if (!counts(k)) continue;
    const length = -Math.log(1 - ellipticity[k]);
    x += length * Math.cos(2 * angle[k]);
    y += length * Math.sin(2 * angle[k]);
    squares += length * length;
    stars++;
  }
  if (stars < FEWEST) return 1;
  return Math.exp((LOSS * (x * x + y * y - squares)) / (stars * (stars - 1)));
}
