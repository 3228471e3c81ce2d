// Pixel maps: where a frame's pixels lie under the blocks of the output grid, exact in f64 on a lattice, biquadratic between.
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import { BLOCK_SIZE, MAP_STRIDE } from '../../../compute/constants.js';
import { sharedPasses } from '../../../simd/sample-passes.js';
import type { OutputGrid } from './output-grid.js';

/** A rectangle of whole blocks of the output grid, in grid pixels (0-based, inclusive start); clipped to the grid at its far edges. */
export interface CellRect {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

/** Frame pixels (0-based) that a cell needs, before any halo. */
export interface FrameBounds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface PixelMap {
  /** `[blocksY, blocksX, MAP_STRIDE]`, see the warp contract. */
  readonly blocks: Float32Array;
  /** Extreme frame positions over the cell's lattice. */
  readonly bounds: FrameBounds;
}

const HALF = BLOCK_SIZE / 2;
/** Offset of a block's centre from its first pixel's centre. */
const CENTRE = (BLOCK_SIZE - 1) / 2;
/** Position used where the frame's projection has no answer: outside any frame, finite in float32. */
const NOWHERE = -1e6;

/**
 * Map from the cell's pixels to the frame's (0-based both). Lattice nodes stand at block centres and half a block around them, so neighbouring
 * blocks share nodes and the map does not depend on how blocks are grouped into cells.
 */
export function pixelMap(grid: OutputGrid, frame: CelestialWcs, cell: CellRect): PixelMap {
  const [map] = pixelMapsOn(cellLattice(grid, cell), [frame]);
  return map;
}

/** The nodes of a cell on the sky, which all frames over it share. */
export interface CellLattice {
  /** Blocks across and down. */
  readonly bx: number;
  readonly by: number;
  /** Degrees, `[2 by + 1, 2 bx + 1]`; NaN where the grid shows no sky. */
  readonly ra: Float64Array;
  readonly dec: Float64Array;
}

export function cellLattice(grid: OutputGrid, cell: CellRect): CellLattice {
  const bx = Math.ceil(cell.width / BLOCK_SIZE);
  const by = Math.ceil(cell.height / BLOCK_SIZE);
  const [nx, ny] = [2 * bx + 1, 2 * by + 1];
  const [x, y] = [new Float64Array(nx * ny), new Float64Array(nx * ny)];
  for (let j = 0, k = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++, k++) {
      x[k] = cell.x0 - 0.5 + i * HALF + 1;
      y[k] = cell.y0 - 0.5 + j * HALF + 1;
    }
  }
  const [ra, dec] = [new Float64Array(nx * ny), new Float64Array(nx * ny)];
  grid.wcs.pixelToSkyBatch(x, y, ra, dec);
  return { bx, by, ra, dec };
}

/** `pixelMap` of the cell whose lattice this is, of each of these frames. All maps lie in one array: a buffer of its own takes 300 bytes beside them, and garbage of each makes V8 collect. */
export function pixelMapsOn(
  { bx, by, ra, dec }: CellLattice,
  frames: readonly CelestialWcs[],
): readonly PixelMap[] {
  const length = bx * by * MAP_STRIDE;
  const all = new Float32Array(frames.length * length);
  const room = sharedPasses();
  const [x, y] = [room.take(8 * ra.length), room.take(8 * ra.length)];
  const [blocks, bounds] = [room.take(4 * length), room.take(32)];
  const { buffer } = room;
  const toX = new Float64Array(buffer, x, ra.length);
  const toY = new Float64Array(buffer, y, ra.length);
  const fitted = new Float32Array(buffer, blocks, length);
  const extremes = new Float64Array(buffer, bounds, 4);
  return frames.map((frame, f) => {
    frame.skyToPixelBatch(ra, dec, toX, toY);
    room.passes.fitBlocks(x, y, bx, by, NOWHERE, blocks, bounds);
    const own = all.subarray(f * length, (f + 1) * length);
    own.set(fitted);
    return { blocks: own, bounds: { x0: extremes[0], y0: extremes[1], x1: extremes[2], y1: extremes[3] } };
  });
}

/**
 * Largest distance, in frame pixels, between the biquadratic map and the exact one, at the points of each block that lie farthest from its
 * nodes (a quarter block from the centre, along the diagonals).
 */
export function pixelMapError(
  grid: OutputGrid,
  frame: CelestialWcs,
  cell: CellRect,
  map: PixelMap,
  bounds: { nx: number; ny: number },
): number {
  const bx = Math.ceil(cell.width / BLOCK_SIZE);
  let worst = 0;
  for (let b = 0; b * MAP_STRIDE < map.blocks.length; b++) {
    if (map.blocks[b * MAP_STRIDE] === NOWHERE) continue;
    for (const [u, v] of [
      [-0.5, -0.5],
      [0.5, -0.5],
      [-0.5, 0.5],
      [0.5, 0.5],
    ] as const) {
      const gx = cell.x0 + (b % bx) * BLOCK_SIZE + CENTRE + u * HALF;
      const gy = cell.y0 + Math.floor(b / bx) * BLOCK_SIZE + CENTRE + v * HALF;
      const sky = grid.wcs.pixelToSky(gx + 1, gy + 1);
      const exact = sky && frame.skyToPixel(sky[0], sky[1]);
      if (!exact) continue;
      const [x, y] = [exact[0] - 1, exact[1] - 1];
      if (x < 0 || y < 0 || x > bounds.nx - 1 || y > bounds.ny - 1) continue;
      const at = b * MAP_STRIDE;
      const mx = map.blocks[at] + evaluate(map.blocks, at + 2, u, v);
      const my = map.blocks[at + 1] + evaluate(map.blocks, at + 11, u, v);
      worst = Math.max(worst, Math.hypot(mx - x, my - y));
    }
  }
  return worst;
}

function evaluate(c: Float32Array, at: number, u: number, v: number): number {
  const row = (j: number) => c[at + 3 * j] + u * (c[at + 3 * j + 1] + u * c[at + 3 * j + 2]);
  return row(0) + v * (row(1) + v * row(2));
}
