// A tile of the user's as the engine reads it: a copy in the run's own work folder, with blanks as NaN whatever the program that made
// it wrote there, and with its weights beside. The user's file is read and never touched.
import { createFitsWriter } from '../../fits/write/create-fits-writer.js';
import type { FitsFile, FitsHdu } from '../../fits/hdu.js';
import { readWindow } from '../../fits/read/read-window.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { rowsPerBlock } from '../../output/sources/plane-source.js';
import { readPhotons, toSkyWeights } from '../uncertainty/photons-hdu.js';
import { CoverageMask } from './coverage-mask.js';

/** Extensions that tell how much a pixel counts, in the order of preference. */
const WEIGHT_NAMES = ['WEIGHT', 'WHT', 'UNCERTAINTY', 'COVERAGE', 'ALPHA'] as const;
/** A tile fades over this part of its shorter side, so that what is left of a step is spread out. */
const FEATHER_FRACTION = 0.1;
/** A pixel at the very edge still counts, where it is the only one. */
const LEAST_BLEND = 1e-3;
/** Every so many pixels one is taken for the median weight. */
const SAMPLE_STRIDE = 97;

/** HDU of the copy that holds the maps `[3, ny, nx]`: relative weight (0 = blank, its median 1), blend (0 to 1), frames. */
export const TILE_MAPS_HDU = 1;

/** What the engine is told of a tile beside its copy. */
export interface TileCopy {
  readonly path: string;
  /** The record of the copy's image. */
  readonly record: FrameRecord;
  readonly mask: CoverageMask;
}

/** Writes the copy of the tile in `file` to `to`. Memory: a band of rows. */
export async function copyTile(file: FitsFile, record: FrameRecord, to: string): Promise<TileCopy> {
  const { width: nx, height: ny, planes } = record;
  const image = file.hdus[record.hdu];
  const weightHdu = extensionOf(file, record, WEIGHT_NAMES);
  const countHdu = extensionOf(file, record, ['COVERAGE']);
  const isSigma = weightHdu?.name.toUpperCase() === 'UNCERTAINTY';
  const photons = isSigma ? await readPhotons(file) : undefined;
  const bandRows = rowsPerBlock(nx, ny);
  const mask = new CoverageMask(nx, ny);
  const samples: number[] = [];

  /** Rows of all planes with blanks as NaN, and their weights. */
  const readBand = async (
    y0: number,
  ): Promise<{ values: Float32Array[]; weight: Float32Array; rows: number }> => {
    const rows = Math.min(bandRows, ny - y0);
    const window = { x0: 0, y0, width: nx, height: rows };
    const values: Float32Array[] = [];
    for (let plane = 0; plane < planes; plane++)
      values.push(await readWindow(file, image, { ...window, plane }));
    const given = weightHdu ? await readWindow(file, weightHdu, { ...window, plane: 0 }) : undefined;
    if (given && isSigma) toSkyWeights(given, values[0], photons, 0, window);
    return { values, weight: blank(values, given), rows };
  };

  for (let y0 = 0; y0 < ny; y0 += bandRows) {
    const { weight, rows } = await readBand(y0);
    for (let row = 0; row < rows; row++) mask.addRow(y0 + row, (x) => weight[row * nx + x] > 0);
    for (let k = 0; k < weight.length; k += SAMPLE_STRIDE) if (weight[k] > 0) samples.push(weight[k]);
  }
  const typical = samples.sort((a, b) => a - b)[samples.length >> 1] ?? 1;

  const feather = Math.max(1, FEATHER_FRACTION * Math.min(nx, ny));
  const writer = await createFitsWriter(to);
  try {
    await writer.beginImage({ bitpix: -32, shape: planes === 1 ? [ny, nx] : [planes, ny, nx] });
    for (let plane = 0; plane < planes; plane++) {
      for (let y0 = 0; y0 < ny; y0 += bandRows) await writer.writeRows((await readBand(y0)).values[plane]);
    }
    await writer.endImage();
    await writer.beginImage({ bitpix: -32, shape: [3, ny, nx], name: 'TILEMAPS' });
    const blend = (x: number, y: number) =>
      Math.max(LEAST_BLEND, Math.min(1, mask.distanceToEdge(x, y) / feather));
    for (const map of ['weight', 'blend', 'frames'] as const) {
      for (let y0 = 0; y0 < ny; y0 += bandRows) {
        const { weight, rows } = await readBand(y0);
        const window = { x0: 0, y0, width: nx, height: rows, plane: 0 };
        const counts = map === 'frames' && countHdu ? await readWindow(file, countHdu, window) : undefined;
        const valueAt = (k: number): number => {
          if (map === 'weight') return weight[k] / typical;
          if (map === 'blend') return blend(k % nx, y0 + Math.floor(k / nx));
          return counts ? Math.max(1, Math.round(counts[k])) : (record.exposures ?? 1);
        };
        await writer.writeRows(weight.map((w, k) => (w > 0 ? valueAt(k) : 0)));
      }
    }
    await writer.endImage();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const copied = { hdu: 0, bitpix: -32, bscale: 1, bzero: 0, saturation: undefined } as const;
  return { path: to, record: { ...record, ...copied }, mask };
}

/** The first extension of one of these names that has the image's size, if the file has one. */
function extensionOf(
  file: FitsFile,
  { width, height, hdu }: FrameRecord,
  names: readonly string[],
): FitsHdu | undefined {
  for (const name of names) {
    const found = file.hdus.find(
      (candidate) =>
        candidate.index !== hdu &&
        candidate.name.toUpperCase() === name &&
        candidate.image?.shape.at(-1) === width &&
        candidate.image.shape.at(-2) === height,
    );
    if (found) return found;
  }
  return undefined;
}

/**
 * Sets every plane to NaN where the pixel counts for nothing: its weight is 0, a plane is not a number, or all planes are exactly 0, which is
 * what most programs write where they have no data. Returns the weights, 0 there.
 */
function blank(values: readonly Float32Array[], given: Float32Array | undefined): Float32Array {
  const weight = new Float32Array(values[0].length);
  for (let k = 0; k < weight.length; k++) {
    let [holds, zero] = [true, true];
    for (const plane of values) {
      if (!Number.isFinite(plane[k])) holds = false;
      if (plane[k] !== 0) zero = false;
    }
    const w = given ? given[k] : 1;
    if (holds && !zero && w > 0 && w < Infinity) weight[k] = w;
    else for (const plane of values) plane[k] = NaN;
  }
  return weight;
}
