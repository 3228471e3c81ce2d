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

/** An open file with those who read it: it is closed when it has been replaced and the last of them is done. */
class Entry {
  #readers = 0;
  #retired = false;

  constructor(
    readonly stamp: string,
    readonly image: OpenImage,
    private readonly file: FitsFile,
  ) {}

  async read<T>(work: (image: OpenImage) => Promise<T>): Promise<T> {
    this.#readers++;
    try {
      return await work(this.image);
    } finally {
      this.#readers--;
      await this.#closeWhenDone();
    }
  }

  /** No further reader comes. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.#closeWhenDone();
  }

  async #closeWhenDone(): Promise<void> {
    if (this.#retired && this.#readers === 0) await this.file.close();
  }
}

const MOST_OPEN = 2;

export class ImageStore {
  readonly #open = new Map<string, { readonly stamp: string; readonly entry: Promise<Entry> }>();

  /** Hands the image of a file to `work`, which may read it until its promise settles. @throws FitsError when the file holds no image. */
  async use<T>(path: string, work: (image: OpenImage) => Promise<T>): Promise<T> {
    const { size, mtimeMs, ino } = await stat(path);
    const stamp = `${size} ${mtimeMs} ${ino}`;
    // From here to the reader's turn nothing is awaited but the opening: of two requests at once one opens, and both read the same.
    let known = this.#open.get(path);
    if (known?.stamp !== stamp) {
      if (known) retire(known.entry);
      known = { stamp, entry: openImage(path, stamp) };
      this.#open.set(path, known);
      known.entry.catch(() => this.#forget(path, stamp));
      for (const [other, { entry }] of [...this.#open].slice(0, -MOST_OPEN)) {
        this.#open.delete(other);
        retire(entry);
      }
    }
    return known.entry.then((entry) => entry.read(work));
  }

  async close(): Promise<void> {
    for (const { entry } of this.#open.values())
      await entry.then((opened) => opened.retire()).catch(() => undefined);
    this.#open.clear();
  }

  #forget(path: string, stamp: string): void {
    if (this.#open.get(path)?.stamp === stamp) this.#open.delete(path);
  }
}

/** After those who wait for it already have begun to read. */
function retire(entry: Promise<Entry>): void {
  entry.then((opened) => opened.retire()).catch(() => undefined); // what never opened needs no closing
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
    return new Entry(stamp, { info, wcs, pyramid }, file);
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
