// Sites that a block is about to read (warp-cfa), brought into the cache before: they are short runs in many rows of planes that nobody has looked at for long, and all at once they take
// the time of a few.
import { bringRun } from '../bring-near';
import { GREEN } from '../cfa';
import { firstGreenRow, greenParity, greenRowBytes, isWide, planeAt, squareRowBytes } from './cfa-lattice';
import { WarpCfaJob as Job } from '../layout';
import { reachOf } from '../warp/warp-positions';

const RED: u32 = 0;
const BLUE: u32 = 2;

/** Of all colours, those up to `reach` pixels from any position of the block, as far as the window has them. */
export function bringSites(job: usize, block: usize, reach: f64): void {
  const left = firstPixel(block, block + 8, reach, Job.windowX(job));
  const right = lastPixel(block, block + 8, reach, Job.windowX(job), Job.windowWidth(job));
  const top = firstPixel(block + 4, block + 44, reach, Job.windowY(job));
  const bottom = lastPixel(block + 4, block + 44, reach, Job.windowY(job), Job.windowHeight(job));
  if (left > right || top > bottom) return;
  const red = planeAt(job, RED);
  const blue = planeAt(job, BLUE);
  const row = squareRowBytes(job);
  for (let n = top >> 1; n <= bottom >> 1; n++) {
    const at = <usize>n * row + <usize>(left >> 1) * 4;
    const end = <usize>n * row + <usize>(right >> 1) * 4;
    bringRun(red + at, red + end);
    bringRun(blue + at, blue + end);
  }
  const parity = <i32>greenParity(job);
  const wide = isWide(job);
  const pitch = greenRowBytes(job);
  const first = firstGreenRow(job);
  const green = planeAt(job, GREEN);
  const lastRow = (right - top - parity) >> 1;
  for (let n = (left - bottom - parity) >> 1; n <= lastRow; n++) {
    // x - y of its sites
    const aside = 2 * n + parity;
    const from = wide ? max(top, left - aside) : max(left, top + aside);
    const to = wide ? min(bottom, right - aside) : min(right, bottom + aside);
    if (from > to) continue;
    const at = green + <usize>(n - first) * pitch;
    bringRun(at + <usize>from * 4, at + <usize>to * 4);
  }
}

/** First pixel of the window, along one axis, up to `reach` from a position. */
function firstPixel(base: usize, coefficients: usize, reach: f64, start: i32): i32 {
  const centre = <f64>load<f32>(base) + <f64>load<f32>(coefficients);
  return <i32>Math.max(centre - reachOf(coefficients) - reach - <f64>start, 0);
}

function lastPixel(base: usize, coefficients: usize, reach: f64, start: i32, size: u32): i32 {
  const centre = <f64>load<f32>(base) + <f64>load<f32>(coefficients);
  return <i32>Math.min(centre + reachOf(coefficients) + reach - <f64>start, <f64>size - 1);
}
