// What too few frames cover, taken out of a finished mosaic (sds_min_coverage_keep).
import { rowsPerBlock } from '../../output/sources/plane-source.js';
import { blankPixels } from './blank-pixels.js';
import type { Canvases } from './canvas.js';

/** Blanks what fewer than `share` of the most frames cover. */
export async function blankThin(canvases: Canvases, share: number): Promise<void> {
  const { nx, ny } = canvases.coverage;
  const rows = rowsPerBlock(nx, ny);
  const block = new Float32Array(rows * nx);
  let most = 0;
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const length = Math.min(rows, ny - y0) * nx;
    await canvases.coverage.readRows(0, y0, length / nx, block);
    for (let k = 0; k < length; k++) most = Math.max(most, block[k]);
  }
  await blankPixels(canvases, (_, counts) =>
    Uint8Array.from(counts, (count) => (count < share * most ? 1 : 0)),
  );
}
