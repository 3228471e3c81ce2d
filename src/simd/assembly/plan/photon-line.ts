// Variance against level of the cells of background meshes: the line that `src/photometry/noise/photon-gain.ts` asks for.
import { medianOf } from '../select';
import { f64At, putF64 } from '../words';

const MIN_CELLS: u32 = 60;
const ROUNDS: u32 = 4;
const CLIP_SIGMA: f64 = 3;
/** Levels must spread over this share of the noise of a pixel: within less, what a cell's mean is off by chance passes for light. */
const MIN_SPREAD: f64 = 0.2;
/** Of the middle variance. */
const LEAST_FIT: f64 = 0.2;

/**
 * Slope, intercept and (scatter / sqrt(weighted spread of x) / slope) of y over x, f64 `[count]`, to `out`; 0 where nothing can be said. Variances scatter in proportion to
 * themselves: weights 1 / fit^2, and what lies beyond 3 robust deviations has none. `spare` has room for four times as many.
 */
export function photonLine(x: usize, y: usize, count: u32, spare: usize, out: usize): u32 {
  if (count < MIN_CELLS) return 0;
  const weights = spare;
  const off = spare + (<usize>count << 3);
  const spareOff = off + (<usize>count << 3);
  const middle = medianOf<f64>(y, count, spareOff);
  // a line that dips below is held off 0: such weights would be all that counts
  const least = LEAST_FIT * middle;
  let slope: f64 = 0, intercept = middle, limit: f64 = Infinity;
  for (let round: u32 = 0; round < ROUNDS; round++) {
    let n: u32 = 0;
    let w: f64 = 0, wx: f64 = 0, wy: f64 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const fit = max(intercept + slope * f64At(x, i), least);
      const weight = abs(f64At(y, i) / fit - 1) <= limit ? 1 / (fit * fit) : 0;
      putF64(weights, i, weight);
      if (weight > 0) n++;
      w += weight;
      wx += weight * f64At(x, i);
      wy += weight * f64At(y, i);
    }
    const meanX = wx / w, meanY = wy / w;
    let xx: f64 = 0, xy: f64 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const dx = f64At(x, i) - meanX;
      xx += f64At(weights, i) * (dx * dx);
      xy += f64At(weights, i) * dx * (f64At(y, i) - meanY);
    }
    if (!(n >= MIN_CELLS && xx / w > MIN_SPREAD * MIN_SPREAD * middle)) return 0;
    slope = xy / xx;
    intercept = meanY - slope * meanX;
    for (let i: u32 = 0; i < count; i++)
      putF64(off, i, abs(f64At(y, i) / max(intercept + slope * f64At(x, i), least) - 1));
    const scatter = 1.4826 * medianOf<f64>(off, count, spareOff);
    limit = CLIP_SIGMA * scatter;
    putF64(out, 0, slope);
    putF64(out, 1, intercept);
    putF64(out, 2, scatter / sqrt(xx) / slope);
  }
  return u32(slope > 0);
}

/** Median of y over what the line says. `spare` as above. */
export function photonRatio(x: usize, y: usize, count: u32, slope: f64, intercept: f64, spare: usize): f64 {
  for (let i: u32 = 0; i < count; i++) putF64(spare, i, f64At(y, i) / (intercept + slope * f64At(x, i)));
  return medianOf<f64>(spare, count, spare + (<usize>count << 3));
}
