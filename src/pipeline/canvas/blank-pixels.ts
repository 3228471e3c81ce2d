// Pixels taken out of a finished mosaic: no value, no weight, no frames.
import { rowsPerBlock } from '../../output/sources/plane-source.js';
import type { Canvases } from './canvas.js';

/** Blanks the pixels that `isBlank(y, coverage)` marks with 1, row by row, `coverage` being that row's counts. Counts covered pixels before, and of them those blanked. */
export async function blankPixels(
  { mosaic, weight, coverage }: Canvases,
  isBlank: (y: number, coverage: Float32Array) => Uint8Array,
): Promise<{ readonly covered: number; readonly blanked: number }> {
  const { nx, ny } = coverage;
  const rows = rowsPerBlock(nx, ny);
  const block = new Float32Array(rows * nx);
  const marks = new Uint8Array(rows * nx);
  const plane = new Float32Array(mosaic.planes * rows * nx);
  let [covered, blanked] = [0, 0];
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const height = Math.min(rows, ny - y0);
    const rect = { x0: 0, y0, width: nx, height };
    const length = height * nx;
    await coverage.readRows(0, y0, height, block);
    for (let r = 0; r < height; r++) marks.set(isBlank(y0 + r, block.subarray(r * nx, (r + 1) * nx)), r * nx);
    const before = blanked;
    for (let k = 0; k < length; k++) {
      if (!(block[k] > 0)) continue;
      covered++;
      if (marks[k]) blanked++;
    }
    if (blanked === before) continue;
    for (const [canvas, blank] of [
      [mosaic, NaN],
      [weight, 0],
    ] as const) {
      for (let p = 0; p < canvas.planes; p++) {
        const values = plane.subarray(p * length, (p + 1) * length);
        await canvas.readRows(p, y0, height, values);
        // a 0 that no frame covers is one of a block that no cell has written, and goes on to say so
        for (let k = 0; k < length; k++) if (marks[k] && (block[k] > 0 || values[k] !== 0)) values[k] = blank;
      }
      await canvas.write(rect, plane.subarray(0, canvas.planes * length));
    }
    for (let k = 0; k < length; k++) if (marks[k]) block[k] = 0;
    await coverage.write(rect, block.subarray(0, length));
  }
  return { covered, blanked };
}
