// Tiles as files. Both formats show the first cell of the northern-eastern edge where viewers expect it, which is not the same place: the rows of a
// PNG begin at the south-western edge, those of a FITS tile at the north-eastern one.
import { createFitsWriter } from '../../fits/write/create-fits-writer.js';
import type { BinnedImage } from '../picture/binned-image.js';
import { writePng } from '../png-writer.js';
import { screenValues, type Stretch } from '../picture/stretch.js';
import { TILE_SIDE } from './tile-set.js';
import type { Tile } from './tile.js';

/** A tile as it is shown: rows of a PNG, with transparency. */
export interface TilePixels {
  readonly channels: 2 | 4;
  /** `[512, 512, channels]`. */
  readonly data: Uint8Array;
}

/** What turns values into pixels, by one stretch for all tiles. */
export function tilePainter(stretch: Stretch, planes: number): (tile: Tile) => TilePixels {
  const channels = planes === 1 ? 2 : 4;
  return (tile) => {
    const shape = { nx: TILE_SIDE, ny: TILE_SIDE, factor: 1, footprint: new Float32Array(0) };
    const image: BinnedImage = { ...shape, planes: tile };
    const toScreen = screenValues(image, stretch);
    const data = new Uint8Array(TILE_SIDE * TILE_SIDE * channels);
    const row = new Uint8Array(TILE_SIDE * channels);
    for (let y = 0; y < TILE_SIDE; y++) {
      toScreen({ start: y * TILE_SIDE, step: 1, length: TILE_SIDE }, row, channels);
      for (let x = 0; x < TILE_SIDE; x++)
        row[(x + 1) * channels - 1] = Number.isNaN(tile[0][y * TILE_SIDE + x]) ? 0 : 255;
      data.set(row, y * TILE_SIDE * channels);
    }
    return { channels, data };
  };
}

/** Eight bits a channel, as `TilePixels` has them. */
export async function writePngTile(file: string, { channels, data }: TilePixels): Promise<void> {
  const width = TILE_SIDE * channels;
  const rows = Array.from({ length: TILE_SIDE }, (_, y) => data.subarray(y * width, (y + 1) * width));
  await writePng(file, { width: TILE_SIDE, height: TILE_SIDE, channels, depth: 8 }, rows);
}

/** Writes the mean of the planes and returns its least and greatest value. */
export async function writeFitsTile(
  file: string,
  tile: Tile,
  order: number,
  number: number,
  software: string,
): Promise<readonly [number, number]> {
  const values = new Float32Array(TILE_SIDE * TILE_SIDE);
  const [first, second, third] = tile;
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < values.length; k++) {
    const value = tile.length === 1 ? first[k] : (first[k] + second[k] + third[k]) / 3;
    values[k] = value;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const writer = await createFitsWriter(file);
  try {
    await writer.beginImage({
      bitpix: -32,
      shape: [TILE_SIDE, TILE_SIDE],
      cards: [
        // by which a tile that has left its tree is no exposure
        { key: 'CREATOR', value: software, comment: 'program that made this file' },
        { key: 'ORDER', value: order, comment: 'HEALPix order of the tile' },
        { key: 'NPIX', value: number, comment: 'nested number of the tile' },
      ],
    });
    for (let y = TILE_SIDE - 1; y >= 0; y--)
      await writer.writeRows(values.subarray(y * TILE_SIDE, (y + 1) * TILE_SIDE));
    await writer.endImage();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return [low, high];
}
