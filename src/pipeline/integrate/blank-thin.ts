// What too few frames cover, taken out of a finished mosaic (sds_min_coverage_keep).
import { rowsPerBlock } from '../../output/plane-source.js';
import type { Canvases } from './canvas.js';

/** Blanks what fewer than `share` of the most frames cover. */
export async function blankThin({ mosaic, weight, coverage }: Canvases, share: number): Promise<void> {
  const { nx, ny } = coverage;
  const rows = rowsPerBlock(nx, ny);
  const block = new Float32Array(rows * nx);
  const plane = new Float32Array(mosaic.planes * rows * nx);
  let most = 0;
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const length = Math.min(rows, ny - y0) * nx;
    await coverage.readRows(0, y0, length / nx, block);
    for (let k = 0; k < length; k++) most = Math.max(most, block[k]);
  }
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const height = Math.min(rows, ny - y0);
    const rect = { x0: 0, y0, width: nx, height };
    const length = height * nx;
    await coverage.readRows(0, y0, height, block);
    const thin = block.slice(0, length).map((count) => (count < share * most ? 1 : 0));
    for (const [canvas, blank] of [
      [mosaic, NaN],
      [weight, 0],
    ] as const) {
      for (let p = 0; p < canvas.planes; p++) {
        const values = plane.subarray(p * length, (p + 1) * length);
        await canvas.readRows(p, y0, height, values);
        for (let k = 0; k < length; k++) if (thin[k]) values[k] = blank;
      }
      await canvas.write(rect, plane.subarray(0, canvas.planes * length));
    }
    for (let k = 0; k < length; k++) if (thin[k]) block[k] = 0;
    await coverage.write(rect, block.subarray(0, length));
  }
}
