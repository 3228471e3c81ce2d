// Which frames cover a place of the mosaic, by their outlines.

export class FrameFinder {
  /** x from and to, y from and to of each outline. */
  readonly #boxes: Float64Array;

  /** `outlines` as x, y pairs, 0-based; places are squares of `sidePx`. */
  constructor(
    private readonly outlines: readonly Float64Array[],
    private readonly sidePx: number,
  ) {
    this.#boxes = Float64Array.from(
      outlines.flatMap((outline) => {
        const xs = outline.filter((_, i) => i % 2 === 0);
        const ys = outline.filter((_, i) => i % 2 === 1);
        return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      }),
    );
  }

  /** Frames that cover the whole square about (x, y); undefined where one of them ends inside it, or none covers it. */
  covering({ x, y }: { readonly x: number; readonly y: number }): number[] | undefined {
    const half = this.sidePx / 2;
    const members: number[] = [];
    const boxes = this.#boxes;
    for (let f = 0, b = 0; b < boxes.length; f++, b += 4) {
      if (x + half < boxes[b] || x - half > boxes[b + 1]) continue;
      if (y + half < boxes[b + 2] || y - half > boxes[b + 3]) continue;
      let corners = 0;
      for (let k = 0; k < 4; k++)
        if (holds(this.outlines[f], x + (k % 2 === 0 ? -half : half), y + (k < 2 ? -half : half))) corners++;
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

/** Even-odd rule. */
function holds(outline: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const yi = outline[i + 1];
    const yj = outline[j + 1];
    if (yi > y !== yj > y && x < outline[i] + ((outline[j] - outline[i]) * (y - yi)) / (yj - yi))
      inside = !inside;
  }
  return inside;
}
