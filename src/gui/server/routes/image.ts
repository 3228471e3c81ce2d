// Routes of the viewer: what a science file holds, its tiles as plain numbers, its statistics, stars of the catalogue in it.
import { builtInCatalogue } from '../../../astrometry/catalogue/built-in-catalogue.js';
import { unitVector } from '../../../astrometry/wcs/sphere.js';
import type { CatalogueStarMark } from '../../api.js';
import type { Exchange } from '../exchange.js';
import { HttpError } from '../http-error.js';
import type { OpenImage } from '../image-store.js';
import { layerStatistics } from '../layer-statistics.js';
import { matchStar, type ReadPixels } from '../match-stars.js';
import type { WindowSession } from '../session.js';
import type { Routes } from '../routes.js';

/** Stars that are marked at most, the brightest first. */
const MOST_STARS = 3000;
/** Stars that are looked for in the pixels at most. */
const MOST_MATCHED = 1000;

/** Lets `work` read the image that is asked for. */
async function withImage<T>(
  exchange: Exchange,
  session: WindowSession,
  work: (image: OpenImage) => Promise<T>,
): Promise<T> {
  return session.images.use(await session.chosen.file(exchange.query('path')), work);
}

function layerOf(exchange: Exchange, { info }: OpenImage) {
  const hdu = exchange.count('hdu');
  const layer = info.layers.find((candidate) => candidate.hdu === hdu);
  if (!layer) throw new HttpError(404, 'gui_error_no_such_page');
  return layer;
}

export const imageRoutes: Routes = {
  async 'GET /api/image'(exchange, session) {
    exchange.json(await withImage(exchange, session, ({ info }) => Promise.resolve(info)));
  },

  async 'GET /api/image/statistics'(exchange, session) {
    const statistics = await withImage(exchange, session, (image) => {
      const layer = layerOf(exchange, image);
      return layerStatistics(image.pyramid(layer), layer === image.info.layers[0]);
    });
    exchange.json(statistics);
  },

  /** Little-endian float32 `[planes, height, width]`; the size stands in X-Width and X-Height. */
  async 'GET /api/image/tile'(exchange, session) {
    const [level, x, y] = ['level', 'x', 'y'].map((name) => exchange.count(name));
    const tile = await withImage(exchange, session, (image) =>
      image.pyramid(layerOf(exchange, image)).tile(level, x, y),
    );
    if (!tile) throw new HttpError(404, 'gui_error_no_such_page');
    exchange.response.setHeader('X-Width', tile.width);
    exchange.response.setHeader('X-Height', tile.height);
    exchange.bytes(littleEndian(tile.data), 'application/octet-stream');
  },

  /** Stars of the built-in catalogue in the image, the brightest looked for in its pixels. */
  async 'GET /api/image/stars'(exchange, session) {
    const marks = await withImage(exchange, session, async (image) => {
      const { info, pyramid } = image;
      const all = await starsIn(image);
      const pixels = pyramid(info.layers[0]);
      const plane = Math.min(1, pixels.planes - 1);
      const read: ReadPixels = (...window) => pixels.window(plane, ...window);
      const matched: CatalogueStarMark[] = [];
      for (const mark of all.slice(0, MOST_MATCHED)) {
        if (exchange.signal.aborted) break;
        const seen = await matchStar(mark, info, read);
        // Where the mosaic is blank there is nothing to be marked.
        if (seen.found !== undefined) matched.push(seen);
      }
      return [...matched, ...all.slice(MOST_MATCHED)];
    });
    exchange.json(marks);
  },
};

/** The brightest first. */
async function starsIn({ wcs, info }: OpenImage): Promise<CatalogueStarMark[]> {
  const centre = wcs?.pixelToSky((info.nx + 1) / 2, (info.ny + 1) / 2);
  if (!wcs || !centre) return [];
  const scale = (wcs.pixelScaleArcsec() / 3600) * (Math.PI / 180);
  const radius = 0.55 * scale * Math.hypot(info.nx, info.ny);
  const stars = (await builtInCatalogue()).cone(unitVector(...centre), radius);
  const at = new Float64Array(3);
  const marks: CatalogueStarMark[] = [];
  for (let i = 0; i < stars.count; i++) {
    const shown = wcs.unitToPixel(stars.x[i], stars.y[i], stars.z[i], at);
    if (shown && at[0] > 0 && at[0] <= info.nx && at[1] > 0 && at[1] <= info.ny)
      marks.push({ x: at[0], y: at[1], mag: stars.vt[i] });
  }
  return marks.sort((a, b) => a.mag - b.mag).slice(0, MOST_STARS);
}

/** The bytes of numbers in the order in which the page reads them. */
export function littleEndian(data: Float32Array): Uint8Array {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? bytes : bytes.swap32();
}
