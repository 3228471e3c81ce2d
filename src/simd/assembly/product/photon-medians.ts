import { medianOf } from '../select';
import { f64At, putF64 } from '../words';

/**
 * Medians of `parts` parts of equal number of what `count` stars differ by, f64 each as all here, in units of sqrt(fixed + k model), to `out`; `spare` has room for three
 * times as many as there are stars.
 */
export function photonMedians(
  difference: usize,
  fixed: usize,
  model: usize,
  count: u32,
  parts: u32,
  k: f64,
  spare: usize,
  out: usize,
): void {
  for (let i: u32 = 0; i < count; i++)
    putF64(spare, i, f64At(difference, i) / sqrt<f64>(f64At(fixed, i) + k * f64At(model, i)));
  const room = spare + (<usize>count << 3);
  for (let p: u32 = 0; p < parts; p++) {
    const from = (p * count) / parts;
    const to = ((p + 1) * count) / parts;
    putF64(out, p, medianOf<f64>(spare + (<usize>from << 3), to - from, room));
  }
}
