// A mosaic as interleaved 16-bit rows in screen order, block by block: what TIFF and PNG are written from.
import type { Orientation } from '../orientation.js';
import { rowsPerBlock, type PlaneSource } from '../sources/plane-source.js';
import { toScale16, type Scale16 } from './scale-16bit.js';

/**
 * Yields `ny` rows of `nx * planes` samples, the top of the picture first, turned by the mirrors of `turn` (its
 * transposition must be false). A pixel that is blank in one plane is 0 in all. The yielded array is reused.
 */
export async function* rows16(
  source: PlaneSource,
  scale: Scale16,
  turn: Orientation,
): AsyncGenerator<Uint16Array> {
  const { nx, ny, planes } = source;
  const blockRows = rowsPerBlock(nx, ny);
  const blocks = Array.from({ length: planes }, () => new Float32Array(blockRows * nx));
  const row = new Uint16Array(nx * planes);
  for (let done = 0; done < ny; done += blockRows) {
    const rows = Math.min(blockRows, ny - done);
    const y0 = turn.flipY ? ny - done - rows : done;
    for (let p = 0; p < planes; p++) await source.readRows(p, y0, rows, blocks[p]);
    for (let i = 0; i < rows; i++) {
      const offset = (turn.flipY ? rows - 1 - i : i) * nx;
      for (let x = 0; x < nx; x++) {
        const at = offset + (turn.flipX ? nx - 1 - x : x);
        let covered = true;
        for (let p = 0; p < planes; p++) covered = covered && Number.isFinite(blocks[p][at]);
        for (let p = 0; p < planes; p++) row[x * planes + p] = covered ? toScale16(blocks[p][at], scale) : 0;
      }
      yield row;
    }
  }
}
