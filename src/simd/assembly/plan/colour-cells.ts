// The passes over the cells of one frame that tell a nebula's colour: `src/photometry/colours/colour-cells.ts` says what they are, and makes this record. Sums are
// taken in the order of the cells.
import { factorBlock, solveBlock } from './cholesky';
import { surface, surfaceTerms } from './surface';
import { addF64, f32At, f64At, putF64 } from '../words';

const CHANNELS: u32 = 3;
const TERMS: u32 = 6;

@unmanaged
class ColourCells {
  count: u32;
  /** Of the polynomials: 3 or 6. */
  terms: u32;
  /** f64 [count] */
  x: usize;
  y: usize;
  weight: usize;
  distance: usize;
  /** f64 [3, count]: the channels, and what polynomials leave of them. */
  values: usize;
  left: usize;
  /** f64 [3, 6]: the polynomials. */
  fitted: usize;
  /** f64 [6, 6] */
  matrix: usize;
}

/** Channel `c` of `values` or `left`. */
@inline
function channel(q: ColourCells, base: usize, c: u32): usize {
  return base + (<usize>(c * q.count) << 3);
}

/** Takes up values of channel `c`, f32 in the frame's ADU: times `gain`, in units of `unit`; all weights 1. */
export function colourTake(cells: usize, c: u32, from: usize, gain: f64, unit: f64): void {
  const q = changetype<ColourCells>(cells);
  const to = channel(q, q.values, c);
  for (let k: u32 = 0; k < q.count; k++) {
    putF64(to, k, <f64>(<f32>(gain * f32At(from, k))) / unit);
    putF64(q.weight, k, 1);
  }
}

/** Polynomials under the channels, to `fitted`. */
export function colourFit(cells: usize): void {
  const q = changetype<ColourCells>(cells);
  const n = q.terms;
  memory.fill(q.fitted, 0, <usize>(CHANNELS * TERMS) << 3);
  if (n == TERMS) {
    sumMatrix(q);
    sumChannels(q);
  } else sumLinear(q, n);
  factorBlock(q.matrix, n);
  for (let c: u32 = 0; c < CHANNELS; c++) solveBlock(q.matrix, n, q.fitted + (<usize>(c * TERMS) << 3));
}

/** Both sums of fewer terms. */
function sumLinear(q: ColourCells, n: u32): void {
  memory.fill(q.matrix, 0, <usize>(n * n) << 3);
  const basis = memory.data(48);
  for (let k: u32 = 0; k < q.count; k++) {
    const weight = f64At(q.weight, k);
    if (weight == 0) continue;
    const x = f64At(q.x, k);
    const y = f64At(q.y, k);
    surfaceTerms(basis, x, y);
    for (let i: u32 = 0; i < n; i++) {
      const w = weight * f64At(basis, i);
      for (let c: u32 = 0; c < CHANNELS; c++)
        addF64(q.fitted, c * TERMS + i, w * f64At(channel(q, q.values, c), k));
      for (let j: u32 = 0; j <= i; j++) addF64(q.matrix, i * n + j, w * f64At(basis, j));
    }
  }
}

/** Rows of products of 1, x, y, xx, xy, yy, two numbers at once; what of them lies above the diagonal is not used. */
function sumMatrix(q: ColourCells): void {
  let s00 = f64x2.splat(0), s10 = s00, s20 = s00, s22 = s00, s30 = s00, s32 = s00;
  let s40 = s00, s42 = s00, s44 = s00, s50 = s00, s52 = s00, s54 = s00;
  const count = q.count, xs = q.x, ys = q.y, weights = q.weight;
  for (let k: u32 = 0; k < count; k++) {
    const weight = f64At(weights, k);
    if (weight == 0) continue;
    const x = f64At(xs, k);
    const y = f64At(ys, k);
    const b0 = f64x2(1, x), b2 = f64x2(y, x * x), b4 = f64x2(x * y, y * y);
    let part = f64x2.splat(weight);
    s00 = f64x2.add(s00, f64x2.mul(part, b0));
    part = f64x2.splat(weight * x);
    s10 = f64x2.add(s10, f64x2.mul(part, b0));
    part = f64x2.splat(weight * y);
    s20 = f64x2.add(s20, f64x2.mul(part, b0));
    s22 = f64x2.add(s22, f64x2.mul(part, b2));
    part = f64x2.splat(weight * (x * x));
    s30 = f64x2.add(s30, f64x2.mul(part, b0));
    s32 = f64x2.add(s32, f64x2.mul(part, b2));
    part = f64x2.splat(weight * (x * y));
    s40 = f64x2.add(s40, f64x2.mul(part, b0));
    s42 = f64x2.add(s42, f64x2.mul(part, b2));
    s44 = f64x2.add(s44, f64x2.mul(part, b4));
    part = f64x2.splat(weight * (y * y));
    s50 = f64x2.add(s50, f64x2.mul(part, b0));
    s52 = f64x2.add(s52, f64x2.mul(part, b2));
    s54 = f64x2.add(s54, f64x2.mul(part, b4));
  }
  const rows = q.matrix;
  v128.store(rows, s00);
  v128.store(rows, s10, 48);
  v128.store(rows, s20, 96);
  v128.store(rows, s22, 112);
  v128.store(rows, s30, 144);
  v128.store(rows, s32, 160);
  v128.store(rows, s40, 192);
  v128.store(rows, s42, 208);
  v128.store(rows, s44, 224);
  v128.store(rows, s50, 240);
  v128.store(rows, s52, 256);
  v128.store(rows, s54, 272);
}

/** Products of the channels with these, two numbers at once. */
function sumChannels(q: ColourCells): void {
  let r0 = f64x2.splat(0), r2 = r0, r4 = r0, g0 = r0, g2 = r0, g4 = r0, b0 = r0, b2 = r0, b4 = r0;
  const count = q.count, xs = q.x, ys = q.y, weights = q.weight;
  const reds = channel(q, q.values, 0), greens = channel(q, q.values, 1), blues = channel(q, q.values, 2);
  for (let k: u32 = 0; k < count; k++) {
    const weight = f64At(weights, k);
    if (weight == 0) continue;
    const x = f64At(xs, k);
    const y = f64At(ys, k);
    const w = f64x2.splat(weight);
    const w0 = f64x2.mul(w, f64x2(1, x));
    const w2 = f64x2.mul(w, f64x2(y, x * x));
    const w4 = f64x2.mul(w, f64x2(x * y, y * y));
    let value = f64x2.splat(f64At(reds, k));
    r0 = f64x2.add(r0, f64x2.mul(w0, value));
    r2 = f64x2.add(r2, f64x2.mul(w2, value));
    r4 = f64x2.add(r4, f64x2.mul(w4, value));
    value = f64x2.splat(f64At(greens, k));
    g0 = f64x2.add(g0, f64x2.mul(w0, value));
    g2 = f64x2.add(g2, f64x2.mul(w2, value));
    g4 = f64x2.add(g4, f64x2.mul(w4, value));
    value = f64x2.splat(f64At(blues, k));
    b0 = f64x2.add(b0, f64x2.mul(w0, value));
    b2 = f64x2.add(b2, f64x2.mul(w2, value));
    b4 = f64x2.add(b4, f64x2.mul(w4, value));
  }
  const sums = q.fitted;
  v128.store(sums, r0);
  v128.store(sums, r2, 16);
  v128.store(sums, r4, 32);
  v128.store(sums, g0, 48);
  v128.store(sums, g2, 64);
  v128.store(sums, g4, 80);
  v128.store(sums, b0, 96);
  v128.store(sums, b2, 112);
  v128.store(sums, b4, 128);
}

/** Takes polynomials from the channels. */
export function colourLeave(cells: usize): void {
  const q = changetype<ColourCells>(cells);
  colourFit(cells);
  for (let c: u32 = 0; c < CHANNELS; c++) {
    const values = channel(q, q.values, c);
    const left = channel(q, q.left, c);
    const p = q.fitted + (<usize>(c * TERMS) << 3);
    for (let k: u32 = 0; k < q.count; k++)
      putF64(left, k, f64At(values, k) - surface(p, TERMS, f64At(q.x, k), f64At(q.y, k)));
  }
}

/** Weighted products of what polynomials leave, to `out`: f64 [6], the lower triangle row by row; returns the sum of weights. */
export function colourProducts(cells: usize, out: usize): f64 {
  const q = changetype<ColourCells>(cells);
  let at: u32 = 0;
  for (let i: u32 = 0; i < CHANNELS; i++) {
    const a = channel(q, q.left, i);
    for (let j: u32 = 0; j <= i; j++) {
      const b = channel(q, q.left, j);
      let sum: f64 = 0;
      for (let k: u32 = 0; k < q.count; k++) sum += f64At(q.weight, k) * f64At(a, k) * f64At(b, k);
      putF64(out, at++, sum);
    }
  }
  let weights: f64 = 0;
  for (let k: u32 = 0; k < q.count; k++) weights += f64At(q.weight, k);
  return weights;
}

/** Of channel values at `base`, the part of cell `k` along a direction. */
@inline
function along(q: ColourCells, base: usize, k: u32, u: f64, v: f64, w: f64): f64 {
  return u * f64At(channel(q, base, 0), k) + v * f64At(channel(q, base, 1), k) + w * f64At(channel(q, base, 2), k);
}

/** Distances from two colours: (u, v, w) is the direction across both, (a, b, c) that across the nebula's and the first. */
export function colourMeasure(cells: usize, u: f64, v: f64, w: f64, a: f64, b: f64, c: f64, noise: f64): void {
  const q = changetype<ColourCells>(cells);
  let sum: f64 = 0;
  let total: f64 = 0;
  for (let k: u32 = 0; k < q.count; k++) {
    const weight = f64At(q.weight, k);
    sum += weight * along(q, q.values, k, u, v, w);
    total += weight;
  }
  const mean = sum / total;
  for (let k: u32 = 0; k < q.count; k++) {
    const across = along(q, q.left, k, a, b, c);
    const own = along(q, q.values, k, u, v, w) - mean;
    const distance = sqrt<f64>(across * across + own * own) / noise;
    // of a frame that is shut out altogether nothing is known
    putF64(q.distance, k, isNaN(distance) ? Infinity : distance);
  }
}

/** Tukey's weights of the distances. */
export function colourReweigh(cells: usize, limit: f64): void {
  const q = changetype<ColourCells>(cells);
  const scale = 1 / max<f64>(limit, f64.MIN_VALUE);
  for (let k: u32 = 0; k < q.count; k++) {
    const z = f64At(q.distance, k) * scale;
    const inside = 1 - z * z;
    putF64(q.weight, k, z < 1 ? inside * inside : 0);
  }
}
