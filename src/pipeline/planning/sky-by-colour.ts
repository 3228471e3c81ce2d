// What the colour of a nebula tells of the frames' skies, before frames are matched to each other.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { cellCentre, type LevelGrid } from '../../photometry/level-grid.js';
import { frameComponents, type FrameLevels } from '../../photometry/level-observations.js';
import { levelAt, LEVEL_POLYNOMIAL_TERMS } from '../../photometry/level-polynomial.js';
import type { ColourMesh } from '../../photometry/colour-cells.js';
import { fitColourSurfaces } from '../../photometry/nebula-colour-frames.js';
import { selectMedian } from '../../photometry/select-median.js';
import { levelCoordinates } from '../integrate/integration-frame.js';
import type { OutputGrid } from './output-grid.js';
import { skyColourOf } from './sky-colour.js';

/** A frame as its colours see it. */
export interface ColourFrame {
  readonly nx: number;
  readonly ny: number;
  readonly grid: LevelGrid;
  readonly gains: readonly number[];
  readonly sparsity?: readonly number[];
}

export interface SkyByColour {
  /** `[channel][frame]`, six coefficients in common ADU, the constant 0; all 0 where nothing is told. */
  readonly surfaces: readonly (readonly Float64Array[])[];
  /** Per part of the mosaic. */
  readonly isTold: readonly boolean[];
  /** Per channel, how far linear and quadratic coefficients may be wrong, ADU; absent where some part is not told. */
  readonly widths?: readonly (readonly [number, number])[];
  /** `[channel][part]`: the gradient that the surfaces of a part have in common, ADU a block along the grid's axes. */
  readonly gradients: readonly (readonly (readonly [number, number])[])[];
}

/** Undefined where no part of the mosaic has a nebula that tells its sky. `lists`: `[channel][frame]`, nodes numbered row by row over the grid's blocks. */
export function skyByColour(
  grid: OutputGrid,
  frames: readonly ColourFrame[],
  lists: readonly (readonly FrameLevels[])[],
  order: 1 | 2,
): SkyByColour | undefined {
  if (lists.length !== 3) return undefined;
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const skyColour = skyColourOf(lists, blocksX);
  if (!skyColour) return undefined;
  const { component, count } = frameComponents(lists[0]);
  const terms = frames.map(() => new Float64Array(LEVEL_POLYNOMIAL_TERMS));
  const widths: (readonly [number, number])[] = [];
  const isTold = Array.from({ length: count }, (_, part) => {
    const members = [...frames.keys()].filter(
      (f) => component[f] === part && lists[0][f].level.some(Number.isFinite),
    );
    if (members.length === 0) return true;
    const told = fitColourSurfaces(
      members.map((f) => meshOf(frames[f])),
      skyColour,
      order,
    );
    if (!told) return false;
    members.forEach((f, k) => terms[f].set(told.terms[k]));
    widths.push(told.widths);
    return true;
  });
  if (widths.length === 0) return undefined;
  const surfaces = skyColour.map((colour) => terms.map((p) => p.map((v) => colour * v)));
  return {
    surfaces,
    isTold,
    widths: isTold.every((told) => told)
      ? skyColour.map((colour) => {
          const widest = (k: 0 | 1) => Math.abs(colour) * Math.max(...widths.map((w) => w[k]));
          return [widest(0), widest(1)] as const;
        })
      : undefined,
    gradients: surfaces.map((ofFrames, c) =>
      isTold.map((_, part) => commonGradient(lists[c], ofFrames, (f) => component[f] === part, blocksX)),
    ),
  };
}

function meshOf({ nx, ny, grid, gains, sparsity }: ColourFrame): ColourMesh {
  const { centreX, centreY, invScale } = levelCoordinates(nx, ny);
  const [x, y] = [new Float64Array(grid.nx * grid.ny), new Float64Array(grid.nx * grid.ny)];
  for (let j = 0, k = 0; j < grid.ny; j++) {
    const row = (cellCentre(grid.height, grid.stepPx, j) - centreY) * invScale;
    for (let i = 0; i < grid.nx; i++, k++) {
      x[k] = (cellCentre(grid.width, grid.stepPx, i) - centreX) * invScale;
      y[k] = row;
    }
  }
  return {
    x,
    y,
    values: grid.level.map((level, c) => {
      const values = new Float32Array(level.length);
      for (let k = 0; k < values.length; k++) values[k] = gains[c] * level[k];
      return values;
    }),
    sigma: grid.noise.map(
      (noise, c) => (gains[c] * selectMedian(noise.slice()) * Math.sqrt(sparsity?.[c] ?? 1)) / grid.stepPx,
    ),
  };
}

/** Slope over the grid of surfaces of which each has a level of its own. */
function commonGradient(
  lists: readonly FrameLevels[],
  surfaces: readonly Float64Array[],
  counts: (frame: number) => boolean,
  blocksX: number,
): readonly [number, number] {
  // numbers of the function itself: V8 puts those that a closure shares into objects
  let uu = 0;
  let uv = 0;
  let vv = 0;
  let us = 0;
  let vs = 0;
  for (let f = 0; f < lists.length; f++) {
    const { node, x, y } = lists[f];
    if (!counts(f) || node.length === 0) continue;
    const surface = surfaces[f];
    const values = new Float64Array(node.length);
    let mu = 0;
    let mv = 0;
    let ms = 0;
    for (let i = 0; i < node.length; i++) {
      values[i] = levelAt(surface, 0, LEVEL_POLYNOMIAL_TERMS, x[i], y[i]);
      const u = node[i] % blocksX;
      mu += u;
      mv += (node[i] - u) / blocksX;
      ms += values[i];
    }
    mu /= node.length;
    mv /= node.length;
    ms /= node.length;
    for (let i = 0; i < node.length; i++) {
      const u = node[i] % blocksX;
      const a = u - mu;
      const b = (node[i] - u) / blocksX - mv;
      const t = values[i] - ms;
      uu += a * a;
      uv += a * b;
      vv += b * b;
      us += a * t;
      vs += b * t;
    }
  }
  const determinant = uu * vv - uv * uv;
  return determinant > 0 ? [(us * vv - vs * uv) / determinant, (vs * uu - us * uv) / determinant] : [0, 0];
}
