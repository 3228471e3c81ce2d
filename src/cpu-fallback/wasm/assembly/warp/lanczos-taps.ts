// Lanczos-3 over the 6 x 6 taps of one pixel. Everything is taken about one tap, so that constant images stay exactly constant and float32 is enough.
import { PHASE_BYTES } from './lanczos-phases';

/** Weights of one axis at the phase `p` and the rest behind it: the first vector, or at 16 the second, as lanczos-phases has them. */
// @ts-ignore: decorator
@inline
export function weightsAt(p: usize, rest: v128): v128 {
  const w = v128.load(p);
  return f32x4.add(w, f32x4.mul(f32x4.sub(v128.load(p, PHASE_BYTES), w), rest));
}

/** Bytes of a pixel's weights: two vectors of x, two of y. */
export const WEIGHTS_BYTES: usize = 64;

/**
 * Stores the weights of a pixel at `target`, and at `weight` their sum over all taps. Of a row they stand there before any of its sums is begun: those of a phase are
 * long to come, and the processor looks only some 250 instructions ahead for pixels that could go on meanwhile.
 */
// @ts-ignore: decorator
@inline
export function storeWeights(px: usize, py: usize, rx: v128, ry: v128, target: usize, weight: usize): void {
  const wx1 = weightsAt(px + 16, rx);
  const wy1 = weightsAt(py + 16, ry);
  v128.store(target, weightsAt(px, rx));
  v128.store(target, wx1, 16);
  v128.store(target, weightsAt(py, ry), 32);
  v128.store(target, wy1, 48);
  v128.store32_lane(weight, f32x4.mul(wx1, wy1), 0);
}

/**
 * Stores at `target` the weighted sums about the central tap, as 4 lanes still to be added, and at `target + 32` the lanes of some taps, whose least is
 * no less than that of all. The engine's compiler moves loads up to the last store: the one in between keeps all in registers.
 */
// @ts-ignore: decorator
@inline
export function storeSums(
  p: usize,
  row: usize,
  wx: v128,
  wx1: v128,
  wy: v128,
  wy1: v128,
  centre: v128,
  target: usize,
): void {
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
    f32x4.mul(f32x4.sub(b45, centre), v128.shuffle<f32>(wy1, wy1, 2, 2, 3, 3)),
  );
  v128.store(target, f32x4.mul(pairs, v128.shuffle<f32>(wx1, wx1, 2, 3, 2, 3)));
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
      f32x4.mul(a4, v128.shuffle<f32>(wy1, wy1, 2, 2, 2, 2)),
      f32x4.mul(a5, v128.shuffle<f32>(wy1, wy1, 3, 3, 3, 3)),
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
  const wx1 = v128.load(weights, 16);
  const sums = f32x4.mul(wx1, v128.load(weights, 48));
  // Taps 2 to 5, of which 2 and 3 are counted already.
  const wxRest = v128.shuffle<f32>(f32x4.splat(0), wx1, 0, 1, 6, 7);
  let signed = f32x4.splat(0);
  let magnitude = f32x4.splat(0);
  let least = f32x4.splat(Infinity);
  for (let j: usize = 0; j < 6; j++) {
    const w = v128.load32_splat(weights + (j < 4 ? j : j + 2) * 4, 32);
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
  const weight = f32x4.extract_lane(sums, 0);
  const weightMagnitude = f32x4.extract_lane(sums, 1);
  const half: f32 = 0.5;
  const positive = (all + sum) * half;
  const plusWeight = (weightMagnitude + weight) * half;
  // P and N of the contract: the same sums about the least tap.
  const plus = positive - plusWeight * minimum;
  const minus = (all - sum) * half - (weightMagnitude - weight) * half * minimum;
  return minus > threshold * plus ? centre + positive / plusWeight : centre + sum / weight;
}
