// The warped tiles of a cell with the weight of each of their pixels, looked up where the pixel came from, put together.
import { readWindow } from '../../fits/read/read-window.js';
import type { FrameFiles } from '../integrate/windows/frame-files.js';
import type { IntegrationFrame } from '../integrate/windows/integration-frame.js';
import type { PreparedFrame } from '../integrate/windows/prepared-frame.js';
import { coaddTiles, type TileSamples } from '../integrate/coadd-tiles.js';
import { guards, type StackResult, type StackSettings } from '../integrate/programs/stack-program.js';
import { eachPosition } from '../planning/grid/map-position.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import { TILE_MAPS_HDU } from './copy-tile.js';
import { rejectTiles } from './reject-tiles.js';

/** Takes a tile over a cell, on the pixels of the mosaic, less what was taken out of it. */
export type WhenWarped = (tile: IntegrationFrame, rect: CellRect, stack: StackResult) => Promise<void>;

/** Combines `cube`, `[slots, planes, pixels]` over `cell`, less what stands alone where `settings` guard; the maps of tile k stand in the file that its samples were read from. */
export async function coaddCube(
  cube: Float32Array,
  planes: number,
  cell: CellRect,
  tiles: readonly PreparedFrame[],
  files: FrameFiles,
  settings: StackSettings,
  whenWarped?: WhenWarped,
): Promise<StackResult> {
  const pixels = cell.width * cell.height;
  const samples: TileSamples[] = [];
  for (const [slot, { frame, map, rect }] of tiles.entries()) {
    const [relative, blend, frames] = await files.use(frame.path, async (file) => {
      const read = (plane: number) => readWindow(file, file.hdus[TILE_MAPS_HDU], { ...rect, plane });
      return [await read(0), await read(1), await read(2)];
    });
    const from = nearestPixels(map, cell, rect);
    const picked = pick(relative, from);
    const values = cube.subarray(slot * planes * pixels, (slot + 1) * planes * pixels);
    const weight = weightsOf(frame.weights, picked);
    const inversePerWeight = frame.weights.map((w, c) => frame.inverseVariances[c] / w);
    samples.push({ values, weight, inversePerWeight, blend: pick(blend, from), frames: pick(frames, from) });
  }
  const judged = samples.filter((_, slot) => !tiles[slot].frame.isDisputed);
  const rejected = guards(settings) ? rejectTiles(judged, planes, cell, settings) : undefined;
  if (whenWarped) {
    for (const [slot, tile] of samples.entries())
      await whenWarped(tiles[slot].frame, cell, aloneOf(tile, planes));
  }
  return coaddTiles(samples, planes, pixels, rejected);
}

/** Values of the pixels that stand in `from`; 0 where there is none. A loop: with a function for each of millions of pixels V8 takes ten times as long. */
export function pick(plane: Float32Array, from: Int32Array): Float32Array {
  const out = new Float32Array(from.length);
  for (let k = 0; k < from.length; k++) if (from[k] >= 0) out[k] = plane[from[k]];
  return out;
}

/** Weights of a tile's samples, `[planes, pixels]`: those of its planes, times that of each pixel relative to the tile. */
export function weightsOf(planes: readonly number[], relative: Float32Array): Float32Array {
  const out = new Float32Array(planes.length * relative.length);
  for (const [c, weight] of planes.entries())
    for (let k = 0; k < relative.length; k++) out[c * relative.length + k] = weight * relative[k];
  return out;
}

/** A tile over a cell as a stack of its own, full weight to its very edge: who takes it blends by himself. */
function aloneOf({ values, weight, inversePerWeight, frames }: TileSamples, planes: number): StackResult {
  const pixels = values.length / planes;
  return {
    mean: values,
    weight: weight.map((w, k) => w * (inversePerWeight?.[Math.floor(k / pixels)] ?? 1)),
    used: Uint32Array.from(values, (_, k) => frames[frames.length === pixels ? k % pixels : k]),
    rejected: { low: 0, high: 0 },
  };
}

/** Index within the window `rect` of the pixel nearest to where each pixel of the cell maps to; -1 outside. */
function nearestPixels(
  map: Float32Array,
  cell: CellRect,
  rect: { readonly x0: number; readonly y0: number; readonly width: number; readonly height: number },
): Int32Array {
  const out = new Int32Array(cell.width * cell.height);
  eachPosition(map, cell, (k, x, y) => {
    const [i, j] = [Math.round(x) - rect.x0, Math.round(y) - rect.y0];
    out[k] = i >= 0 && j >= 0 && i < rect.width && j < rect.height ? j * rect.width + i : -1;
  });
  return out;
}
