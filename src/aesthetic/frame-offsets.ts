// The light that frames have too much or too little against each other, told by the steps where they end.
import type { SeamStep } from '../quality/seams.js';
import { median } from '../quality/robust.js';

/** A frame on the mosaic: its outline (corner first, x, y pairs) and what it weighs in the mean. */
export interface HealFrame {
  readonly outline: Float64Array;
  readonly weight: number;
}

/** How far a step may be trusted beyond its noise. */
export type HealStrength = 'low' | 'normal' | 'strong';

/** Expected size of a frame's offset, in units of what the steps themselves say. */
const PRIOR: Readonly<Record<HealStrength, number>> = { low: 0.3, normal: 1, strong: 3 };
/** The frames on either side are those this far within and beyond the edge: rounding of outlines has no say. */
const ASIDE_PX = 6;
/** Beyond so many sigmas a step counts less (Huber): borders of nebulae are no seams. */
const HUBER = 2;
const REWEIGHTINGS = 4;
const MAX_ITERATIONS = 200;

interface Equation {
  readonly frames: Int32Array;
  readonly factors: Float64Array;
  readonly step: number;
}

/**
 * The offset of each frame, ADU. A mosaic is the mean of its frames by their weights, so where frame i ends it steps by what it loses with i: the steps of
 * one plane are linear in the offsets, which are the most likely ones for steps of noise `sigma` and offsets of a size that the steps
 * suggest. Solved by conjugate gradients; offsets that no step tells are 0.
 */
export function frameOffsets(
  frames: readonly HealFrame[],
  steps: readonly SeamStep[],
  plane: number,
  strength: HealStrength,
): Float64Array {
  const equations = steps.flatMap((step) => equationOf(frames, step, plane) ?? []);
  const offsets = new Float64Array(frames.length);
  if (equations.length === 0) return offsets;
  const controls = steps.map(({ control }) => control[plane]).filter((v) => !Number.isNaN(v));
  const sizes = equations.map(({ step }) => Math.abs(step));
  const sigma = 1.4826 * median((controls.length > 0 ? controls : sizes).map(Math.abs)) || 1;
  const reach = median(equations.map(({ factors }) => Math.hypot(...factors)));
  const excess = Math.sqrt(Math.max(0, (1.4826 * median(sizes)) ** 2 - sigma ** 2));
  const prior = (PRIOR[strength] * Math.max(excess, 0.1 * sigma)) / reach;
  const weights = new Float64Array(equations.length).fill(1 / sigma ** 2);
  for (let pass = 0; pass < REWEIGHTINGS; pass++) {
    solve(equations, weights, 1 / prior ** 2, offsets);
    equations.forEach((equation, k) => {
      const left = Math.abs(equation.step - predicted(equation, offsets)) / sigma;
      weights[k] = Math.min(1, HUBER / Math.max(left, 1e-12)) / sigma ** 2;
    });
  }
  return offsets;
}

function equationOf(
  frames: readonly HealFrame[],
  { x, y, frame, step }: SeamStep,
  plane: number,
): Equation | undefined {
  if (Number.isNaN(step[plane])) return undefined;
  const [cx, cy] = middleOf(frames[frame].outline);
  const away = Math.hypot(x - cx, y - cy) || 1;
  const [ix, iy] = [x - (ASIDE_PX * (x - cx)) / away, y - (ASIDE_PX * (y - cy)) / away];
  const members = Array.from(frames.keys()).filter((f) => f === frame || isInside(frames[f].outline, ix, iy));
  const whole = members.reduce((sum, f) => sum + frames[f].weight, 0);
  const rest = whole - frames[frame].weight;
  if (!(rest > 0)) return undefined;
  const factors = members.map((f) =>
    f === frame ? -frames[f].weight / whole : frames[f].weight / rest - frames[f].weight / whole,
  );
  return { frames: Int32Array.from(members), factors: Float64Array.from(factors), step: step[plane] };
}

function predicted({ frames, factors }: Equation, offsets: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < frames.length; k++) sum += factors[k] * offsets[frames[k]];
  return sum;
}

/** Minimises `sum weights (step - predicted)^2 + ridge |offsets|^2`. */
function solve(
  equations: readonly Equation[],
  weights: Float64Array,
  ridge: number,
  offsets: Float64Array,
): void {
  const product = (v: Float64Array): Float64Array => {
    const out = v.map((value) => ridge * value);
    equations.forEach((equation, k) => {
      const along = weights[k] * predicted(equation, v);
      for (let m = 0; m < equation.frames.length; m++) out[equation.frames[m]] += along * equation.factors[m];
    });
    return out;
  };
  const residual = new Float64Array(offsets.length);
  equations.forEach(({ frames, factors, step }, k) => {
    for (let m = 0; m < frames.length; m++) residual[frames[m]] += weights[k] * step * factors[m];
  });
  offsets.fill(0);
  const direction = residual.slice();
  let norm = residual.reduce((sum, v) => sum + v * v, 0);
  const enough = 1e-16 * norm;
  for (let i = 0; i < MAX_ITERATIONS && norm > enough; i++) {
    const image = product(direction);
    const length = norm / direction.reduce((sum, v, k) => sum + v * image[k], 0);
    for (let k = 0; k < offsets.length; k++) {
      offsets[k] += length * direction[k];
      residual[k] -= length * image[k];
    }
    const next = residual.reduce((sum, v) => sum + v * v, 0);
    for (let k = 0; k < offsets.length; k++) direction[k] = residual[k] + (next / norm) * direction[k];
    norm = next;
  }
}

function middleOf(outline: Float64Array): readonly [number, number] {
  let [x, y] = [0, 0];
  for (let i = 0; i < outline.length; i += 2) [x, y] = [x + outline[i], y + outline[i + 1]];
  return [(2 * x) / outline.length, (2 * y) / outline.length];
}

function isInside(outline: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const [y1, y2] = [outline[i + 1], outline[j + 1]];
    if (y1 > y === y2 > y) continue;
    if (x < outline[i] + ((y - y1) * (outline[j] - outline[i])) / (y2 - y1)) inside = !inside;
  }
  return inside;
}
