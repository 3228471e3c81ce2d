// Which stars of the catalogue the mosaic shows, and where: a look at its pixels around each place, so that the overlay is a check of the
// astrometry and not a drawing of the header.
import type { CatalogueStarMark } from '../api.js';

/** Reads a window of the image, 0-based. */
export type ReadPixels = (x0: number, y0: number, width: number, height: number) => Promise<Float32Array>;

/** Half the side of the window, and how far from its place a star may be, pixels. */
const HALF = 7;
const REACH = 4;
const SIDE = 2 * HALF + 1;
/** A peak this far above the noise around it is a star and no accident. */
const SIGMAS = 8;

/** The mark with `found`: FITS pixel position of the star that stands there, null where there is none. Unchanged near the border and blanks. */
export async function matchStar(
  mark: CatalogueStarMark,
  size: { readonly nx: number; readonly ny: number },
  read: ReadPixels,
): Promise<CatalogueStarMark> {
  const [x0, y0] = [Math.round(mark.x) - 1 - HALF, Math.round(mark.y) - 1 - HALF];
  if (x0 < 0 || y0 < 0 || x0 + SIDE > size.nx || y0 + SIDE > size.ny) return mark;
  const pixels = await read(x0, y0, SIDE, SIDE);
  if (pixels.some(Number.isNaN)) return mark;
  const { level, noise } = surroundings(pixels);
  let peak = -1;
  for (let y = HALF - REACH; y <= HALF + REACH; y++)
    for (let x = HALF - REACH; x <= HALF + REACH; x++)
      if (peak < 0 || pixels[y * SIDE + x] > pixels[peak]) peak = y * SIDE + x;
  if (pixels[peak] - level < SIGMAS * noise) return { ...mark, found: null };
  const [px, py] = [peak % SIDE, Math.floor(peak / SIDE)];
  let [sum, sx, sy] = [0, 0, 0];
  for (let y = py - 3; y <= py + 3; y++)
    for (let x = px - 3; x <= px + 3; x++) {
      const flux = Math.max(0, pixels[y * SIDE + x] - level);
      sum += flux;
      sx += flux * x;
      sy += flux * y;
    }
  return { ...mark, found: [x0 + 1 + sx / sum, y0 + 1 + sy / sum] };
}

/** Median and scatter of the window's border. */
function surroundings(pixels: Float32Array): { level: number; noise: number } {
  const border = pixels.filter((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return x === 0 || y === 0 || x === SIDE - 1 || y === SIDE - 1;
  });
  const middle = (values: Float32Array): number => values.sort()[values.length >> 1];
  const level = middle(border);
  return { level, noise: 1.4826 * middle(border.map((value) => Math.abs(value - level))) };
}
