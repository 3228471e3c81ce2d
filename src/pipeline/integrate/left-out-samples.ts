// Samples that are missing in a stack because pixels were left out of their frames: they are rejected samples like those that the stack rejects.
import { eachPosition, type PositionBounds } from '../planning/map-position.js';
import type { CellRect } from '../planning/pixel-map.js';
import type { PreparedFrame } from './prepared-frame.js';
import { pixelsInside } from './repair-defects.js';
import type { StackResult } from './stack-program.js';

/** Side of the squares by which blocks of the cell and rows of them are found that nothing left out lies under, a power of two, pixels. */
const SQUARE_SHIFT = 3;

/** How many frames miss each pixel of the cell, `[height, width]`: the frame's pixel nearest to it is left out. Undefined where none does. */
export function leftOutSamples(
  frames: readonly PreparedFrame[],
  cell: Pick<CellRect, 'width' | 'height'>,
): Uint16Array | undefined {
  let counts: Uint16Array | undefined;
  for (const prepared of frames) {
    const mask = maskOf(prepared);
    if (!mask) continue;
    const missed = (counts ??= new Uint16Array(cell.width * cell.height));
    const { x0, y0, width, height } = prepared.rect;
    eachPosition(
      prepared.map,
      cell,
      (k, x, y) => {
        const i = Math.floor(x + 0.5) - x0;
        const j = Math.floor(y + 0.5) - y0;
        if (i >= 0 && j >= 0 && i < width && j < height) missed[k] += mask.pixels[j * width + i];
      },
      (bounds) => mask.touches(bounds),
    );
  }
  return counts;
}

/** Adds them to what was rejected above, in place where there are maps: in every plane alike, for they are left out as what is too bright. */
export function withLeftOut(stack: StackResult, counts: Uint16Array | undefined): StackResult {
  if (!counts) return stack;
  const { rejected, rejectedMaps } = stack;
  const planes = stack.mean.length / counts.length;
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    const count = counts[k];
    if (count === 0) continue;
    sum += planes * count;
    for (let at = k; rejectedMaps && at < rejectedMaps.high.length; at += counts.length)
      rejectedMaps.high[at] += count;
  }
  return { ...stack, rejected: { ...rejected, high: rejected.high + sum } };
}

/** What is left out of a frame under a cell; undefined where nothing is. */
function maskOf({ frame, rect }: PreparedFrame) {
  if (!frame.leftOut) return undefined;
  const { x: edgeX, y: edgeY } = frame.edges ?? { x: 0, y: 0 };
  const { x0, y0, width, height } = rect;
  const squares = (width >> SQUARE_SHIFT) + 1;
  const inSquares = new Uint8Array(squares * ((height >> SQUARE_SHIFT) + 1));
  const mask = new Uint8Array(width * height);
  let isEmpty = true;
  for (const k of pixelsInside(frame.leftOut, rect, frame.nx)) {
    const [x, y] = [k % width, Math.floor(k / width)];
    // what the edges take away no frame shows
    if (x0 + x < edgeX || x0 + x >= frame.nx - edgeX || y0 + y < edgeY || y0 + y >= frame.ny - edgeY)
      continue;
    mask[k] = 1;
    inSquares[(y >> SQUARE_SHIFT) * squares + (x >> SQUARE_SHIFT)] = 1;
    isEmpty = false;
  }
  if (isEmpty) return undefined;
  return {
    pixels: mask,
    touches({ left, right, top, bottom }: PositionBounds): boolean {
      const first = Math.max(0, Math.floor(left) - x0) >> SQUARE_SHIFT;
      const last = Math.min(width - 1, Math.ceil(right) - x0) >> SQUARE_SHIFT;
      const lastRow = Math.min(height - 1, Math.ceil(bottom) - y0) >> SQUARE_SHIFT;
      for (let j = Math.max(0, Math.floor(top) - y0) >> SQUARE_SHIFT; j <= lastRow; j++)
        for (let i = first; i <= last; i++) if (inSquares[j * squares + i]) return true;
      return false;
    },
  };
}
