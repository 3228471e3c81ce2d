// Listed pixels of a frame that lie in a window of it, in runs; src/pipeline/integrate/windows/leave-out.ts says what for.
import { u32At } from '../words';

/**
 * Of `count` pixels (u32 at `pixels`, y * nx + x, ascending) those in the `width` x `height` pixels from (x0, y0) on, by their place there, row by row: to `out` (u32) the first of each run
 * of them and the one behind its last. A run may go on in the next row. Returns how many runs.
 */
export function runsInside(
  pixels: usize,
  count: u32,
  nx: u32,
  x0: u32,
  y0: u32,
  width: u32,
  height: u32,
  out: usize,
): u32 {
  let to = out;
  let end: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const pixel = u32At(pixels, k);
    const j = pixel / nx - y0;
    const i = (pixel % nx) - x0;
    // what lies before the window wraps round, and is no smaller than its sides either
    if (i >= width || j >= height) continue;
    const place = j * width + i;
    if (to == out || place != end) {
      store<u32>(to, place);
      to += 8;
    }
    end = place + 1;
    store<u32>(to - 4, end);
  }
  return <u32>((to - out) >> 3);
}
