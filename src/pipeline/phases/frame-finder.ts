// Which frames cover a place of the mosaic, by their outlines.

export class FrameFinder {
  readonly #boxes: readonly (readonly [number, number, number, number])[];

  /** `outlines` as x, y pairs, 0-based; places are squares of `sidePx`. */
  constructor(
    private readonly outlines: readonly Float64Array[],
    private readonly sidePx: number,
  ) {
    this.#boxes = outlines.map((outline) => {
      const xs = outline.filter((_, i) => i % 2 === 0);
      const ys = outline.filter((_, i) => i % 2 === 1);
      return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    });
  }

  /** Frames that cover the whole square about (x, y); undefined where one of them ends inside it, or none covers it. */
  covering({ x, y }: { readonly x: number; readonly y: number }): number[] | undefined {
    const half = this.sidePx / 2;
    const members: number[] = [];
    for (const [f, [x0, x1, y0, y1]] of this.#boxes.entries()) {
      if (x + half < x0 || x - half > x1 || y + half < y0 || y - half > y1) continue;
      let corners = 0;
      for (const [sx, sy] of CORNERS) if (holds(this.outlines[f], x + sx * half, y + sy * half)) corners++;
      if (corners === 4) members.push(f);
      else if (corners > 0) return undefined;
    }
    return members.length > 0 ? members : undefined;
  }
}

/** A square of the mosaic that frames cover whole and no frame's edge crosses. */
export interface QuietSquare {
  /** Middle, 0-based. */
  readonly x: number;
  readonly y: number;
  readonly frames: readonly number[];
}

/** Squares looked at, evenly over the mosaic. */
const MAX_CANDIDATES = 400;

/** Quiet squares of `sidePx`, on the mosaic's multiples of it, from its first row to its last. */
export function quietSquares(
  outlines: readonly Float64Array[],
  nx: number,
  ny: number,
  sidePx: number,
): QuietSquare[] {
  const finder = new FrameFinder(outlines, sidePx);
  const [across, down] = [Math.floor(nx / sidePx), Math.floor(ny / sidePx)];
  const step = Math.max(1, Math.floor(Math.sqrt((across * down) / MAX_CANDIDATES)));
  const squares: QuietSquare[] = [];
  for (let j = 0; j < down; j += step) {
    for (let i = 0; i < across; i += step) {
      const middle = { x: i * sidePx + (sidePx - 1) / 2, y: j * sidePx + (sidePx - 1) / 2 };
      const frames = finder.covering(middle);
      if (frames) squares.push({ ...middle, frames });
    }
  }
  return squares;
}

const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
] as const;

/** Even-odd rule. */
function holds(outline: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const [yi, yj] = [outline[i + 1], outline[j + 1]];
    if (yi > y !== yj > y && x < outline[i] + ((outline[j] - outline[i]) * (y - yi)) / (yj - yi))
      inside = !inside;
  }
  return inside;
}
