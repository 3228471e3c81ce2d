// Where a mosaic has pixels: the box around them, or the largest rectangle without a blank corner.
import { rowsPerBlock, type PlaneSource } from '../../output/sources/plane-source.js';
import { LargestRectangle, type Rectangle } from './largest-rectangle.js';

/** Blanks no wider than this between pixels of a row are holes, not edges. */
const HOLE_PX = 8;

/** The box around all pixels of `coverage` that are above 0, grown by `margin` within the canvas; undefined where there are none. */
export async function coveredBox(coverage: PlaneSource, margin: number): Promise<Rectangle | undefined> {
  const { nx, ny } = coverage;
  let [x0, x1, y0, y1] = [nx, -1, ny, -1];
  await eachRow(coverage, (row, y) => {
    let first = 0;
    while (first < nx && !(row[first] > 0)) first++;
    if (first === nx) return;
    let last = nx - 1;
    while (!(row[last] > 0)) last--;
    [x0, x1] = [Math.min(x0, first), Math.max(x1, last)];
    [y0, y1] = [Math.min(y0, y), y];
  });
  if (x1 < 0) return undefined;
  [x0, y0] = [Math.max(0, x0 - margin), Math.max(0, y0 - margin)];
  [x1, y1] = [Math.min(nx - 1, x1 + margin), Math.min(ny - 1, y1 + margin)];
  return { x0, y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

/** The largest rectangle that is covered everywhere but for holes. */
export async function innerRectangle(coverage: PlaneSource): Promise<Rectangle | undefined> {
  const { nx } = coverage;
  const search = new LargestRectangle(nx);
  const mask = new Uint8Array(nx);
  await eachRow(coverage, (row) => {
    for (let x = 0, last = -Infinity; x < nx; x++) {
      mask[x] = row[x] > 0 ? 1 : 0;
      if (mask[x] === 0) continue;
      if (x - last - 1 <= HOLE_PX) mask.fill(1, last + 1, x);
      last = x;
    }
    search.add(mask);
  });
  return search.best;
}

async function eachRow(source: PlaneSource, visit: (row: Float32Array, y: number) => void): Promise<void> {
  const { nx, ny } = source;
  const rows = rowsPerBlock(nx, ny);
  const block = new Float32Array(rows * nx);
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const count = Math.min(rows, ny - y0);
    await source.readRows(0, y0, count, block);
    for (let r = 0; r < count; r++) visit(block.subarray(r * nx, (r + 1) * nx), y0 + r);
  }
}
