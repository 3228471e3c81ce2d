// The mosaic that frames are added to, as the new one begins.
import { rowsPerBlock } from '../../output/sources/plane-source.js';
import type { MosaicCanvases } from '../canvas/canvas.js';
import type { BaseMosaic } from './base-mosaic.js';

/** Everything that the mosaic holds, onto the canvases: what no new frame touches stays as it is. */
export async function takeOver(base: BaseMosaic, canvas: MosaicCanvases): Promise<void> {
  const { x0, y0, width, height } = base.rect;
  const rows = rowsPerBlock(width, height);
  for (let row = 0; row < height; row += rows) {
    const rect = { x0, y0: y0 + row, width, height: Math.min(rows, height - row) };
    const { mean, weight, coverage, radial } = await base.read(rect);
    await canvas.mosaic.write(rect, mean);
    await canvas.weight.write(rect, weight);
    await canvas.coverage.write(rect, coverage);
    if (radial) await canvas.radial?.write(rect, radial);
  }
}
