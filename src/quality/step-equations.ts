// Steps at the edges of frames as linear equations in the light of the frames: the strips that a step compares, of the weighted mean of planes.
import { LIGHT_TERMS, lightCoordinates } from './light-frame.js';
import { STENCIL_REACH_PX, stepStencil, type StencilStrip } from './step-stencil.js';
import type { SeamStep } from './seams.js';

/** `step = sum over frames and terms of factors * light`. */
export interface StepEquation {
  readonly step: number;
  readonly frames: Int32Array;
  /** `[frames, 3]`. */
  readonly factors: Float64Array;
  /** Part of the mosaic that it lies in: what the sky does there it does to all steps of the part. */
  readonly part: number;
}

/** Frames near all steps together: what equations take of memory, and a solve of time, grows with them. */
const MAX_NEAR = 250_000;
/** Side of a part: longer than a strip and what a step looks at. */
const PART_PX = 240;
/** A step lies on an edge: whether a frame holds it is a matter of rounding, unlike this far outside. */
const ASIDE_PX = 0.37;
const PARTS_A_ROW = 1 << 16;

interface Near {
  readonly strips: readonly StencilStrip[];
  /** Frames that hold all its points. */
  readonly whole: readonly number[];
  /** Frames that hold some: which, strip by strip, point by point. */
  readonly partial: readonly { readonly frame: number; readonly holds: Uint8Array }[];
}

/** Equations of all planes, of evenly fewer steps where too many frames lie at each; a step that a plane lacks, or a strip that no frame holds, gives none. `weights`: `[plane][frame]`. */
export function stepEquations(
  outlines: readonly Float64Array[],
  weights: readonly (readonly number[])[],
  steps: readonly SeamStep[],
): StepEquation[][] {
  const boxes = outlines.map(boxOf);
  const places = outlines.map(lightCoordinates);
  const equations = weights.map((): StepEquation[] => []);
  for (const step of thinned(steps, boxes)) {
    const near = framesNear(step, outlines, boxes);
    const part = PARTS_A_ROW * Math.floor(step.y / PART_PX) + Math.floor(step.x / PART_PX);
    weights.forEach((ofPlane, plane) => {
      const known = step.step[plane];
      if (Number.isNaN(known)) return;
      const found = factorsOf(step, near, ofPlane, places);
      if (found) equations[plane].push({ step: known, part, ...found });
    });
  }
  return equations;
}

function thinned(steps: readonly SeamStep[], boxes: readonly Box[]): readonly SeamStep[] {
  const near = steps.reduce((sum, step) => sum + boxes.filter((box) => isNear(step, box)).length, 0);
  const stride = Math.ceil(near / MAX_NEAR);
  return steps.filter((_, k) => k % stride === 0);
}

function isNear({ x, y }: SeamStep, [x0, x1, y0, y1]: Box): boolean {
  const r = STENCIL_REACH_PX;
  return x + r >= x0 && x - r <= x1 && y + r >= y0 && y - r <= y1;
}

function framesNear(step: SeamStep, outlines: readonly Float64Array[], boxes: readonly Box[]): Near {
  const strips = stepStencil(step);
  const points = strips.flatMap((strip) => strip.points);
  const [fromX, fromY] = [step.x + ASIDE_PX * step.across[0], step.y + ASIDE_PX * step.across[1]];
  const whole: number[] = [];
  const partial: Near['partial'][number][] = [];
  outlines.forEach((outline, frame) => {
    if (!isNear(step, boxes[frame])) return;
    const inside = isInside(outline, fromX, fromY) ? 1 : 0;
    const edges = edgesNear(outline, fromX, fromY, STENCIL_REACH_PX + ASIDE_PX);
    if (edges.length === 0) {
      if (inside) whole.push(frame);
      return;
    }
    // on the way to a point only edges near by are crossed
    const holds = new Uint8Array(points.length).fill(inside);
    for (let k = 0; k < points.length; k++)
      for (const edge of edges) if (crosses(edge, points[k][0] - fromX, points[k][1] - fromY)) holds[k] ^= 1;
    if (!holds.includes(0)) whole.push(frame);
    else if (holds.includes(1)) partial.push({ frame, holds });
  });
  return { strips, whole, partial };
}

function factorsOf(
  { x: atX, y: atY }: SeamStep,
  { strips, whole, partial }: Near,
  weights: readonly number[],
  places: readonly ReturnType<typeof lightCoordinates>[],
): Pick<StepEquation, 'frames' | 'factors'> | undefined {
  const shares = sharesOf({ strips, whole, partial }, weights);
  if (!shares) return undefined;
  // places are told from the step's own: what is left of large coordinates that cancel is noise
  const points = strips.flatMap((strip) => strip.points.map(([x, y]) => [x - atX, y - atY] as const));
  const frames = Int32Array.from([...whole, ...partial.map(({ frame }) => frame)]);
  const factors = new Float64Array(LIGHT_TERMS * frames.length);
  const moments = (holds?: Uint8Array) => {
    let [level, alongX, alongY] = [0, 0, 0];
    for (let k = 0; k < points.length; k++) {
      if (holds && holds[k] === 0) continue;
      level += shares[k];
      alongX += shares[k] * points[k][0];
      alongY += shares[k] * points[k][1];
    }
    return [level, alongX, alongY] as const;
  };
  const everywhere = moments();
  for (let i = 0; i < frames.length; i++) {
    const [level, alongX, alongY] = i < whole.length ? everywhere : moments(partial[i - whole.length].holds);
    const { centreX, centreY, invScale } = places[frames[i]];
    const weight = weights[frames[i]];
    factors[LIGHT_TERMS * i] = weight * level;
    factors[LIGHT_TERMS * i + 1] = weight * (alongX + (atX - centreX) * level) * invScale;
    factors[LIGHT_TERMS * i + 2] = weight * (alongY + (atY - centreY) * level) * invScale;
  }
  return { frames, factors };
}

/** What each point counts in the step for a unit of weight that holds it; undefined where no frame holds a strip. */
function sharesOf({ strips, whole, partial }: Near, weights: readonly number[]): Float64Array | undefined {
  const everywhere = whole.reduce((sum, f) => sum + weights[f], 0);
  const shares = new Float64Array(strips.reduce((sum, { points }) => sum + points.length, 0)).fill(
    everywhere,
  );
  for (const { frame, holds } of partial)
    for (let k = 0; k < shares.length; k++) shares[k] += holds[k] * weights[frame];
  let at = 0;
  for (const { factor, points } of strips) {
    const own = shares.subarray(at, (at += points.length));
    const filled = own.filter((weight) => weight > 0).length;
    if (filled === 0) return undefined;
    own.forEach((weight, k) => (own[k] = weight > 0 ? factor / (filled * weight) : 0));
  }
  return shares;
}

/** Four numbers of what it is used for: lowest and highest x and y, or the ends of an edge. */
type Box = readonly [number, number, number, number];

function boxOf(outline: Float64Array): Box {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < outline.length; i += 2) {
    [x0, x1] = [Math.min(x0, outline[i]), Math.max(x1, outline[i])];
    [y0, y1] = [Math.min(y0, outline[i + 1]), Math.max(y1, outline[i + 1])];
  }
  return [x0, x1, y0, y1];
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

/** The parts of an outline that come as near as `reach`, x, y of both ends as seen from there. */
function edgesNear(outline: Float64Array, x: number, y: number, reach: number): Box[] {
  const near: Box[] = [];
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const [x1, y1] = [outline[j] - x, outline[j + 1] - y];
    const [dx, dy] = [outline[i] - outline[j], outline[i + 1] - outline[j + 1]];
    const along = Math.min(1, Math.max(0, -(x1 * dx + y1 * dy) / Math.max(dx * dx + dy * dy, 1e-12)));
    if ((x1 + along * dx) ** 2 + (y1 + along * dy) ** 2 <= reach * reach)
      near.push([x1, y1, x1 + dx, y1 + dy]);
  }
  return near;
}

/** Whether the way from the origin to (x, y) crosses an edge; an end that lies on the way belongs to one side, so that edges that meet there count once. */
function crosses(edge: Box, x: number, y: number): boolean {
  const [x1, y1, x2, y2] = edge;
  if (x * y1 - y * x1 > 0 === x * y2 - y * x2 > 0) return false;
  const origin = x1 * y2 - x2 * y1;
  return origin > 0 !== origin - (x * (y2 - y1) - y * (x2 - x1)) > 0;
}
