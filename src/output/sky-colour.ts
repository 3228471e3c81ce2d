// What is to look grey: the colour of the darkest places of the picture, where there is neither nebula nor star.
import { selectRank } from '../photometry/select-median.js';
import type { BinnedImage } from './binned-image.js';
import { percentile, type SkyLevel } from './sky-statistics.js';

/** Side of a place, in bins: large enough that its median knows little of noise, small enough to fit between clouds. */
const PLACE = 16;
/** In larger pictures places are taken at wider steps: the median of the dark ones of so many is known to 1 % of the noise of a pixel. */
const MAX_PLACES = 1000;
/** The darkest of the places, in per cent, are taken for sky. */
const DARKEST_PERCENT = 15;
/** Fewer places than this are no sample. */
const MIN_PLACES = 8;

/**
 * Level of each plane over the same dark, fully covered places. The most frequent value of each plane on its own
 * (`levels`) would mix places: in a field of red nebulae the red mode lies in the nebula and the sky comes out
 * green. Falls back to `levels` for one plane or an image too small to choose from.
 */
export function neutralSky(image: BinnedImage, levels: readonly SkyLevel[]): number[] {
  const modes = levels.map(({ level }) => level);
  if (image.planes.length === 1) return modes;
  const places = coveredPlaces(image);
  if (places.length < MIN_PLACES) return modes;
  const brightness = places.map((place) =>
    place.reduce((sum, median, p) => sum + (median - modes[p]) / (levels[p].sigma || 1), 0),
  );
  const limit = percentile(Float32Array.from(brightness).sort(), DARKEST_PERCENT);
  const dark = places.filter((_, i) => brightness[i] <= limit);
  return modes.map((mode, p) =>
    dark.length === 0 ? mode : percentile(Float32Array.from(dark, (place) => place[p]).sort(), 50),
  );
}

/** Median of every plane in each place that has no blank. */
function coveredPlaces({ nx, ny, planes, footprint }: BinnedImage): number[][] {
  const places: number[][] = [];
  const values = new Float32Array(PLACE * PLACE);
  const step = PLACE * Math.max(1, Math.ceil(Math.sqrt((nx * ny) / PLACE ** 2 / MAX_PLACES)));
  for (let y0 = 0; y0 + PLACE <= ny; y0 += step) {
    for (let x0 = 0; x0 + PLACE <= nx; x0 += step) {
      let covered = true;
      for (let y = y0; y < y0 + PLACE && covered; y++) {
        for (let at = y * nx + x0; at < y * nx + x0 + PLACE; at++) if (footprint[at] < 1) covered = false;
      }
      if (!covered) continue;
      places.push(
        planes.map((plane) => {
          for (let y = 0; y < PLACE; y++) {
            const from = (y0 + y) * nx + x0;
            for (let x = 0; x < PLACE; x++) values[y * PLACE + x] = plane[from + x];
          }
          return selectRank(values, values.length >> 1);
        }),
      );
    }
  }
  return places;
}
