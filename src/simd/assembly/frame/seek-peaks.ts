// Peaks of the filtered image at full resolution; the twin is `src/astrometry/stars/find-peaks.ts`.
import { cellLength, cellStart, Detection, skyAt } from './detection';
import { filterPatch } from './filter-patch';
import { listPeaks } from './list-peaks';
import { f32At, f64At, putF64, u32At } from '../words';

/** Side of the patch in which a peak is sought. */
const PATCH: i32 = 5;

/**
 * Peaks above `sigmas` times the noise times `gain` in row `j` of the grid's cells: index, height and height in sigmas (f64 each) to `out`; returns how many. Those of
 * the coarse image above the shares `coarse` and `parabola` of that are followed up in at most `moves` moves; a peak may be found more than once.
 */
export function seekPeaks(
  detection: usize,
  j: u32,
  gain: f64,
  sigmas: f64,
  coarse: f64,
  parabola: f64,
  moves: u32,
  out: usize,
): u32 {
  const d = changetype<Detection>(detection);
  const start = cellStart(d.step, j);
  const y0 = max<u32>(d.coarseY0 + 1, (start + 1) >> 1);
  const y1 = min<u32>(d.coarseY1 - 1, (start + cellLength(d.height, d.step, d.ny, j) + 1) >> 1);
  let found: u32 = 0;
  for (let y = y0; y < y1; y++) {
    const row = d.coarse + (<usize>(y * d.coarseWidth) << 2);
    for (let i: u32 = 0; i < d.nx; i++) {
      const from = cellStart(d.step, i);
      const x0 = max<u32>(d.coarseX0 + 1, (from + 1) >> 1);
      const x1 = min<u32>(d.coarseX1 - 1, (from + cellLength(d.width, d.step, d.nx, i) + 1) >> 1);
      const sigma = f32At(d.noise, j * d.nx + i) * gain;
      const threshold = sigmas * sigma;
      const count = listPeaks(row, d.coarseWidth, x0, x1, coarse * threshold, parabola * threshold, d.columns);
      for (let c: u32 = 0; c < count; c++) {
        const peak = climb(d, 2 * u32At(d.columns, c), 2 * y, moves);
        if (peak < 0) continue;
        const value = f64At(d.out, 0);
        if (value <= threshold) continue;
        putF64(out, found++, <f64>peak);
        putF64(out, found++, value);
        putF64(out, found++, value / sigma);
      }
    }
  }
  return found / 3;
}

/** Index of the peak that (x, y) belongs to, its height to `out`; -1 where the way up leaves the image or has no end nearby. */
function climb(d: Detection, x: i32, y: i32, moves: u32): i32 {
  const reach = PATCH >> 1;
  const first = <i32>d.half;
  const lastX = max<i32>(first, <i32>(d.width + d.half + 1) - <i32>d.count);
  const lastY = max<i32>(first, <i32>(d.height + d.half + 1) - <i32>d.count);
  const data = d.patch;
  for (let move: u32 = 0; move <= moves; move++) {
    if (x - reach < first || x + reach >= lastX) return -1;
    if (y - reach < first || y + reach >= lastY) return -1;
    patch(d, x - reach, y - reach, PATCH);
    let best = PATCH * reach + reach;
    for (let j = 1; j < PATCH - 1; j++)
      for (let i = 1; i < PATCH - 1; i++) if (f64At(data, j * PATCH + i) > f64At(data, best)) best = j * PATCH + i;
    x += (best % PATCH) - reach;
    y += best / PATCH - reach;
    if (isPeak(data, best)) {
      putF64(d.out, 0, f64At(data, best));
      return y * d.width + x;
    }
  }
  return -1;
}

/** Higher than all eight neighbours in a patch; of equal ones the first counts. */
function isPeak(data: usize, k: u32): bool {
  const v = f64At(data, k);
  if (v <= f64At(data, k - 1) || v < f64At(data, k + 1)) return false;
  if (v <= f64At(data, k - PATCH) || v < f64At(data, k + PATCH)) return false;
  if (v <= f64At(data, k - PATCH - 1) || v <= f64At(data, k - PATCH + 1)) return false;
  return v >= f64At(data, k + PATCH - 1) && v >= f64At(data, k + PATCH + 1);
}

/** Filtered samples over the sky from (x0, y0) on, to `patch`. */
function patch(d: Detection, x0: u32, y0: u32, size: u32): void {
  const middle = (<f64>size - 1) / 2;
  const sky = skyAt(d, <f64>x0 + middle, <f64>y0 + middle);
  const at = d.frame + (<usize>((y0 - d.half) * d.width + x0 - d.half) << 1);
  filterPatch(at, d.width, d.flip, d.taps, d.count, size, sky, d.between, d.patch);
}

/** Whether the straight way between two samples no farther than `reach` apart dips to `limit` or below; what is farther apart is apart. */
export function saddleBelow(detection: usize, from: u32, to: u32, limit: f64, reach: i32): bool {
  const d = changetype<Detection>(detection);
  const x0 = <i32>(from % d.width), x1 = <i32>(to % d.width);
  const y0 = <i32>(from / d.width), y1 = <i32>(to / d.width);
  const steps = max<i32>(abs<i32>(x1 - x0), abs<i32>(y1 - y0));
  if (steps > reach) return true;
  // the dip is most often near the lower end, but not at it
  for (let i = 1; i < steps; i++) {
    const s = ((2 * steps - 3 - i) % (steps - 1)) + 1;
    const x = round(<f64>x0 + <f64>((x1 - x0) * s) / <f64>steps);
    const y = round(<f64>y0 + <f64>((y1 - y0) * s) / <f64>steps);
    patch(d, x, y, 1);
    if (f64At(d.patch, 0) <= limit) return true;
  }
  return false;
}

/** As `Math.round` of the twin does it, halves upwards. */
@inline
function round(value: f64): u32 {
  return <u32>floor<f64>(value + 0.5);
}
