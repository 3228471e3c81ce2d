// Where a frame lies whose WCS is right but for its place: every pair of a star of the frame and one of the catalogue votes for a place.
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import { DEG_TO_RAD } from '../wcs/angles.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { SolveImage } from './solve-types.js';

/** Brightest stars that vote. */
const VOTERS = 60;
/** Side of a box of votes as a share of the frame's longer side: frames that are turned by a degree or two still vote for one place. */
const BOX_SHARE = 1 / 64;
/** A box takes two bytes; there are this many at most along a side. */
const MOST_BOXES = 2048;

/** Nearer to a pole meridians run together too fast. */
const MOST_DEC_DEG = 80;
/** More votes than this by chance in any place: the search that has to prove it costs more than the vote. */
const LOG_CHANCE = -3;

/**
 * Centre of the frame, degrees, by the place within `radiusDeg` that most pairs vote for; undefined where there is nothing to vote on, or too near a pole. The frame's
 * orientation is taken as the WCS has it, by north. Nothing is proven: whoever asks has to look there.
 */
export function votePlace(
  catalogue: StarCatalogue,
  { width, height, stars }: SolveImage,
  epoch: number | undefined,
  wcs: CelestialWcs,
  radiusDeg: number,
): { raDeg: number; decDeg: number } | undefined {
  const [midX, midY] = [(width + 1) / 2, (height + 1) / 2];
  const unit = new Float64Array(3);
  const middle = wcs.pixelToSky(midX, midY);
  if (!middle || !wcs.pixelToUnit(midX, midY, unit)) return undefined;
  const [ra0, dec0] = middle;
  if (Math.abs(dec0) + radiusDeg > MOST_DEC_DEG) return undefined;
  const scaleDeg = wcs.pixelScaleArcsec(midX, midY) / 3600;
  const voters = offsetsOf(stars, wcs, middle);
  const box = Math.max(BOX_SHARE * Math.max(width, height) * scaleDeg, (2 * radiusDeg) / MOST_BOXES);
  const side = Math.ceil((2 * radiusDeg) / box) + 1;
  const sky = catalogue.cone([unit[0], unit[1], unit[2]], radiusDeg * DEG_TO_RAD, {
    ...(epoch !== undefined && { epoch }),
    perCell: Math.ceil((2 * VOTERS) / (width * height * scaleDeg ** 2)) + 4,
  });
  const cos0 = Math.cos(dec0 * DEG_TO_RAD);
  const votes = new Uint16Array(side * side);
  let cast = 0;
  for (let star = 0; star < sky.count; star++) {
    const dec = Math.asin(sky.z[star]) / DEG_TO_RAD;
    const east = wrapped(Math.atan2(sky.y[star], sky.x[star]) / DEG_TO_RAD - ra0);
    const widen = 1 / Math.cos(dec * DEG_TO_RAD);
    for (let v = 0; v < voters.length; v += 2) {
      // parallels are shorter at the place itself than at its star by little
      const i = Math.floor(((east - voters[v] * widen) * cos0 + radiusDeg) / box);
      const j = Math.floor((dec - voters[v + 1] - dec0 + radiusDeg) / box);
      if (i < 0 || j < 0 || i >= side || j >= side) continue;
      votes[j * side + i]++;
      cast++;
    }
  }
  let [most, bestI, bestJ] = [0, 0, 0];
  // four boxes together: the votes for one place fall on both sides of a border
  for (let j = 0; j + 1 < side; j++) {
    for (let i = 0, k = j * side; i + 1 < side; i++, k++) {
      const sum = votes[k] + votes[k + 1] + votes[k + side] + votes[k + side + 1];
      if (sum > most) [most, bestI, bestJ] = [sum, i, j];
    }
  }
  if (logChance(most, (4 * cast) / (side * side)) + 2 * Math.log10(side) > LOG_CHANCE) return undefined;
  const raDeg = (ra0 + ((bestI + 1) * box - radiusDeg) / cos0 + 360) % 360;
  return { raDeg, decDeg: dec0 + (bestJ + 1) * box - radiusDeg };
}

/** log10 of the chance of `count` votes in one place where `mean` are expected, or more (Poisson; the tail by its first term). */
function logChance(count: number, mean: number): number {
  if (!(count > mean)) return 0;
  let log = -mean;
  for (let k = 1; k <= count; k++) log += Math.log(mean / k);
  return log / Math.LN10;
}

const wrapped = (deg: number) => deg - 360 * Math.round(deg / 360);

/** Offsets of the brightest stars from the middle, degrees: east on the sky, north. */
function offsetsOf(
  { count, x, y }: SolveImage['stars'],
  wcs: CelestialWcs,
  [ra, dec]: readonly [number, number],
): number[] {
  const offsets: number[] = [];
  for (let v = 0; v < Math.min(VOTERS, count); v++) {
    const sky = wcs.pixelToSky(x[v], y[v]);
    if (sky) offsets.push(wrapped(sky[0] - ra) * Math.cos(sky[1] * DEG_TO_RAD), sky[1] - dec);
  }
  return offsets;
}
