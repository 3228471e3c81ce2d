// The normal matrix of the level solve times coefficients, and its right side: one pass over the observations up to the nodes, one back to the frames. The matrix itself is never formed.
import { LevelProblem } from './level-problem';
import { addF64, f32At, f64At, putF64, u32At } from '../../words';

/** The right side, to `left`. */
export function rightHandSide(q: LevelProblem): void {
  const count = u32At(q.start, q.frames);
  memory.fill(q.nodeMean, 0, <usize>q.nodes << 3);
  for (let o: u32 = 0; o < count; o++) addF64(q.nodeMean, u32At(q.node, o), f64At(q.weight, o) * f32At(q.level, o));
  divideByNodeWeight(q);
  for (let f: u32 = 0; f < q.frames; f++) {
    if (q.terms == 6) putSums(q, f, 0, q.left, 6, true);
    else if (q.terms == 3) putSums(q, f, 0, q.left, 3, true);
    else putSums(q, f, 0, q.left, 1, true);
  }
  clearHeld(q, q.left);
}

/** The normal matrix times `p`, to `product`; unused terms are 0. */
export function multiply(q: LevelProblem, p: usize): void {
  const terms = q.terms;
  memory.fill(q.nodeMean, 0, <usize>q.nodes << 3);
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = p + (<usize>(f * terms) << 3);
    if (terms == 6) addToNodes(q, f, c, 6);
    else if (terms == 3) addToNodes(q, f, c, 3);
    else addToNodes(q, f, c, 1);
  }
  divideByNodeWeight(q);
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = p + (<usize>(f * terms) << 3);
    if (terms == 6) putSums(q, f, c, q.product, 6, false);
    else if (terms == 3) putSums(q, f, c, q.product, 3, false);
    else putSums(q, f, c, q.product, 1, false);
    const at = q.product + (<usize>(f * terms) << 3);
    for (let k: u32 = 0; k < terms; k++) putF64(at, k, f64At(q.ridge, k) * f64At(c, k) + f64At(at, k));
  }
  clearHeld(q, q.product);
}

/** Coefficient `k` at `c`, of which there are `terms`. */
@inline
function term(c: usize, k: u32, terms: u32): f64 {
  return k < terms ? f64At(c, k) : 0;
}

@inline
function valueAt(terms: u32, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64, x: f64, y: f64): f64 {
  if (terms == 1) return c0;
  if (terms == 3) return c0 + x * c1 + y * c2;
  return c0 + x * (c1 + c3 * x + c4 * y) + y * (c2 + c5 * y);
}

/** Adds the surface of frame `f`, its coefficients at `c`, to the nodes that it sees, by weight. */
@inline
function addToNodes(q: LevelProblem, f: u32, c: usize, terms: u32): void {
  const c0 = f64At(c, 0), c1 = term(c, 1, terms), c2 = term(c, 2, terms);
  const c3 = term(c, 3, terms), c4 = term(c, 4, terms), c5 = term(c, 5, terms);
  const end = u32At(q.start, f + 1);
  let o = u32At(q.start, f);
  if (o >= end) return;
  // kept out of the record: each store might change that
  const node = q.node, weight = q.weight, xs = q.x, ys = q.y, mean = q.nodeMean;
  do {
    const value = valueAt(terms, c0, c1, c2, c3, c4, c5, f32At(xs, o), f32At(ys, o));
    addF64(mean, u32At(node, o), f64At(weight, o) * value);
  } while (++o < end);
}

/** Sums over frame `f`, by weight and by the terms of a surface, of what the levels or the surface at `c` have above the means of their nodes, to its place at `to`. */
@inline
function putSums(q: LevelProblem, f: u32, c: usize, to: usize, terms: u32, ofLevels: bool): void {
  let c0: f64 = 0, c1: f64 = 0, c2: f64 = 0, c3: f64 = 0, c4: f64 = 0, c5: f64 = 0;
  if (!ofLevels) {
    c0 = f64At(c, 0);
    c1 = term(c, 1, terms);
    c2 = term(c, 2, terms);
    c3 = term(c, 3, terms);
    c4 = term(c, 4, terms);
    c5 = term(c, 5, terms);
  }
  let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0, s4: f64 = 0, s5: f64 = 0;
  const end = u32At(q.start, f + 1);
  let o = u32At(q.start, f);
  const node = q.node, weight = q.weight, xs = q.x, ys = q.y, mean = q.nodeMean, level = q.level;
  if (o < end)
    do {
      const x = f32At(xs, o);
      const y = f32At(ys, o);
      const value = ofLevels ? f32At(level, o) : valueAt(terms, c0, c1, c2, c3, c4, c5, x, y);
      const d = f64At(weight, o) * (value - f64At(mean, u32At(node, o)));
      s0 += d;
      if (terms > 1) {
        s1 += d * x;
        s2 += d * y;
      }
      if (terms > 3) {
        s3 += d * x * x;
        s4 += d * x * y;
        s5 += d * y * y;
      }
    } while (++o < end);
  const at = to + (<usize>(f * terms) << 3);
  putF64(at, 0, s0);
  if (terms > 1) {
    putF64(at, 1, s1);
    putF64(at, 2, s2);
  }
  if (terms > 3) {
    putF64(at, 3, s3);
    putF64(at, 4, s4);
    putF64(at, 5, s5);
  }
}

function clearHeld(q: LevelProblem, p: usize): void {
  const bytes = <usize>q.terms << 3;
  for (let f: u32 = 0; f < q.frames; f++) if (load<u8>(q.held + f)) memory.fill(p + f * bytes, 0, bytes);
}

function divideByNodeWeight(q: LevelProblem): void {
  for (let n: u32 = 0; n < q.nodes; n++) {
    const w = f64At(q.nodeWeight, n);
    putF64(q.nodeMean, n, w > 0 ? f64At(q.nodeMean, n) / w : 0);
  }
}
