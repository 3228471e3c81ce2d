// The product of a run: float32 planes with their coverage and uncertainty, never altered for the eye.
import type { CelestialWcs } from '../astrometry/wcs/celestial-wcs.js';
import { wcsCards } from '../astrometry/wcs/wcs-cards.js';
import type { CardInput } from '../fits/format-card.js';
import { createFitsWriter, type FitsWriter } from '../fits/create-fits-writer.js';
import type { CompressionSpec } from '../fits/image-spec.js';
import { rowsPerBlock, type PlaneSource } from './plane-source.js';
import { provenanceCards, type Provenance } from './provenance-cards.js';

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
  /**
   * Tile compression; an image compressed so stands in the first extension (FITS 4.0, section 10.1). GZIP_2 keeps
   * every bit. RICE_1 quantises, PHOTONS apart, whose layers are of several scales; its blanks are read as NaN by cfitsio, yet as -1e10 by astropy 5.2.
   */
  readonly compression?: CompressionSpec;
}

/** Whether the maps are extensions COVERAGE, UNCERTAINTY, WEIGHT, REJECTED_LOW and REJECTED_HIGH, or files of their own beside the mosaic. */
export type MapPlacement = 'extensions' | 'files';

type MapKind = 'coverage' | 'uncertainty' | 'weight' | 'rejected_low' | 'rejected_high';

/** Paths of the files that `writeScienceFits` makes for `path` (which ends in `_science.fits`). */
export function scienceFiles(
  path: string,
  image: Pick<ScienceImage, 'coverage' | 'uncertainty' | 'weight' | 'rejected'>,
  placement: MapPlacement,
): { readonly science: string } & Partial<Readonly<Record<MapKind, string>>> {
  if (placement === 'extensions') return { science: path };
  const stem = path.replace(/(?:_science)?\.[^./\\]*$/, '');
  return {
    science: path,
    ...(image.coverage && { coverage: `${stem}_coverage.fits` }),
    ...(image.uncertainty && { uncertainty: `${stem}_uncertainty.fits` }),
    ...(image.weight && { weight: `${stem}_weight.fits` }),
    ...(image.rejected && {
      rejected_low: `${stem}_rejected_low.fits`,
      rejected_high: `${stem}_rejected_high.fits`,
    }),
  };
}

/** A map or the mosaic itself, as an image to write. */
interface Part {
  readonly source: PlaneSource;
  readonly name?: Uppercase<MapKind> | 'PHOTONS';
  readonly cards: readonly CardInput[];
  /** Every bit is kept, however images are compressed. */
  readonly isExact?: boolean;
}

/**
 * Writes float32 FITS, `[ny, nx]` or `[3, ny, nx]` (planes R, G, B), by rows, each file atomically and with CHECKSUM
 * and DATASUM; WCS and provenance in the header of every file. `temporaryPath` names where a file grows (so that
 * the caller can register it), `whenWhole` is called once a file is whole and has not yet taken its place. Returns the paths written. The same input gives
 * the same bytes.
 * @throws FitsError when a file cannot be written (earlier files of the same call stay), WcsError `wcs_not_writable`.
 */
export async function writeScienceFits(
  path: string,
  image: ScienceImage,
  placement: MapPlacement = 'extensions',
  temporaryPath?: (file: string) => string,
  whenWhole?: (temporaryPath: string) => Promise<void>,
): Promise<string[]> {
  const { mosaic, coverage, uncertainty, photons, weight, rejected, provenance } = image;
  const sky = wcsCards(image.wcs);
  const origin = provenanceCards(provenance);
  const unit: CardInput = {
    key: 'BUNIT',
    value: provenance.unit ?? 'adu',
    comment: 'unit of the pixel values',
  };
  const science: Part = {
    source: mosaic,
    cards: [unit, ...planeCards(mosaic), ...sky, ...origin, ...(image.cards ?? [])],
  };
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

  const files = scienceFiles(path, image, placement);
  const write = async (file: string, parts: readonly Part[]): Promise<string> => {
    const writer = await createFitsWriter(file, temporaryPath && { temporaryPath: temporaryPath(file) });
    try {
      for (const part of parts) await writePart(writer, part, image.compression);
      await whenWhole?.(writer.temporaryPath);
      await writer.commit();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return file;
  };
  const beside: Part[] = photons ? [{ ...photons, name: 'PHOTONS', isExact: true }] : [];
  if (placement === 'extensions') return [await write(path, [science, ...maps, ...beside])];
  const written = [await write(files.science, [science])];
  for (const map of maps) {
    const file = map.name && files[map.name.toLowerCase() as MapKind];
    if (file === undefined) continue;
    const more = map.name === 'UNCERTAINTY' ? beside : [];
    written.push(await write(file, [{ ...map, cards: [...map.cards, ...origin] }, ...more]));
  }
  return written;
}

async function writePart(writer: FitsWriter, part: Part, compression?: CompressionSpec): Promise<void> {
  const { nx, ny, planes } = part.source;
  await writer.beginImage({
    bitpix: -32,
    shape: planes === 1 ? [ny, nx] : [planes, ny, nx],
    name: part.name,
    cards: part.cards,
    compression: compression && part.isExact ? { codec: 'GZIP_2' } : compression,
  });
  const { view } = part.source;
  const blockRows = rowsPerBlock(nx, ny);
  const block = new Float32Array(view ? 0 : blockRows * nx);
  for (let plane = 0; plane < planes; plane++) {
    if (view) {
      await writer.writeRows(view(plane));
      continue;
    }
    for (let y0 = 0; y0 < ny; y0 += blockRows) {
      const rows = Math.min(blockRows, ny - y0);
      await part.source.readRows(plane, y0, rows, block);
      await writer.writeRows(block.subarray(0, rows * nx));
    }
  }
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
