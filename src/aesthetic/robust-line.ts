// A straight line through points of which some are wrong.
import { median, scatter } from '../quality/robust.js';

/** `y = level + slope * (x - at)` and what it leaves. */
export interface RobustLine {
  readonly slope: number;
  /** Value at `at`. */
  readonly level: number;
  readonly at: number;
  /** Gaussian-equivalent scatter of the points about the line, wrong ones without weight. */
  readonly scatter: number;
  /** Points within three scatters. */
  readonly points: number;
}

const OUTLIER = 3;
const PASSES = 6;

/**
 * The line of `y` over `x` with its value given at `at`: Theil and Sen's median of slopes to begin with (Sen 1968, JASA 63, 1379), then least
 * squares over what lies within three scatters. Three points at least; where all x are one the slope is 0.
 */
export function robustLine(x: readonly number[], y: readonly number[], at: number): RobustLine {
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i++)
    for (let j = 0; j < i; j++) if (x[i] !== x[j]) slopes.push((y[i] - y[j]) / (x[i] - x[j]));
  let slope = slopes.length > 0 ? median(slopes) : 0;
  let level = median(y.map((v, k) => v - slope * (x[k] - at)));
  let spread = NaN;
  let points = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const left = y.map((v, k) => v - level - slope * (x[k] - at));
    spread = scatter(left, 0);
    const good = Array.from(x.keys()).filter((k) => Math.abs(left[k]) <= OUTLIER * spread);
    points = good.length;
    if (points < 3) break;
    const mean = (list: readonly number[]) => good.reduce((sum, k) => sum + list[k], 0) / points;
    const [mx, my] = [mean(x), mean(y)];
    const sxx = good.reduce((sum, k) => sum + (x[k] - mx) ** 2, 0);
    const sxy = good.reduce((sum, k) => sum + (x[k] - mx) * (y[k] - my), 0);
    if (sxx > 0) slope = sxy / sxx;
    level = my + slope * (at - mx);
  }
  return { slope, level, at, scatter: spread, points };
}
