// The science files that the viewer shows: opened once, a few at a time, and anew when a run has replaced them.
import { stat } from 'node:fs/promises';
import { asIcrs } from '../../astrometry/wcs/as-icrs.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { parseWcs } from '../../astrometry/wcs/parse-wcs.js';
import { WcsError } from '../../astrometry/wcs/wcs-error.js';
import { firstImageHdu, openFits } from '../../fits/open-fits.js';
import type { FitsFile } from '../../fits/hdu.js';
import type { ImageInfo, ImageLayer } from '../api.js';
import { HttpError } from './http-error.js';
import { Pyramid, TILE_SIZE } from './pyramid.js';

export interface OpenImage {
  readonly info: ImageInfo;
  readonly wcs: CelestialWcs | undefined;
  pyramid(layer: ImageLayer): Pyramid;
}

interface Entry {
  readonly stamp: string;
  readonly file: FitsFile;
  readonly image: OpenImage;
}

const MOST_OPEN = 2;

export class ImageStore {
  readonly #open = new Map<string, Promise<Entry>>();

  /** @throws FitsError when the file holds no image. */
  async open(path: string): Promise<OpenImage> {
    const { size, mtimeMs, ino } = await stat(path);
    const stamp = `${size} ${mtimeMs} ${ino}`;
    const known = this.#open.get(path);
    if (known) {
      const entry = await known.catch(() => undefined);
      if (entry?.stamp === stamp) return entry.image;
      this.#open.delete(path);
      await entry?.file.close();
    }
    const opened = openImage(path, stamp);
    this.#open.set(path, opened);
    for (const [other, entry] of [...this.#open].slice(0, -MOST_OPEN)) {
      this.#open.delete(other);
      void entry.then(({ file }) => file.close()).catch(() => undefined);
    }
    return (await opened).image;
  }

  async close(): Promise<void> {
    for (const entry of this.#open.values())
      await entry.then(({ file }) => file.close()).catch(() => undefined);
    this.#open.clear();
  }
}

async function openImage(path: string, stamp: string): Promise<Entry> {
  const file = await openFits(path);
  try {
    const first = firstImageHdu(file);
    const layers = file.hdus.flatMap((hdu): ImageLayer[] => {
      if (!hdu.image || hdu.problem || hdu.image.shape.length < 2) return [];
      const planes = hdu.image.shape.length === 2 ? 1 : hdu.image.shape[0];
      const same = hdu.image.shape.slice(-2).join() === first.image.shape.slice(-2).join();
      if (!same || planes > 3) return [];
      const name = hdu === first ? 'MOSAIC' : hdu.name;
      return [{ name, hdu: hdu.index, planes, unit: hdu.header.getString('BUNIT')?.trim() ?? '' }];
    });
    const wcs = wcsOf(first.header);
    const pyramids = new Map<number, Pyramid>();
    const pyramid = ({ hdu }: ImageLayer): Pyramid => {
      const found = pyramids.get(hdu);
      if (found) return found;
      const at = file.hdus[hdu];
      if (!at.image) throw new HttpError(404, 'gui_error_no_such_page');
      const made = new Pyramid(file, { ...at, image: at.image });
      pyramids.set(hdu, made);
      return made;
    };
    const { nx, ny, levels } = pyramid(layers[0]);
    const description = wcs?.describe();
    const info: ImageInfo = {
      path,
      nx,
      ny,
      tileSize: TILE_SIZE,
      levels,
      layers,
      // The page computes with a tangent plane; what is no such thing is shown without coordinates.
      ...(description?.projection === 'TAN' && {
        wcs: { crval: description.crval, crpix: description.crpix, cd: description.cd },
      }),
    };
    return { stamp, file, image: { info, wcs, pyramid } };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function wcsOf(header: Parameters<typeof parseWcs>[0]): CelestialWcs | undefined {
  try {
    return asIcrs(parseWcs(header));
  } catch (error) {
    if (error instanceof WcsError) return undefined;
    throw error;
  }
}
