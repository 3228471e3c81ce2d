// The distortion that frames share, of all links of a frame at once; terms as `src/astrometry/adjust/shared-distortion.ts` orders them.
import { POWERS_X, POWERS_Y } from './adjust-problem';
import { addF64, f32At, f64At, f64PairAt, putF64Pair } from '../../words';

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
  const linear = f64x2(s, t), crossed = f64x2(t, -s);
  const c0 = bothAt(terms, 0), c1 = bothAt(terms, 1), c2 = bothAt(terms, 2), c3 = bothAt(terms, 3);
  const c4 = bothAt(terms, 4), c5 = bothAt(terms, 5), c6 = bothAt(terms, 6);
  for (let l = from; l < to; l++) {
    const u = f64x2.splat(f32At(raw, 2 * l)), v = f64x2.splat(f32At(raw, 2 * l + 1));
    const ofU = f64x2.add(f64x2.add(c0, f64x2.mul(c3, u)), f64x2.mul(c4, v));
    const byU = f64x2.add(f64x2.add(linear, f64x2.mul(u, ofU)), f64x2.mul(v, f64x2.add(c1, f64x2.mul(c5, v))));
    const byV = f64x2.add(crossed, f64x2.mul(v, f64x2.add(c2, f64x2.mul(c6, v))));
    const moved = f64x2.add(f64x2.mul(u, byU), f64x2.mul(v, byV));
    putF64Pair(out, l, f64x2.add(f64PairAt(out, l), moved));
  }
}

/** What power `k` has in x and in y. */
@inline
function bothAt(terms: usize, k: u32): v128 {
  return f64x2(f64At(terms, POWERS_X + k), f64At(terms, POWERS_Y + k));
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
  const none = f64x2.splat(0);
  let c0 = none, c1 = none, c2 = none, c3 = none, c4 = none, c5 = none, c6 = none;
  for (let l = from; l < to; l++) {
    const u = f64x2.splat(f32At(raw, 2 * l)), v = f64x2.splat(f32At(raw, 2 * l + 1));
    const both = f64x2.mul(f64x2.splat(f32At(weight, l)), f64PairAt(values, l));
    const ofU = f64x2.mul(both, u), ofV = f64x2.mul(both, v);
    s += f64x2.extract_lane(ofU, 0) - f64x2.extract_lane(ofV, 1);
    t += f64x2.extract_lane(ofV, 0) + f64x2.extract_lane(ofU, 1);
    const uu = f64x2.mul(ofU, u), uv = f64x2.mul(ofU, v), vv = f64x2.mul(ofV, v);
    c0 = f64x2.add(c0, uu);
    c1 = f64x2.add(c1, uv);
    c2 = f64x2.add(c2, vv);
    c3 = f64x2.add(c3, f64x2.mul(uu, u));
    c4 = f64x2.add(c4, f64x2.mul(uu, v));
    c5 = f64x2.add(c5, f64x2.mul(uv, v));
    c6 = f64x2.add(c6, f64x2.mul(vv, v));
  }
  addF64(out, 0, s);
  addF64(out, 1, t);
  addBoth(out, 0, c0);
  addBoth(out, 1, c1);
  addBoth(out, 2, c2);
  addBoth(out, 3, c3);
  addBoth(out, 4, c4);
  addBoth(out, 5, c5);
  addBoth(out, 6, c6);
}

@inline
function addBoth(out: usize, k: u32, both: v128): void {
  addF64(out, POWERS_X + k, f64x2.extract_lane(both, 0));
  addF64(out, POWERS_Y + k, f64x2.extract_lane(both, 1));
}
