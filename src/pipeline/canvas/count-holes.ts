// Pixels of a finished mosaic that some of its colours do not reach: what a drizzle leaves where drops are few.
import { rowsPerBlock } from '../../output/sources/plane-source.js';
import type { Canvas } from './canvas.js';

export interface Holes {
  /** Samples of all planes in the pixels that have one in any plane. */
  readonly covered: number;
  /** Those of them that are missing. */
  readonly blank: number;
}

/** By the weights on the canvas, so that it speaks of the whole mosaic, whichever run has computed a cell. */
export async function countHoles(weight: Canvas): Promise<Holes> {
  const { nx, ny, planes } = weight;
  const rows = rowsPerBlock(nx, ny);
  const block = new Float32Array(rows * nx);
  let [covered, blank] = [0, 0];
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const length = Math.min(rows, ny - y0) * nx;
    const filled = new Uint8Array(length);
    for (let plane = 0; plane < planes; plane++) {
      await weight.readRows(plane, y0, length / nx, block);
      for (let k = 0; k < length; k++) if (block[k] > 0) filled[k]++;
    }
    for (const count of filled) {
      if (count === 0) continue;
      covered += planes;
      blank += planes - count;
    }
  }
  return { covered, blank };
}
