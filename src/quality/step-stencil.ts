// What a step at the edge of a frame is made of, for models of what causes it: the places that it compares, each with its share.
import type { SeamStep } from './seams.js';
import { BESIDE_PX, HALF_LENGTH_PX, STRIP_FROM_PX, STRIP_TO_PX } from './strip-medians.js';

/** A strip beside an edge: what its mean counts in the step, and points whose mean is that of the strip, as x, y pairs on the mosaic. */
export interface StencilStrip {
  readonly factor: number;
  readonly points: readonly (readonly [number, number])[];
}

/** Farthest that a step looks. */
export const STENCIL_REACH_PX = Math.hypot(HALF_LENGTH_PX, BESIDE_PX + STRIP_TO_PX);

/** Gauss's two points of an interval tell the mean of what is as smooth as a cubic. */
const GAUSS = 0.5 / Math.sqrt(3);
const ALONG = [-0.8, 0, 0.8].map((share) => share * HALF_LENGTH_PX);

/** The six strips of a step: outside less inside, and half of that on either side taken off. */
export function stepStencil({
  x,
  y,
  across: [nx, ny],
}: Pick<SeamStep, 'x' | 'y' | 'across'>): StencilStrip[] {
  const strip = (from: number, to: number, factor: number): StencilStrip => ({
    factor,
    points: [-GAUSS, GAUSS].flatMap((share) => {
      const r = (from + to) / 2 + share * (to - from);
      return ALONG.map((a) => [x + r * nx - a * ny, y + r * ny + a * nx] as const);
    }),
  });
  const pair = (offset: number, factor: number) => [
    strip(offset + STRIP_FROM_PX, offset + STRIP_TO_PX, factor),
    strip(offset - STRIP_TO_PX, offset - STRIP_FROM_PX, -factor),
  ];
  return [...pair(0, 1), ...pair(-BESIDE_PX, -0.5), ...pair(BESIDE_PX, -0.5)];
}
