// Which blocks of the output grid a footprint touches, as one span of blocks per row of blocks.
import { BLOCK_SIZE } from '../../../compute/constants.js';

/** Row r of blocks (r = firstRow + i) holds blocks spans[2i] .. spans[2i+1], inclusive; an empty row has start > end. */
export interface BlockSpans {
  readonly firstRow: number;
  readonly spans: Int32Array;
}

/**
 * Blocks touched by a polygon of grid positions (x, y pairs, 0-based pixel centres at integers), grown by `margin` pixels. Exact for polygons
 * that are convex along rows, conservative for others.
 */
export function blockSpans(polygon: Float64Array, nx: number, ny: number, margin = 1): BlockSpans {
  const blocksX = Math.ceil(nx / BLOCK_SIZE);
  const blocksY = Math.ceil(ny / BLOCK_SIZE);
  let [low, high] = [Infinity, -Infinity];
  for (let i = 1; i < polygon.length; i += 2) {
    low = Math.min(low, polygon[i]);
    high = Math.max(high, polygon[i]);
  }
  const firstRow = Math.max(0, Math.floor((low - margin + 0.5) / BLOCK_SIZE));
  const lastRow = Math.min(blocksY - 1, Math.floor((high + margin + 0.5) / BLOCK_SIZE));
  const spans = new Int32Array(2 * Math.max(0, lastRow - firstRow + 1));
  const extent = new Float64Array(2);
  for (let r = firstRow; r <= lastRow; r++) {
    const y0 = r * BLOCK_SIZE - 0.5;
    extentInBand(polygon, y0 - margin, y0 + BLOCK_SIZE + margin, extent);
    spans[2 * (r - firstRow)] = Math.max(0, Math.floor((extent[0] - margin + 0.5) / BLOCK_SIZE));
    spans[2 * (r - firstRow) + 1] = Math.min(
      blocksX - 1,
      Math.floor((extent[1] + margin + 0.5) / BLOCK_SIZE),
    );
  }
  return { firstRow, spans };
}

/** The same spans in one array for all, where they would stand in one of each of thousands of frames. */
export function joinedSpans(of: readonly BlockSpans[]): BlockSpans[] {
  const all = new Int32Array(of.reduce((sum, { spans }) => sum + spans.length, 0));
  let end = 0;
  return of.map(({ firstRow, spans }) => {
    all.set(spans, end);
    return { firstRow, spans: all.subarray(end, (end += spans.length)) };
  });
}

/** True when the footprint touches a block of the rectangle of blocks (inclusive). */
export function touches(f: BlockSpans, bx0: number, by0: number, bx1: number, by1: number): boolean {
  const from = Math.max(0, by0 - f.firstRow);
  const to = Math.min(f.spans.length / 2 - 1, by1 - f.firstRow);
  for (let i = from; i <= to; i++) {
    if (f.spans[2 * i] <= bx1 && f.spans[2 * i + 1] >= bx0) return true;
  }
  return false;
}

/** First and last column of blocks that the footprint touches; first > last when it touches none. */
export function columnsOf({ spans }: BlockSpans): [number, number] {
  let [first, last] = [Infinity, -Infinity];
  for (let i = 0; i < spans.length; i += 2) {
    if (spans[i] > spans[i + 1]) continue;
    first = Math.min(first, spans[i]);
    last = Math.max(last, spans[i + 1]);
  }
  return [first, last];
}

/** Extent in x of the part of the polygon between two values of y, to `out`; plain numbers alone, for it is asked of every row of every frame. */
function extentInBand(polygon: Float64Array, y0: number, y1: number, out: Float64Array): void {
  let low = Infinity;
  let high = -Infinity;
  const n = polygon.length;
  for (let i = 0; i < n; i += 2) {
    const j = i + 2 === n ? 0 : i + 2;
    const ay = polygon[i + 1];
    const by = polygon[j + 1];
    const least = ay < by ? ay : by;
    const most = ay < by ? by : ay;
    if (most < y0 || least > y1) continue;
    const ax = polygon[i];
    const bx = polygon[j];
    const atFirst = ay === by ? bx : ax + ((bx - ax) * ((y0 > least ? y0 : least) - ay)) / (by - ay);
    const atLast = ay === by ? ax : ax + ((bx - ax) * ((y1 < most ? y1 : most) - ay)) / (by - ay);
    low = Math.min(low, atFirst, atLast);
    high = Math.max(high, atFirst, atLast);
  }
  out[0] = low;
  out[1] = high;
}
