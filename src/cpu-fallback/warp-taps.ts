// Values of one plane at a position, for the warp twins: nearest, bilinear, cubic and Lanczos-3 taps with blanks and clamping.
import { BLANK_LIMIT, BLANK_VALUE } from '../compute/constants.js';
import { LANCZOS_TABLE_SIZE } from '../compute/contracts/warp.js';

/** Taps along each axis of Lanczos-3. */
const REACH = 6;

/** One plane of a frame window, and where it starts in its buffer. */
export interface PlaneWindow {
  readonly data: Float32Array;
  readonly start: number;
  readonly width: number;
  readonly height: number;
}

/** Weights along one axis at fraction `f` in [0, 1], for taps k-2..k+3, from the linearly interpolated table. */
export function lanczosWeights(table: Float32Array, f: number, weights: Float64Array): void {
  const at = f * LANCZOS_TABLE_SIZE;
  // a fraction may be rounded up to 1, and nothing stands before the table
  const entry = Math.min(Math.floor(at), LANCZOS_TABLE_SIZE - 1);
  const rest = at - entry;
  for (let i = 0; i < REACH; i++) {
    // |t| = f + 2 - i rises with f on the left, falls on the right: the same fraction, read from the other side.
    const from = i < 3 ? (2 - i) * LANCZOS_TABLE_SIZE + entry : (i - 2) * LANCZOS_TABLE_SIZE - entry;
    const to = i < 3 ? from + 1 : from - 1;
    weights[i] = table[from] + (table[to] - table[from]) * rest;
  }
}

/** Sample at window pixel (x, y). */
export function nearest(w: PlaneWindow, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= w.width || y >= w.height) return BLANK_VALUE;
  return w.data[w.start + y * w.width + x];
}

/** Bilinear value at (x + fx, y + fy), renormalised over the valid taps. */
export function bilinear(w: PlaneWindow, x: number, y: number, fx: number, fy: number): number {
  const a = nearest(w, x, y);
  const b = nearest(w, x + 1, y);
  const c = nearest(w, x, y + 1);
  const d = nearest(w, x + 1, y + 1);
  let sum = 0;
  let weights = 0;
  if (a > BLANK_LIMIT) {
    sum += (1 - fx) * (1 - fy) * a;
    weights += (1 - fx) * (1 - fy);
  }
  if (b > BLANK_LIMIT) {
    sum += fx * (1 - fy) * b;
    weights += fx * (1 - fy);
  }
  if (c > BLANK_LIMIT) {
    sum += (1 - fx) * fy * c;
    weights += (1 - fx) * fy;
  }
  if (d > BLANK_LIMIT) {
    sum += fx * fy * d;
    weights += fx * fy;
  }
  return weights < 0.5 ? BLANK_VALUE : sum / weights;
}

/**
 * Lanczos-3 value with integer pixel (x, y) and the weights of its taps x-2..x+3, y-2..y+3. With S+ and S- the sums of w v over positive
 * weights and |w| v over negative ones, W+ and W- those of the weights alone: P = S+ - W+ v_min and N = S- - W- v_min, so that the
 * clamp condition N > c P reads S- - c S+ > (W- - c W+) v_min: one limit for v_min, found without the minimum, whose branches
 * would cost more than the sums.
 */
export function lanczos3(
  w: PlaneWindow,
  x: number,
  y: number,
  wx: Float64Array,
  wy: Float64Array,
  clampThreshold: number,
): number {
  const { data, width } = w;
  if (x < 2 || y < 2 || x + 3 >= width || y + 3 >= w.height) {
    return convolved(w, x, y, wx, wy, clampThreshold);
  }
  // Positive weights are those of taps 0, 2, 3 and 5 (|t| in [2, 3] or [0, 1]), negative those of 1 and 4, along both axes.
  const w0 = wx[0];
  const w1 = -wx[1];
  const w2 = wx[2];
  const w3 = wx[3];
  const w4 = -wx[4];
  const w5 = wx[5];
  const first = w.start + (y - 2) * width + x - 2;
  let positive = 0;
  let negative = 0;
  for (let j = 0, at = first; j < REACH; j++, at += width) {
    const v0 = data[at];
    const v1 = data[at + 1];
    const v2 = data[at + 2];
    const v3 = data[at + 3];
    const v4 = data[at + 4];
    const v5 = data[at + 5];
    // One blank among six physical values pulls their sum below the limit.
    if (v0 + v1 + v2 + v3 + v4 + v5 < BLANK_LIMIT) return convolved(w, x, y, wx, wy, clampThreshold);
    const plus = w0 * v0 + w2 * v2 + w3 * v3 + w5 * v5;
    const minus = w1 * v1 + w4 * v4;
    const weight = wy[j];
    if (weight > 0) {
      positive += weight * plus;
      negative += weight * minus;
    } else {
      positive -= weight * minus;
      negative -= weight * plus;
    }
  }
  const plusX = w0 + w2 + w3 + w5;
  const minusX = w1 + w4;
  const plusY = wy[0] + wy[2] + wy[3] + wy[5];
  const minusY = -wy[1] - wy[4];
  const plusWeight = plusX * plusY + minusX * minusY;
  const minusWeight = plusX * minusY + minusX * plusY;
  const slope = minusWeight - clampThreshold * plusWeight;
  const excess = negative - clampThreshold * positive;
  const clamped =
    clampThreshold === Infinity
      ? false
      : slope < 0
        ? !anyBelow(data, first, width, excess / slope, true)
        : slope > 0
          ? anyBelow(data, first, width, excess / slope, false)
          : excess > 0;
  return clamped ? positive / plusWeight : (positive - negative) / (plusWeight - minusWeight);
}

/** True when one of the 6x6 taps lies below the limit, or on it where `inclusive`. */
function anyBelow(
  data: Float32Array,
  first: number,
  width: number,
  limit: number,
  inclusive: boolean,
): boolean {
  for (let j = 0, at = first; j < REACH; j++, at += width) {
    for (let i = 0; i < REACH; i++) {
      const v = data[at + i];
      if (v < limit || (inclusive && v === limit)) return true;
    }
  }
  return false;
}

/** Weights along one axis of Keys' cubic convolution (a = -1/2) at fraction `f` in [0, 1), for taps k-1..k+2. */
export function cubicWeights(f: number, weights: Float64Array): void {
  const g = 1 - f;
  weights[0] = -0.5 * f * g * g;
  weights[1] = 1 + f * f * (1.5 * f - 2.5);
  weights[2] = 1 + g * g * (1.5 * g - 2.5);
  weights[3] = -0.5 * g * f * f;
}

/**
 * Value of a separable kernel of any even number of taps around integer pixel (x, y), as the contract words it: for kernels without a path of
 * their own, and for all where taps are blank or outside the window.
 */
export function convolved(
  w: PlaneWindow,
  x: number,
  y: number,
  wx: Float64Array,
  wy: Float64Array,
  clampThreshold: number,
): number {
  const taps = wx.length;
  const before = taps / 2 - 1;
  let least = Infinity;
  let full = 0;
  for (let j = 0; j < taps; j++) {
    for (let i = 0; i < taps; i++) {
      full += wy[j] * wx[i];
      const v = nearest(w, x - before + i, y - before + j);
      if (v > BLANK_LIMIT && v < least) least = v;
    }
  }
  let p = 0;
  let n = 0;
  let plusWeight = 0;
  let minusWeight = 0;
  for (let j = 0; j < taps; j++) {
    for (let i = 0; i < taps; i++) {
      const v = nearest(w, x - before + i, y - before + j);
      if (!(v > BLANK_LIMIT)) continue;
      const weight = wy[j] * wx[i];
      if (weight > 0) {
        p += weight * (v - least);
        plusWeight += weight;
      } else {
        n -= weight * (v - least);
        minusWeight += weight;
      }
    }
  }
  if (plusWeight + minusWeight < 0.5 * full) return BLANK_VALUE;
  if (n > clampThreshold * p) return least + p / plusWeight;
  return least + (p - n) / (plusWeight + minusWeight);
}
