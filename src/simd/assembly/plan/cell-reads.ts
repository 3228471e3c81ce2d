// What frames' windows come to if a grid is cut into cells of some size: `src/pipeline/planning/cells/cell-reads.ts`.
import { f64At, i32At, putF64, putU32, u32At } from '../words';

@unmanaged
export class CellReads {
  frames: u32;
  /** Blocks of the grid, and side of one in pixels. */
  blocksX: u32;
  blocksY: u32;
  blockSize: u32;
  /** i32 [frames, 5]: first row of blocks, where its spans begin, how many rows; first and last column. i32 [rows, 2]: spans. */
  places: usize;
  spans: usize;
  /** f64 [frames, 5]: width, height, scale, cosine and sine of the turn. */
  shapes: usize;
  /** u32 [blocks]: frames over each cell. */
  counts: usize;
  /** f64 [blocks]: pixels of the windows of each cell. */
  sums: usize;
  /** f64 [5]: halo, cost of a window and of a cell, most frames over a cell, most cost. */
  limits: usize;
  /** f64 [6]: most frames over one cell; pixels read in all, for one cell at most, and for the largest window; windows, cells. */
  out: usize;
}

// @ts-ignore: decorator
@inline
function floorOver(a: i32, b: i32): i32 {
  return <i32>floor(<f64>a / <f64>b);
}

/** Of cells of `w` x `h` blocks, to `out`; 0 as soon as that is beyond a limit. */
export function cellReads(problem: usize, w: i32, h: i32): u32 {
  const a = changetype<CellReads>(problem);
  const cellsX = (<i32>a.blocksX + w - 1) / w;
  const cellsY = (<i32>a.blocksY + h - 1) / h;
  memory.fill(a.counts, 0, <usize>(cellsX * cellsY) << 2);
  memory.fill(a.sums, 0, <usize>(cellsX * cellsY) << 3);
  const halo = f64At(a.limits, 0), ofWindow = f64At(a.limits, 1), ofCell = f64At(a.limits, 2);
  const mostFrames = f64At(a.limits, 3), mostCost = f64At(a.limits, 4);
  let maxFrames: u32 = 0, windows: u32 = 0, cells: u32 = 0;
  let read: f64 = 0, maxRead: f64 = 0, largest: f64 = 0;
  for (let f: u32 = 0; f < a.frames; f++) {
    const place = a.places + <usize>(20 * f);
    const firstRow = i32At(place, 0);
    const spans = a.spans + (<usize>i32At(place, 1) << 3);
    const lastRow = firstRow + i32At(place, 2) - 1;
    const fromX = floorOver(i32At(place, 3), w), toX = floorOver(i32At(place, 4), w);
    const toY = floorOver(lastRow, h);
    const shape = a.shapes + <usize>(40 * f);
    for (let cy = floorOver(firstRow, h); cy <= toY; cy++) {
      const row0 = max(cy * h, firstRow), row1 = min((cy + 1) * h - 1, lastRow);
      let x0 = i32.MAX_VALUE, x1 = i32.MIN_VALUE;
      for (let r = row0 - firstRow; r <= row1 - firstRow; r++) {
        x0 = min(x0, i32At(spans, 2 * r));
        x1 = max(x1, i32At(spans, 2 * r + 1));
      }
      for (let cx = fromX; cx <= toX; cx++) {
        const bx0 = cx * w;
        const bx1 = bx0 + w - 1;
        if (!touches(spans, row0 - firstRow, row1 - firstRow, bx0, bx1)) continue;
        const pixels = windowPixels(a, shape, min(bx1, x1) - max(bx0, x0) + 1, row1 - row0 + 1, halo);
        const count = u32At(a.counts, cy * cellsX + cx) + 1;
        putU32(a.counts, cy * cellsX + cx, count);
        const sum = f64At(a.sums, cy * cellsX + cx) + pixels;
        putF64(a.sums, cy * cellsX + cx, sum);
        maxRead = max(maxRead, sum);
        maxFrames = max(maxFrames, count);
        if (count == 1) cells++;
        windows++;
        read += pixels;
        largest = max(largest, pixels);
      }
    }
    if (<f64>maxFrames > mostFrames || read + ofWindow * <f64>windows + ofCell * <f64>cells > mostCost) return 0;
  }
  putF64(a.out, 0, maxFrames);
  putF64(a.out, 1, read);
  putF64(a.out, 2, maxRead);
  putF64(a.out, 3, largest);
  putF64(a.out, 4, windows);
  putF64(a.out, 5, cells);
  return 1;
}

function touches(spans: usize, from: i32, to: i32, bx0: i32, bx1: i32): bool {
  for (let r = from; r <= to; r++) if (i32At(spans, 2 * r) <= bx1 && i32At(spans, 2 * r + 1) >= bx0) return true;
  return false;
}

/** Area of a frame's window under so many columns and rows of blocks, with `halo` pixels around it. */
function windowPixels(a: CellReads, shape: usize, columns: i32, rows: i32, halo: f64): f64 {
  const scale = f64At(shape, 2), cos = f64At(shape, 3), sin = f64At(shape, 4);
  const width = (<f64>columns * <f64>a.blockSize) / scale;
  const height = (<f64>rows * <f64>a.blockSize) / scale;
  return (
    min(f64At(shape, 0), width * cos + height * sin + 2 * halo) *
    min(f64At(shape, 1), width * sin + height * cos + 2 * halo)
  );
}
