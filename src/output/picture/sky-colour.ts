// What is to look grey: the colour of the darkest places of the picture, where there is neither nebula nor star.
import { withPasses, type SamplePasses } from '../../simd/sample-passes.js';
import type { PictureRows } from './picture-rows.js';
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
export async function neutralSky(image: PictureRows, levels: readonly SkyLevel[]): Promise<number[]> {
  const modes = levels.map(({ level }) => level);
  if (image.planes === 1) return modes;
  const places = await withPasses((room) => coveredPlaces(room, image));
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
async function coveredPlaces(room: SamplePasses, image: PictureRows): Promise<number[][]> {
  const { nx, ny, planes, footprint } = image;
  const step = PLACE * Math.max(1, Math.ceil(Math.sqrt((nx * ny) / PLACE ** 2 / MAX_PLACES)));
  const band = PLACE * nx;
  const layers = footprint ? planes + 1 : planes;
  const bandsAt = room.take(4 * band * layers);
  const spare = room.take(12 * PLACE * PLACE);
  const out = room.take(4 * planes * Math.ceil(nx / step));
  const bands = new Float32Array(room.buffer, bandsAt, band * layers);
  const medians = new Float32Array(room.buffer, out, planes * Math.ceil(nx / step));
  const shares = footprint ? bandsAt + 4 * band * planes : 0;
  const places: number[][] = [];
  for (let y0 = 0; y0 + PLACE <= ny; y0 += step) {
    for (let plane = 0; plane < planes; plane++)
      await image.readRows(plane, y0, PLACE, bands.subarray(plane * band, (plane + 1) * band));
    if (footprint) bands.set(footprint.subarray(y0 * nx, y0 * nx + band), planes * band);
    const count = room.passes.placeMedians(bandsAt, planes, shares, nx, PLACE, step, spare, out);
    for (let at = 0; at < count * planes; at += planes)
      if (!Number.isNaN(medians[at])) places.push([...medians.subarray(at, at + planes)]);
  }
  return places;
}
