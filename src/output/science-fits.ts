// The product of a run: float32 planes with their coverage and uncertainty, never altered for the eye.
import type { CelestialWcs } from '../astrometry/wcs/celestial-wcs.js';
import { wcsCards } from '../astrometry/wcs/wcs-cards.js';
import type { CardInput } from '../fits/write/format-card.js';
import { createFitsWriter, type FitsWriter } from '../fits/write/create-fits-writer.js';
import type { CompressionSpec, LateCards } from '../fits/write/image-spec.js';
import type { PlaneSource } from './sources/plane-source.js';
import { provenanceCards, type Provenance } from './cards/provenance-cards.js';

/** What is written, and how. */
export interface ScienceImage {
  /** One plane, or R, G, B; NaN where there is no coverage. */
  readonly mosaic: PlaneSource;
  /** Frames a pixel is made of (count), one plane or one for each of the mosaic's. */
  readonly coverage?: PlaneSource;
  /** Standard deviation of each value, in the mosaic's unit; NaN where there is no coverage. */
  readonly uncertainty?: PlaneSource;
  /** What photons of the light itself have added to the uncertainty, with the cards that say how to read it: stands beside that, as PHOTONS. */
  readonly photons?: { readonly source: PlaneSource; readonly cards: readonly CardInput[] };
  /** Sum of the weights that a value was averaged with, where that is not what its uncertainty tells. */
  readonly weight?: PlaneSource;
  /** Samples rejected below and above what was combined (count), one plane or one for each of the mosaic's. */
  readonly rejected?: { readonly low: PlaneSource; readonly high: PlaneSource };
  readonly wcs: CelestialWcs;
  readonly provenance: Provenance;
  /** Further cards of the primary header, after all others. */
  readonly cards?: readonly CardInput[];
  /** Those that are found out while pixels are written, behind these; a compressed image waits for them first. */
  readonly late?: LateCards;
  /**
   * Tile compression; an image compressed so stands in the first extension (FITS 4.0, section 10.1). GZIP_2 keeps
   * every bit. RICE_1 quantises, PHOTONS apart, whose layers are of several scales; its blanks are read as NaN by cfitsio, yet as -1e10 by astropy 5.2.
   */
  readonly compression?: CompressionSpec;
}

/** A map or the mosaic itself, as an image to write. */
interface Part {
  readonly source: PlaneSource;
  /** EXTNAME; the mosaic is the primary image and has none. */
  readonly name?: 'COVERAGE' | 'UNCERTAINTY' | 'WEIGHT' | 'REJECTED_LOW' | 'REJECTED_HIGH' | 'PHOTONS';
  readonly cards: readonly CardInput[];
  readonly late?: LateCards;
  /** Every bit is kept, however images are compressed. */
  readonly isExact?: boolean;
}

/** How the file comes to its place. */
interface Placing {
  /** Where it grows, so that the caller can register that; a name of its own beside `path` unless told. */
  readonly temporaryPath?: string;
  /** Called once it is whole there and has not yet taken its place. */
  readonly whenWhole?: (temporaryPath: string) => Promise<void>;
}

/**
 * Writes float32 FITS, `[ny, nx]` or `[3, ny, nx]` (planes R, G, B), by rows, atomically and with CHECKSUM and DATASUM; the maps are extensions COVERAGE,
 * UNCERTAINTY, WEIGHT, REJECTED_LOW, REJECTED_HIGH and PHOTONS, each with the WCS. The same input gives the same bytes.
 * @throws FitsError when the file cannot be written, WcsError `wcs_not_writable`; nothing is left at `path` then but what was there.
 */
export async function writeScienceFits(
  path: string,
  image: ScienceImage,
  { temporaryPath, whenWhole }: Placing = {},
): Promise<void> {
  const { mosaic, coverage, uncertainty, photons, weight, rejected, provenance } = image;
  const sky = wcsCards(image.wcs);
  const origin = provenanceCards(provenance);
  const unit: CardInput = {
    key: 'BUNIT',
    value: provenance.unit ?? 'adu',
    comment: 'unit of the pixel values',
  };
  const cards = [unit, ...planeCards(mosaic), ...sky, ...origin, ...(image.cards ?? [])];
  const { late, compression } = image;
  const science: Part =
    late && compression
      ? { source: mosaic, cards: [...cards, ...(await late.cards)] }
      : { source: mosaic, cards, late };
  const maps: Part[] = [];
  if (coverage) {
    const count: CardInput = { key: 'BUNIT', value: 'count', comment: 'frames' };
    maps.push({ source: coverage, name: 'COVERAGE', cards: [count, ...planeCards(coverage), ...sky] });
  }
  if (uncertainty) {
    maps.push({
      source: uncertainty,
      name: 'UNCERTAINTY',
      cards: [unit, ...planeCards(uncertainty), ...sky],
    });
  }

  if (weight) maps.push({ source: weight, name: 'WEIGHT', cards: [...planeCards(weight), ...sky] });
  if (rejected) {
    const count: CardInput = { key: 'BUNIT', value: 'count', comment: 'samples' };
    for (const [source, name] of [
      [rejected.low, 'REJECTED_LOW'],
      [rejected.high, 'REJECTED_HIGH'],
    ] as const) {
      maps.push({ source, name, cards: [count, ...planeCards(source), ...sky] });
    }
  }

  if (photons) maps.push({ ...photons, name: 'PHOTONS', isExact: true });
  const writer = await createFitsWriter(path, temporaryPath === undefined ? undefined : { temporaryPath });
  try {
    for (const part of [science, ...maps]) await writePart(writer, part, compression);
    await writer.whole();
    await whenWhole?.(writer.temporaryPath);
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function writePart(writer: FitsWriter, part: Part, compression?: CompressionSpec): Promise<void> {
  const { nx, ny, planes } = part.source;
  await writer.beginImage({
    bitpix: -32,
    shape: planes === 1 ? [ny, nx] : [planes, ny, nx],
    name: part.name,
    ...{ cards: part.cards, late: part.late },
    compression: compression && part.isExact ? { codec: 'GZIP_2' } : compression,
  });
  for (let plane = 0; plane < planes; plane++)
    await writer.fillRows(ny, (y0, rows, out) => part.source.readRows(plane, y0, rows, out));
  await writer.endImage();
}

function planeCards({ planes }: PlaneSource): CardInput[] {
  if (planes !== 3) return [];
  return ['R', 'G', 'B'].map((value, i) => ({
    key: `PLANE${i + 1}`,
    value,
    comment: 'colour of this plane',
  }));
}
