// The mosaic that frames are added to, as the new one begins.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { rowsPerBlock } from '../../output/sources/plane-source.js';
import type { Canvas, MosaicCanvases } from '../canvas/canvas.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { BaseMosaic } from './base-mosaic.js';

/** Everything that the mosaic holds, onto the canvases: what no new frame touches stays as it is. What its last blocks hold beyond it is blank, so that blocks are written whole. */
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
  const end = { x: x0 + width, y: y0 + height };
  const [toX, toY] = [wholeBlocks(end.x, canvas.mosaic.nx), wholeBlocks(end.y, canvas.mosaic.ny)];
  await blank(canvas.mosaic, { x0: end.x, y0, width: toX - end.x, height });
  await blank(canvas.mosaic, { x0, y0: end.y, width: toX - x0, height: toY - end.y });
}

const wholeBlocks = (size: number, most: number): number =>
  Math.min(most, BLOCK_SIZE * Math.ceil(size / BLOCK_SIZE));

const blank = (mosaic: Canvas, rect: CellRect): Promise<void> =>
  mosaic.write(rect, new Float32Array(mosaic.planes * rect.width * rect.height).fill(NaN));
