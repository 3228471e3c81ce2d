// The stars of the catalogue that a mosaic may show, where they stood when it was exposed.
import { builtInCatalogue } from '../astrometry/catalogue/built-in-catalogue.js';
import type { CatalogueStars } from '../astrometry/catalogue/catalogue-stars.js';
import { DEG_TO_RAD } from '../astrometry/wcs/angles.js';
import { unitVector } from '../astrometry/wcs/sphere.js';
import { gridRadiusDeg } from '../quality/placement.js';
import { median } from '../quality/robust.js';
import type { OutputGrid } from './planning/grid/output-grid.js';
import type { MeasuredFrame } from './planning/grid/placed-frame.js';

/** Stars of the cone about `grid`, at the median epoch of the exposures of `frames`. @throws CatalogueError as the catalogue does. */
export async function catalogueOver(
  grid: OutputGrid,
  frames: readonly MeasuredFrame[],
): Promise<CatalogueStars> {
  const catalogue = await builtInCatalogue();
  const radius = gridRadiusDeg(grid.wcs, grid.nx, grid.ny) * DEG_TO_RAD;
  return catalogue.cone(unitVector(...grid.centre), radius, { epoch: epochOf(frames) });
}

/** Median year of the exposures; undefined where headers do not say. */
function epochOf(frames: readonly MeasuredFrame[]): number | undefined {
  const years = frames.flatMap(({ record }) => {
    const at = record.dateObs === undefined ? NaN : Date.parse(record.dateObs);
    return Number.isNaN(at) ? [] : [2000 + (at - Date.UTC(2000, 0, 1, 12)) / (365.25 * 86_400_000)];
  });
  const year = median(years);
  return year > 1850 && year < 2200 ? year : undefined;
}
