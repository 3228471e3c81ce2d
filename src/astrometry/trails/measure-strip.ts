// A line of marks looked at closely: where exactly it runs, how wide and how long it is, or that it is none.
import type { PlacedCoarse } from './placed-coarse.js';

/** A line in samples of the coarse image: x nx + y ny = offset. */
export interface CoarseLine {
  readonly nx: number;
  readonly ny: number;
  readonly offset: number;
}

/** All lengths in samples of the coarse image. */
export interface CoarseStrip extends CoarseLine {
  /** Ends along (ny, -nx). */
  readonly from: number;
  readonly to: number;
  readonly halfWidth: number;
  readonly snr: number;
}

/** Numbers that a strip is told by. */
const NUMBERS = 7;

/**
 * The strip that runs within `slack` samples of the line at its ends; undefined where none does. The line is brought to the light near it, its ends are where its pieces cease to show
 * more than there is beside them, its width is where the median along them falls to the sky.
 */
export function measureStrip(
  { memory, at, width, x0, x1, y0, y1 }: PlacedCoarse,
  { nx, ny, offset }: CoarseLine,
  slack: number,
): CoarseStrip | undefined {
  const { passes } = memory;
  return memory.within(() => {
    const out = memory.take(8 * NUMBERS);
    const room = memory.take(passes.stripBytes(x1 - x0, y1 - y0));
    if (passes.measureStrip(at, width, x0, x1, y0, y1, nx, ny, offset, slack, room, out) === 0)
      return undefined;
    const [lineX, lineY, middle, from, to, halfWidth, snr] = new Float64Array(memory.buffer, out, NUMBERS);
    return { nx: lineX, ny: lineY, offset: middle, from, to, halfWidth, snr };
  });
}
