// Robust means of what frames show of each star: `src/photometry/star-columns.ts`.
import { medianOf } from '../select';
import { f64At, putF64, u32At } from '../words';

/**
 * Mean of each star's values, observations `start[s] .. start[s + 1] - 1`, by weights (1 - z^2)^2 / sigma^2 about their median, z in units of `reach` sigmas, to `mean`, NaN where there are none, and the weights to
 * `weight`, which is given as zeros. u32 [stars + 1] and f64; `spare` has room for twice as many values as any star has.
 */
export function starMeans(
  start: usize,
  value: usize,
  sigma: usize,
  weight: usize,
  mean: usize,
  stars: u32,
  reach: f64,
  spare: usize,
): void {
  for (let star: u32 = 0; star < stars; star++) {
    const from = u32At(start, star), to = u32At(start, star + 1);
    if (to == from) {
      putF64(mean, star, NaN);
      continue;
    }
    const median = medianOf<f64>(value + (<usize>from << 3), to - from, spare);
    let sum: f64 = 0, total: f64 = 0;
    for (let o = from; o < to; o++) {
      const s = f64At(sigma, o);
      const z = (f64At(value, o) - median) / (s * reach);
      if (!(abs(z) < 1)) continue;
      const root = (1 - z * z) / s;
      const w = root * root;
      putF64(weight, o, w);
      sum += w * f64At(value, o);
      total += w;
    }
    putF64(mean, star, total > 0 ? sum / total : median);
  }
}
