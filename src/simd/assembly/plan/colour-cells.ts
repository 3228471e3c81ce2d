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
  memory.fill(q.matrix, 0, <usize>(n * n) << 3);
  memory.fill(q.fitted, 0, <usize>(CHANNELS * TERMS) << 3);
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
  factorBlock(q.matrix, n);
  for (let c: u32 = 0; c < CHANNELS; c++) solveBlock(q.matrix, n, q.fitted + (<usize>(c * TERMS) << 3));
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
