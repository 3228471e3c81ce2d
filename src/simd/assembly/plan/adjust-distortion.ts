// The distortion that frames share, of all links of a frame at once; terms as `src/astrometry/adjust/shared-distortion.ts` orders them.
import { POWERS_X, POWERS_Y } from './adjust-problem';
import { addF64, f32At, f64At } from '../words';

/** Adds the distortion of the terms at `terms` at links `from` to `to` - 1 to the pairs in `out`. */
export function distortAll(terms: usize, order: u32, raw: usize, from: u32, to: u32, out: usize): void {
  const s = f64At(terms, 0), t = f64At(terms, 1);
  if (order == 1) {
    for (let i: u32 = 2 * from; i < 2 * to; i += 2) {
      const u = f32At(raw, i), v = f32At(raw, i + 1);
      addF64(out, i, s * u + t * v);
      addF64(out, i + 1, t * u - s * v);
    }
    return;
  }
  const a0 = f64At(terms, POWERS_X), a1 = f64At(terms, POWERS_X + 1), a2 = f64At(terms, POWERS_X + 2);
  const a3 = f64At(terms, POWERS_X + 3), a4 = f64At(terms, POWERS_X + 4), a5 = f64At(terms, POWERS_X + 5);
  const a6 = f64At(terms, POWERS_X + 6);
  const b0 = f64At(terms, POWERS_Y), b1 = f64At(terms, POWERS_Y + 1), b2 = f64At(terms, POWERS_Y + 2);
  const b3 = f64At(terms, POWERS_Y + 3), b4 = f64At(terms, POWERS_Y + 4), b5 = f64At(terms, POWERS_Y + 5);
  const b6 = f64At(terms, POWERS_Y + 6);
  for (let i: u32 = 2 * from; i < 2 * to; i += 2) {
    const u = f32At(raw, i), v = f32At(raw, i + 1);
    addF64(out, i, u * (s + u * (a0 + a3 * u + a4 * v) + v * (a1 + a5 * v)) + v * (t + v * (a2 + a6 * v)));
    addF64(out, i + 1, u * (t + u * (b0 + b3 * u + b4 * v) + v * (b1 + b5 * v)) + v * (v * (b2 + b6 * v) - s));
  }
}

/** The transpose: adds what the pairs of `values`, each times its weight, contribute to each term at `out`. */
export function distortAllTranspose(
  values: usize,
  weight: usize,
  order: u32,
  raw: usize,
  from: u32,
  to: u32,
  out: usize,
): void {
  let s: f64 = 0, t: f64 = 0;
  if (order == 1) {
    for (let l = from; l < to; l++) {
      const u = f32At(raw, 2 * l), v = f32At(raw, 2 * l + 1);
      const x = f32At(weight, l) * f64At(values, 2 * l);
      const y = f32At(weight, l) * f64At(values, 2 * l + 1);
      s += x * u - y * v;
      t += x * v + y * u;
    }
    addF64(out, 0, s);
    addF64(out, 1, t);
    return;
  }
  let a0: f64 = 0, a1: f64 = 0, a2: f64 = 0, a3: f64 = 0, a4: f64 = 0, a5: f64 = 0, a6: f64 = 0;
  let b0: f64 = 0, b1: f64 = 0, b2: f64 = 0, b3: f64 = 0, b4: f64 = 0, b5: f64 = 0, b6: f64 = 0;
  for (let l = from; l < to; l++) {
    const u = f32At(raw, 2 * l), v = f32At(raw, 2 * l + 1);
    const x = f32At(weight, l) * f64At(values, 2 * l);
    const y = f32At(weight, l) * f64At(values, 2 * l + 1);
    const xu = x * u, xv = x * v, yu = y * u, yv = y * v;
    s += xu - yv;
    t += xv + yu;
    const xuu = xu * u, xuv = xu * v, xvv = xv * v;
    a0 += xuu;
    a1 += xuv;
    a2 += xvv;
    a3 += xuu * u;
    a4 += xuu * v;
    a5 += xuv * v;
    a6 += xvv * v;
    const yuu = yu * u, yuv = yu * v, yvv = yv * v;
    b0 += yuu;
    b1 += yuv;
    b2 += yvv;
    b3 += yuu * u;
    b4 += yuu * v;
    b5 += yuv * v;
    b6 += yvv * v;
  }
  addF64(out, 0, s);
  addF64(out, 1, t);
  addF64(out, POWERS_X, a0);
  addF64(out, POWERS_X + 1, a1);
  addF64(out, POWERS_X + 2, a2);
  addF64(out, POWERS_X + 3, a3);
  addF64(out, POWERS_X + 4, a4);
  addF64(out, POWERS_X + 5, a5);
  addF64(out, POWERS_X + 6, a6);
  addF64(out, POWERS_Y, b0);
  addF64(out, POWERS_Y + 1, b1);
  addF64(out, POWERS_Y + 2, b2);
  addF64(out, POWERS_Y + 3, b3);
  addF64(out, POWERS_Y + 4, b4);
  addF64(out, POWERS_Y + 5, b5);
  addF64(out, POWERS_Y + 6, b6);
}
