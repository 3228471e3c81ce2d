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

/** Side of a part: longer than a strip and what a step looks at. */
const PART_PX = 240;
const PARTS_A_ROW = 1 << 16;

interface Near {
  readonly strips: readonly StencilStrip[];
  /** Frames that hold all its points. */
  readonly whole: readonly number[];
  /** Frames that hold some: which, strip by strip, point by point. */
  readonly partial: readonly { readonly frame: number; readonly holds: Uint8Array }[];
}

/** Equations of all planes; a step that a plane lacks, or a strip that no frame holds, gives none. `weights`: `[plane][frame]`. */
export function stepEquations(
  outlines: readonly Float64Array[],
  weights: readonly (readonly number[])[],
  steps: readonly SeamStep[],
): StepEquation[][] {
  const boxes = outlines.map(boxOf);
  const places = outlines.map(lightCoordinates);
  const equations = weights.map((): StepEquation[] => []);
  for (const step of steps) {
    const near = framesNear(step, outlines, boxes);
    const part = PARTS_A_ROW * Math.floor(step.y / PART_PX) + Math.floor(step.x / PART_PX);
    weights.forEach((ofPlane, plane) => {
      const known = step.step[plane];
      if (Number.isNaN(known)) return;
      const found = factorsOf(near, ofPlane, places);
      if (found) equations[plane].push({ step: known, part, ...found });
    });
  }
  return equations;
}

function framesNear(step: SeamStep, outlines: readonly Float64Array[], boxes: readonly Box[]): Near {
  const strips = stepStencil(step);
  const points = strips.flatMap((strip) => strip.points);
  const whole: number[] = [];
  const partial: Near['partial'][number][] = [];
  outlines.forEach((outline, frame) => {
    const [x0, x1, y0, y1] = boxes[frame];
    const r = STENCIL_REACH_PX;
    if (step.x + r < x0 || step.x - r > x1 || step.y + r < y0 || step.y - r > y1) return;
    const holds = Uint8Array.from(points, ([x, y]) => (isInside(outline, x, y) ? 1 : 0));
    if (holds.every((inside) => inside === 1)) whole.push(frame);
    else if (holds.includes(1)) partial.push({ frame, holds });
  });
  return { strips, whole, partial };
}

function factorsOf(
  { strips, whole, partial }: Near,
  weights: readonly number[],
  places: readonly ReturnType<typeof lightCoordinates>[],
): Pick<StepEquation, 'frames' | 'factors'> | undefined {
  const frames = Int32Array.from([...whole, ...partial.map(({ frame }) => frame)]);
  const factors = new Float64Array(LIGHT_TERMS * frames.length);
  const everywhere = whole.reduce((sum, f) => sum + weights[f], 0);
  let at = 0;
  for (const { factor, points } of strips) {
    const sums = points.map((_, k) =>
      partial.reduce((sum, { frame, holds }) => sum + holds[at + k] * weights[frame], everywhere),
    );
    const filled = sums.filter((sum) => sum > 0).length;
    if (filled === 0) return undefined;
    points.forEach(([x, y], k) => {
      if (!(sums[k] > 0)) return;
      const share = factor / (filled * sums[k]);
      for (let i = 0; i < frames.length; i++) {
        if (i >= whole.length && partial[i - whole.length].holds[at + k] === 0) continue;
        const f = frames[i];
        const { centreX, centreY, invScale } = places[f];
        const own = share * weights[f];
        factors[LIGHT_TERMS * i] += own;
        factors[LIGHT_TERMS * i + 1] += own * (x - centreX) * invScale;
        factors[LIGHT_TERMS * i + 2] += own * (y - centreY) * invScale;
      }
    });
    at += points.length;
  }
  return { frames, factors };
}

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
