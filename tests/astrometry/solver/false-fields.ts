// Fields that have no right solution where they are looked for: made-up skies, and true ones with a pointing elsewhere.
import type { StarCatalogue } from '../../../src/astrometry/catalogue/star-catalogue.js';
import type { SolveHint, SolveImage } from '../../../src/astrometry/solver/solve-types.js';
import { angularSeparationDeg } from '../../../src/astrometry/wcs/sphere.js';
import { gaussian, randomField, syntheticField, type FieldOptions } from './synthetic-field.js';

export interface FalseField {
  readonly image: SolveImage;
  readonly hint: SolveHint;
}

/** A true field whose middle lies farther from its hint than any search around that reaches. */
const ELSEWHERE_DEG = 50;

/** 15 to 415 stars of no catalogue, evenly spread, or a third of them in a cluster; the hint is anywhere. */
export function otherSky(random: () => number, { width, height, scaleArcsec }: FieldOptions): FalseField {
  const image = randomField(random, width, height, 15 + Math.floor(random() * 400));
  if (random() < 1 / 3) {
    const side = width * (0.05 + 0.2 * random());
    const at = [width * random(), height * random()];
    for (let s = 0; s < image.stars.count; s += 3) {
      image.stars.x[s] = Math.min(width, Math.max(1, at[0] + side * gaussian(random)));
      image.stars.y[s] = Math.min(height, Math.max(1, at[1] + side * gaussian(random)));
    }
  }
  return { image, hint: { pointing: anywhere(random), scaleArcsec } };
}

export function fieldElsewhere(
  catalogue: StarCatalogue,
  random: () => number,
  options: FieldOptions,
): FalseField {
  const { image, hint, truth } = syntheticField(catalogue, random, options);
  for (;;) {
    const pointing = anywhere(random);
    if (angularSeparationDeg(pointing.raDeg, pointing.decDeg, ...truth.centre) > ELSEWHERE_DEG)
      return { image, hint: { ...hint, pointing } };
  }
}

export function anywhere(random: () => number): { raDeg: number; decDeg: number } {
  return { raDeg: 360 * random(), decDeg: (Math.asin(2 * random() - 1) * 180) / Math.PI };
}
