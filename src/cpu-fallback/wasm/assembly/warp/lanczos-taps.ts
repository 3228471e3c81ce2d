// Lanczos-3 over the 6 x 6 taps of one pixel. Everything is taken about one tap, so that constant images stay exactly constant and float32 is enough.
/** Bytes of a pixel's weights: w0 w1 w2 w3 of x, the same of y, then w4 and w5 of both. */
export const WEIGHTS_BYTES: usize = 48;

/** The first four weights of one axis at the phase `p` and the rest behind it. */
// @ts-ignore: decorator
@inline
export function fourWeights(p: usize, rest: v128): v128 {
  return f32x4.add(v128.load(p), f32x4.mul(v128.load(p, 16), rest));
}

/** The last two of both axes; `rests` is the rest of x twice, then that of y. */
// @ts-ignore: decorator
@inline
export function lastWeights(px: usize, py: usize, rests: v128): v128 {
  const x = v128.load(px, 32);
  const y = v128.load(py, 32);
  const weights = v128.shuffle<f32>(x, y, 0, 1, 4, 5);
  return f32x4.add(weights, f32x4.mul(v128.shuffle<f32>(x, y, 2, 3, 6, 7), rests));
}

/**
 * Stores the weights of a pixel at `target`, `rests` as the first two lanes of a vector. Of a row they stand there before any of its sums is begun: those of a phase are long to come,
 * and the processor looks only some hundred instructions ahead for pixels that could go on meanwhile.
 */
// @ts-ignore: decorator
@inline
export function storeWeights(px: usize, py: usize, rests: v128, target: usize): void {
  const wx = fourWeights(px, v128.shuffle<f32>(rests, rests, 0, 0, 0, 0));
  const wy = fourWeights(py, v128.shuffle<f32>(rests, rests, 1, 1, 1, 1));
  const last = lastWeights(px, py, v128.shuffle<f32>(rests, rests, 0, 0, 1, 1));
  v128.store(target, wx);
  v128.store(target, wy, 16);
  v128.store(target, last, 32);
}

/**
 * Stores at `target` the weighted sums about the central tap, as 4 lanes still to be added, and at `target + 32` the lanes of some taps, whose least is
 * no less than that of all. The engine's compiler moves loads up to the last store: the one in between keeps all in registers.
 */
// @ts-ignore: decorator
@inline
export function storeSums(p: usize, row: usize, wx: v128, wy: v128, last: v128, centre: v128, target: usize): void {
  const q = p + 3 * row;
  // Taps 4 and 5 of two rows make a vector.
  const b01 = v128.load64_lane(p + row, v128.load64_zero(p, 16), 1, 16);
  const b23 = v128.load64_lane(q, v128.load64_zero(p + 2 * row, 16), 1, 16);
  const b45 = v128.load64_lane(q + 2 * row, v128.load64_zero(q + row, 16), 1, 16);
  const pairs = f32x4.add(
    f32x4.add(
      f32x4.mul(f32x4.sub(b01, centre), v128.shuffle<f32>(wy, wy, 0, 0, 1, 1)),
      f32x4.mul(f32x4.sub(b23, centre), v128.shuffle<f32>(wy, wy, 2, 2, 3, 3)),
    ),
    f32x4.mul(f32x4.sub(b45, centre), v128.shuffle<f32>(last, last, 2, 2, 3, 3)),
  );
  v128.store(target, f32x4.mul(pairs, v128.shuffle<f32>(last, last, 0, 1, 0, 1)));
  const a0 = f32x4.sub(v128.load(p), centre);
  const a1 = f32x4.sub(v128.load(p + row), centre);
  const a2 = f32x4.sub(v128.load(p + 2 * row), centre);
  const a3 = f32x4.sub(v128.load(q), centre);
  const a4 = f32x4.sub(v128.load(q + row), centre);
  const a5 = f32x4.sub(v128.load(q + 2 * row), centre);
  const outer = f32x4.add(
    f32x4.add(
      f32x4.mul(a0, v128.shuffle<f32>(wy, wy, 0, 0, 0, 0)),
      f32x4.mul(a1, v128.shuffle<f32>(wy, wy, 1, 1, 1, 1)),
    ),
    f32x4.add(
      f32x4.mul(a4, v128.shuffle<f32>(last, last, 2, 2, 2, 2)),
      f32x4.mul(a5, v128.shuffle<f32>(last, last, 3, 3, 3, 3)),
    ),
  );
  const inner = f32x4.add(
    f32x4.mul(a2, v128.shuffle<f32>(wy, wy, 2, 2, 2, 2)),
    f32x4.mul(a3, v128.shuffle<f32>(wy, wy, 3, 3, 3, 3)),
  );
  const least = f32x4.pmin(f32x4.pmin(f32x4.pmin(a0, a1), f32x4.pmin(a2, a3)), f32x4.pmin(a4, a5));
  v128.store(target, least, 32);
  const fours = f32x4.mul(f32x4.add(outer, inner), wx);
  v128.store(target, f32x4.add(fours, v128.load(target)));
}

// @ts-ignore: decorator
@inline
function laneSum(v: v128): f32 {
  const halves = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1);
}

/** Value of the pixel whose first tap is at `p`, none of them blank, by the weights at `weights`, clamped as the contract of warp says. */
export function clampedValue(p: usize, row: usize, weights: usize, threshold: f32): f32 {
  const centre = load<f32>(p + 2 * row, 8);
  const about = f32x4.splat(centre);
  const wx = v128.load(weights);
  // Taps 2 to 5, of which 2 and 3 are counted already.
  const wxRest = v128.shuffle<f32>(v128.load(weights, 32), f32x4.splat(0), 4, 5, 0, 1);
  let signed = f32x4.splat(0);
  let magnitude = f32x4.splat(0);
  let least = f32x4.splat(Infinity);
  for (let j: usize = 0; j < 6; j++) {
    const w = v128.load32_splat(weights + (j < 4 ? j : j + 2) * 4, 16);
    const a = f32x4.sub(v128.load(p), about);
    const b = f32x4.sub(v128.load(p, 8), about);
    least = f32x4.pmin(least, f32x4.pmin(a, b));
    const fours = f32x4.mul(a, f32x4.mul(w, wx));
    const pairs = f32x4.mul(b, f32x4.mul(w, wxRest));
    signed = f32x4.add(signed, f32x4.add(fours, pairs));
    const foursOf = f32x4.mul(a, f32x4.abs(f32x4.mul(w, wx)));
    magnitude = f32x4.add(magnitude, f32x4.add(foursOf, f32x4.mul(b, f32x4.abs(f32x4.mul(w, wxRest)))));
    p += row;
  }
  least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
  least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 1, 0, 3, 2));
  const minimum = f32x4.extract_lane(least, 0);
  const sum = laneSum(signed);
  const all = laneSum(magnitude);
  const half: f32 = 0.5;
  const positive = (all + sum) * half;
  // All weights are 1 together.
  const weightMagnitude = magnitudeOf(weights, weights + 32) * magnitudeOf(weights + 16, weights + 40);
  const plusWeight = (weightMagnitude + 1) * half;
  // P and N of the contract: the same sums about the least tap.
  const plus = positive - plusWeight * minimum;
  const minus = (all - sum) * half - (weightMagnitude - 1) * half * minimum;
  return minus > threshold * plus ? centre + positive / plusWeight : centre + sum;
}

/** Sum of the magnitudes of the weights of one axis. */
function magnitudeOf(first: usize, last: usize): f32 {
  return laneSum(f32x4.add(f32x4.abs(v128.load(first)), f32x4.abs(v128.load64_zero(last))));
}
