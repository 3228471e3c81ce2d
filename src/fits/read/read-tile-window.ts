// A window of a tile-compressed image: finds its tiles, reads their bytes in few calls, decodes, cuts out.
import { CorruptTile } from '../codecs/codec-error.js';
import { decodeTile, type TileData } from '../tiles/decode-tile.js';
import { FitsError } from '../fits-error.js';
import type { PixelFile, PixelHdu, ImageLayout } from '../hdu.js';
import type { PixelWindow } from './pixel-window.js';
import { toPhysical, type PixelArray } from '../stored-pixels.js';
import type { TableColumn } from '../tiles/table-layout.js';
import type { TilePixels } from '../tiles/tile-cache.js';
import type { HeapColumn, TileLayout } from '../tiles/tile-layout.js';

/** Tiles worked on together: bounds the descriptors and compressed bytes held at a time. */
const BATCH_TILES = 1024;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Reading over a gap between two tiles is cheaper than a second call up to about this. */
const GAP_BYTES = 32 * 1024;

interface TileTask {
  /** Table row. */
  readonly row: number;
  readonly shape: readonly number[];
  /** Pixel index of the wanted plane's first pixel in the tile. */
  readonly planeStart: number;
  /** First column and row of the tile in the image. */
  readonly x: number;
  readonly y: number;
}

interface StoredTile extends Omit<TileData, 'bytes'> {
  readonly task: TileTask;
  /** Absolute byte range. */
  readonly start: number;
  readonly length: number;
}

/** Fills `out` with physical values; the window is known to lie inside the image. Throws `fits_tile_corrupt`. */
export async function readTileWindow(
  file: PixelFile,
  hdu: PixelHdu,
  layout: TileLayout,
  image: ImageLayout,
  window: PixelWindow,
  out: PixelArray,
): Promise<void> {
  const tasks = tilesOf(layout, window);
  const missing: TileTask[] = [];
  const key = (task: TileTask) => `${hdu.index}:${task.row}`;
  for (const task of tasks) {
    const cached = file.tileCache.get(key(task));
    if (cached) cutOut(task, cached, image, window, out);
    else missing.push(task);
  }
  for (const batch of batches(missing, layout)) {
    const stored = await readDescriptors(file, hdu, layout, batch);
    for (const { tiles, start, length } of readGroups(stored)) {
      const bytes = await file.source.getBytes(start, length);
      for (const tile of tiles) {
        const pixels = decode(file, hdu, layout, {
          ...tile,
          bytes: bytes.subarray(tile.start - start, tile.start - start + tile.length),
        });
        cutOut(tile.task, pixels, image, window, out);
        file.tileCache.put(key(tile.task), pixels);
      }
    }
  }
}

function corrupt(
  file: PixelFile,
  hdu: PixelHdu,
  layout: TileLayout,
  tile: number,
  cause?: unknown,
): FitsError {
  return new FitsError(
    'fits_tile_corrupt',
    { file: file.source.name, hdu: hdu.index, tile: tile + 1, codec: layout.codec },
    { cause },
  );
}

function decode(file: PixelFile, hdu: PixelHdu, layout: TileLayout, data: TileData): TilePixels {
  try {
    return decodeTile(layout, data);
  } catch (cause) {
    if (!(cause instanceof CorruptTile)) throw cause;
    throw corrupt(file, hdu, layout, data.tile, cause);
  }
}

function tilesOf(layout: TileLayout, window: PixelWindow): TileTask[] {
  // A 1-D image is one row.
  const flat = layout.shape.length === 1;
  const shape = flat ? [1, ...layout.shape] : layout.shape;
  const tile = flat ? [1, ...layout.tileShape] : layout.tileShape;
  const per = flat ? [1, ...layout.tilesPerAxis] : layout.tilesPerAxis;
  const axes = shape.length;
  const extent = (axis: number, index: number) => Math.min(tile[axis], shape[axis] - index * tile[axis]);

  const leading: number[] = [];
  let planeStart = 0;
  let plane = window.plane ?? 0;
  for (let axis = axes - 3, weight = 1; axis >= 0; axis--) {
    const at = plane % shape[axis];
    plane = Math.floor(plane / shape[axis]);
    leading[axis] = Math.floor(at / tile[axis]);
    planeStart += weight * (at - leading[axis] * tile[axis]);
    weight *= extent(axis, leading[axis]);
  }
  const firstRow = leading.reduce((row, index, axis) => row * per[axis] + index, 0);
  const tasks: TileTask[] = [];
  const [yAxis, xAxis] = [axes - 2, axes - 1];
  const last = (start: number, length: number, axis: number) => Math.floor((start + length - 1) / tile[axis]);
  for (let ty = Math.floor(window.y0 / tile[yAxis]); ty <= last(window.y0, window.height, yAxis); ty++) {
    for (let tx = Math.floor(window.x0 / tile[xAxis]); tx <= last(window.x0, window.width, xAxis); tx++) {
      const own = [
        ...leading.map((index, axis) => extent(axis, index)),
        extent(yAxis, ty),
        extent(xAxis, tx),
      ];
      tasks.push({
        row: (firstRow * per[yAxis] + ty) * per[xAxis] + tx,
        shape: own,
        planeStart: planeStart * own[yAxis] * own[xAxis],
        x: tx * tile[xAxis],
        y: ty * tile[yAxis],
      });
    }
  }
  return tasks;
}

function* batches(tasks: readonly TileTask[], layout: TileLayout): Generator<TileTask[]> {
  for (let i = 0; i < tasks.length;) {
    const first = tasks[i].row;
    let end = i + 1;
    while (
      end < tasks.length &&
      end - i < BATCH_TILES &&
      tasks[end].row > first &&
      (tasks[end].row - first + 1) * layout.rowBytes <= BATCH_BYTES
    ) {
      end++;
    }
    yield tasks.slice(i, end);
    i = end;
  }
}

async function readDescriptors(
  file: PixelFile,
  hdu: PixelHdu,
  layout: TileLayout,
  tasks: readonly TileTask[],
): Promise<StoredTile[]> {
  const first = tasks[0].row;
  const rows = tasks[tasks.length - 1].row - first + 1;
  const bytes = await file.source.getBytes(hdu.dataOffset + first * layout.rowBytes, rows * layout.rowBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return tasks.map((task) => {
    const at = (task.row - first) * layout.rowBytes;
    const found =
      descriptor(view, at, layout.compressed, 'compressed') ??
      descriptor(view, at, layout.gzipFallback, 'gzip') ??
      descriptor(view, at, layout.rawFallback, 'raw');
    if (!found || !(layout.heapOffset + found.offset + found.length <= layout.dataBytes)) {
      throw corrupt(file, hdu, layout, task.row);
    }
    const parameter = (of?: { column?: TableColumn; value?: number }) =>
      of?.column ? cell(view, at + of.column.offset, of.column.type) : of?.value;
    return {
      task,
      tile: task.row,
      shape: task.shape,
      from: found.from,
      start: hdu.dataOffset + layout.heapOffset + found.offset,
      length: found.length,
      scale: parameter(layout.scale),
      zero: parameter(layout.zero),
      blank: parameter(layout.blank),
    };
  });
}

function descriptor(view: DataView, row: number, column: HeapColumn | undefined, from: TileData['from']) {
  if (!column) return undefined;
  const at = row + column.offset;
  const word = (i: number) =>
    column.wide ? Number(view.getBigUint64(at + 8 * i)) : view.getUint32(at + 4 * i);
  const count = word(0);
  return count === 0 ? undefined : { from, length: count * column.elementBytes, offset: word(1) };
}

function cell(view: DataView, at: number, type: string): number {
  switch (type) {
    case 'B':
      return view.getUint8(at);
    case 'I':
      return view.getInt16(at);
    case 'J':
      return view.getInt32(at);
    case 'E':
      return view.getFloat32(at);
    default:
      return view.getFloat64(at);
  }
}

/** Joins tiles that lie near each other into one read. */
function* readGroups(
  tiles: readonly StoredTile[],
): Generator<{ tiles: StoredTile[]; start: number; length: number }> {
  for (let i = 0; i < tiles.length;) {
    const { start } = tiles[i];
    let stop = start + tiles[i].length;
    let end = i + 1;
    while (
      end < tiles.length &&
      tiles[end].start >= start &&
      tiles[end].start <= stop + GAP_BYTES &&
      tiles[end].start + tiles[end].length - start <= BATCH_BYTES
    ) {
      stop = Math.max(stop, tiles[end].start + tiles[end].length);
      end++;
    }
    yield { tiles: tiles.slice(i, end), start, length: stop - start };
    i = end;
  }
}

/** Copies the tile's share of the window. */
function cutOut(
  task: TileTask,
  pixels: TilePixels,
  image: ImageLayout,
  window: PixelWindow,
  out: PixelArray,
): void {
  const [height, width] = task.shape.slice(-2);
  const x0 = Math.max(window.x0, task.x);
  const x1 = Math.min(window.x0 + window.width, task.x + width);
  const y0 = Math.max(window.y0, task.y);
  const y1 = Math.min(window.y0 + window.height, task.y + height);
  const share = x1 - x0;
  // Rows that are whole in both run on without a break.
  const rows = share === width && share === window.width ? y1 - y0 : 1;
  for (let y = y0; y < y1; y += rows) {
    const from = task.planeStart + (y - task.y) * width + (x0 - task.x);
    const to = (y - window.y0) * window.width + (x0 - window.x0);
    toPhysical(pixels, from, share * rows, image.bitpix, image, out, to);
  }
}
