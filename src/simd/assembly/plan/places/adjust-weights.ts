// What the links of the joint adjustment still count for after a step, and what is left of them: `src/astrometry/adjust/link-weights.ts`.
import { medianOf } from '../../select';
import { f32At, f64At, putF32, putF64, u32At } from '../../words';

/** Robust standard deviations beyond which residuals count for nothing (Tukey's biweight). */
const CLIP_SIGMA: f64 = 6;
/** 1 / sqrt(2 ln 2): standard deviation of a coordinate from the median length of normal 2-vectors. */
const RAYLEIGH: f64 = 0.8493;
/** Stars that agree better than this part of their noise are copies of one frame's. */
const LEAST_SPREAD: f64 = 0.1;

/** Weights f32 [links] of links `believed` as much, f32, that have `residual` left, f32 [links, 2], by the scatter of all; `spare` has room for three f64 a link. */
export function doubtLinks(residual: usize, believed: usize, links: u32, weight: usize, spare: usize): void {
  if (links == 0) return;
  for (let l: u32 = 0; l < links; l++) putF64(spare, l, sqrt(f32At(believed, l)) * length(residual, l));
  const middle = medianOf<f64>(spare, links, spare + (<usize>links << 3));
  const spread = max(LEAST_SPREAD, RAYLEIGH * middle);
  for (let l: u32 = 0; l < links; l++)
    putF32(weight, l, (f32At(believed, l) / (spread * spread)) * biweight(f64At(spare, l) / spread));
}

/** Weights f64 [nodes] of nodes whose places in the catalogue are `believed` as much, f64, and draw them by `pull`, f64 [nodes, 2]. */
export function doubtNodes(pull: usize, believed: usize, nodes: u32, weight: usize): void {
  for (let n: u32 = 0; n < nodes; n++) {
    const w = f64At(believed, n);
    putF64(weight, n, w * biweight(sqrt(w) * hypotenuse(f64At(pull, 2 * n), f64At(pull, 2 * n + 1))));
  }
}

/**
 * Adds to `costs`, f64 [optics], what is left of the links of each optics in units of its variance, and of the catalogue's draw on nodes after `steps`, each node with its first link;
 * `counted` is u8 [nodes], zeros.
 */
export function linkCosts(
  start: usize,
  opticsOf: usize,
  frames: u32,
  node: usize,
  weight: usize,
  residual: usize,
  pull: usize,
  steps: usize,
  nodeWeight: usize,
  counted: usize,
  costs: usize,
): void {
  for (let f: u32 = 0; f < frames; f++) {
    const o = u32At(opticsOf, f);
    let cost = f64At(costs, o);
    const end = u32At(start, f + 1);
    for (let l = u32At(start, f); l < end; l++) {
      const x = f32At(residual, 2 * l), y = f32At(residual, 2 * l + 1);
      cost += f32At(weight, l) * (x * x + y * y);
      const n = u32At(node, l);
      if (load<u8>(counted + n) != 0) continue;
      store<u8>(counted + n, 1);
      const e = f64At(pull, 2 * n) - f64At(steps, 2 * n);
      const k = f64At(pull, 2 * n + 1) - f64At(steps, 2 * n + 1);
      cost += f64At(nodeWeight, n) * (e * e + k * k);
    }
    putF64(costs, o, cost);
  }
}

@inline
function length(vectors: usize, i: u32): f64 {
  return hypotenuse(f32At(vectors, 2 * i), f32At(vectors, 2 * i + 1));
}

@inline
function hypotenuse(x: f64, y: f64): f64 {
  return sqrt(x * x + y * y);
}

@inline
function biweight(sigmas: f64): f64 {
  const t = sigmas / CLIP_SIGMA;
  const rest = 1 - t * t;
  return t < 1 ? rest * rest : 0;
}
