// Which of some points lies nearest: src/quality/nearest-points.ts says of what.
import { f64At, putI32 } from '../words';

/**
 * For each of `placeCount` places (f64, x and y) at `places` the number of the nearest of `count` points at `points`, the first of several, to `out` (i32); -1 where none is at a
 * finite distance.
 */
export function nearestPoints(points: usize, count: u32, places: usize, placeCount: u32, out: usize): void {
  for (let p: u32 = 0; p < placeCount; p++) {
    const x = f64At(places, 2 * p);
    const y = f64At(places, 2 * p + 1);
    let best: i32 = -1;
    let least: f64 = Infinity;
    for (let k: u32 = 0; k < count; k++) {
      const dx = f64At(points, 2 * k) - x;
      const dy = f64At(points, 2 * k + 1) - y;
      const distance = dx * dx + dy * dy;
      if (!(distance < least)) continue;
      least = distance;
      best = k;
    }
    putI32(out, p, best);
  }
}
