// A place that somebody else claims for a frame is believed when our catalogue's stars stand there; then the stars fit it anew.
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import { log10BinomialTail } from '../solver/binomial-tail.js';
import { describeSolution } from '../solver/describe-solution.js';
import { fitWcs } from '../solver/fit-wcs.js';
import { ImageField } from '../solver/image-field.js';
import { fitPixelPlane, PixelPlaneMap, type PixelPlane, type StarPair } from '../solver/plane/pixel-plane.js';
import { MIN_STARS } from '../solver/search/frame-search.js';
import type { Solution, SolveHint, SolveImage } from '../solver/solve-types.js';
import { starsInPlace } from '../solver/stars-in-place.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { UnitVector } from '../wcs/sphere.js';

/** Stars count as in their places within this share of the longer side, at least so many pixels: other programs' fits lack our distortion. */
const RADIUS = { share: 0.004, floor: 5 };
/** So many stars in place by chance once in a million claims ... */
const ACCEPT_LOG_CHANCE = -6;
/** ... those not counted that the claim may have been made from: the other program looked at the same bright stars. */
const STARS_OF_CLAIM = 4;
/** A fit that leaves more than this has not settled. */
const MAX_RMS_PX = 2.5;
/** A claimed WCS is carried over to our own form with this residual, pixels, or the highest order that is tried. */
const FORM_RESIDUAL_PX = 0.05;
const FORM_ORDERS = [1, 2, 3, 4] as const;
const FORM_STEPS = 8;

/** The solution at the claimed place, or how many stars of how many agree, which is too few. */
export function judgeProposal(
  catalogue: StarCatalogue,
  image: SolveImage,
  { epoch }: SolveHint,
  claimed: CelestialWcs,
): Omit<Solution, 'ms'> | { readonly agree: number; readonly of: number } {
  const { width, height } = image;
  const radius = Math.max(RADIUS.floor, RADIUS.share * Math.max(width, height));
  const { judged, known, agree, chance } = starsInPlace(catalogue, image, epoch, claimed, radius);
  const logChance = log10BinomialTail(judged, Math.max(0, agree - STARS_OF_CLAIM), chance);
  const agreement = { agree, of: Math.min(judged, known) };
  if (!(logChance < ACCEPT_LOG_CHANCE)) return agreement;
  const plane = ownForm(claimed, width, height);
  if (!plane) return agreement;
  const field = new ImageField(image);
  const fitted = fitWcs(catalogue, epoch ?? catalogue.epoch, field, plane);
  // A claim that our own fit does not settle on may be off by all of the radius.
  if (!fitted || fitted.matched < MIN_STARS || fitted.rmsPx > MAX_RMS_PX) return agreement;
  return (
    describeSolution(fitted.wcs, width, height, {
      matched: fitted.matched,
      rmsPx: fitted.rmsPx,
      logOdds: -logChance,
    }) ?? agreement
  );
}

/** The claimed transform as a polynomial about the middle of the image, of the lowest order that says the same. */
function ownForm(wcs: CelestialWcs, width: number, height: number): PixelPlane | undefined {
  const v = new Float64Array(3);
  const direction = (x: number, y: number): UnitVector | undefined =>
    wcs.pixelToUnit(x + (width + 1) / 2, y + (height + 1) / 2, v) ? [v[0], v[1], v[2]] : undefined;
  const middle = direction(0, 0);
  if (!middle) return undefined;
  const pairs: StarPair[] = [];
  for (let j = 0; j <= FORM_STEPS; j++) {
    for (let i = 0; i <= FORM_STEPS; i++) {
      const [x, y] = [(i / FORM_STEPS - 0.5) * width, (j / FORM_STEPS - 0.5) * height];
      const sky = direction(x, y);
      if (!sky) return undefined;
      pairs.push({ x, y, sky, weight: 1 });
    }
  }
  const at = new Float64Array(2);
  let plane: PixelPlane | undefined;
  for (const order of FORM_ORDERS) {
    plane = fitPixelPlane(pairs, middle, order, Math.hypot(width, height) / 2);
    if (!plane) return undefined;
    const map = new PixelPlaneMap(plane);
    const worst = Math.max(
      ...pairs.map(({ x, y, sky }) =>
        map.toPixel(...sky, at) ? Math.hypot(at[0] - x, at[1] - y) : Infinity,
      ),
    );
    if (worst < FORM_RESIDUAL_PX) break;
  }
  return plane;
}
