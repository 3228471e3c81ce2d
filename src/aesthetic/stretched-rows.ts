// A mosaic as a picture of 16 bits, row by row in screen order: what an editor of pictures opens.
import type { Orientation } from '../output/orientation.js';
import { rowsPerBlock, type PlaneSource } from '../output/sources/plane-source.js';
import { screenValues, type Stretch } from '../output/picture/stretch.js';

/**
 * Yields `ny` rows of `nx * planes` samples 0-65535, the top of the picture first, turned by the mirrors of `turn` (its
 * transposition must be false); 0 where blank. The yielded array is reused. Memory: one block of rows.
 */
export async function* stretchedRows(
  source: PlaneSource,
  stretch: Stretch,
  turn: Orientation,
): AsyncGenerator<Uint16Array> {
  const { nx, ny, planes } = source;
  const blockRows = rowsPerBlock(nx, ny);
  const block = {
    nx,
    ny: blockRows,
    planes: Array.from({ length: planes }, () => new Float32Array(blockRows * nx)),
  };
  const toScreen = screenValues(block, stretch, 65535);
  const row = new Uint16Array(nx * planes);
  for (let done = 0; done < ny; done += blockRows) {
    const rows = Math.min(blockRows, ny - done);
    const y0 = turn.flipY ? ny - done - rows : done;
    for (let p = 0; p < planes; p++) await source.readRows(p, y0, rows, block.planes[p]);
    blankTogether(block.planes, rows * nx);
    for (let i = 0; i < rows; i++) {
      const line = (turn.flipY ? rows - 1 - i : i) * nx;
      toScreen(
        { start: turn.flipX ? line + nx - 1 : line, step: turn.flipX ? -1 : 1, length: nx },
        row,
        planes,
      );
      yield row;
    }
  }
}

/** A pixel that is blank in one plane is blank in all: half a colour is none. */
function blankTogether(planes: readonly Float32Array[], count: number): void {
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (const plane of planes) sum += plane[i];
    if (!Number.isFinite(sum)) for (const plane of planes) plane[i] = NaN;
  }
}
