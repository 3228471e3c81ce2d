// What the colour of a nebula tells of the frames' skies, before frames are matched to each other.
import { BLOCK_SIZE } from '../../../compute/constants.js';
import { cellCentre, type LevelGrid } from '../../../photometry/background/level-grid.js';
import {
  entriesOf,
  frameComponents,
  memoryFor,
  placeLists,
  type FrameLevels,
} from '../../../photometry/levels/level-observations.js';
import { LEVEL_POLYNOMIAL_TERMS } from '../../../photometry/levels/level-polynomial.js';
import type { ColourMesh } from '../../../photometry/colours/colour-cells.js';
import { fitColourSurfaces } from '../../../photometry/colours/nebula-colour-frames.js';
import { sharedPasses } from '../../../simd/sample-passes.js';
import { levelCoordinates } from '../../integrate/windows/integration-frame.js';
import type { OutputGrid } from '../grid/output-grid.js';
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
    gradients: commonGradients(lists[0], surfaces, component, count, blocksX),
  };
}

function meshOf({ nx, ny, grid, gains, sparsity }: ColourFrame): ColourMesh {
  const { centreX, centreY, invScale } = levelCoordinates(nx, ny);
  const columns = Float64Array.from(
    { length: grid.nx },
    (_, i) => (cellCentre(grid.width, grid.stepPx, i) - centreX) * invScale,
  );
  const [x, y] = [new Float64Array(grid.nx * grid.ny), new Float64Array(grid.nx * grid.ny)];
  for (let j = 0; j < grid.ny; j++) {
    const row = (cellCentre(grid.height, grid.stepPx, j) - centreY) * invScale;
    x.set(columns, j * grid.nx);
    y.fill(row, j * grid.nx, (j + 1) * grid.nx);
  }
  return {
    ...{ x, y, values: grid.level, gains },
    sigma: grid.noise.map(
      (noise, c) => (gains[c] * middleOf(noise) * Math.sqrt(sparsity?.[c] ?? 1)) / grid.stepPx,
    ),
  };
}

function middleOf(values: Float32Array): number {
  const memory = sharedPasses();
  const [at, spare] = [memory.take(values.byteLength), memory.take(2 * values.byteLength)];
  new Float32Array(memory.buffer, at, values.length).set(values);
  return memory.passes.medianOfFloats(at, values.length, spare);
}

/** Slopes over the grid, `[channel][part]`, of surfaces `[channel][frame]` of which each has a level of its own. */
function commonGradients(
  lists: readonly FrameLevels[],
  surfaces: readonly (readonly Float64Array[])[],
  component: Int32Array,
  parts: number,
  blocksX: number,
): (readonly [number, number])[][] {
  const memory = memoryFor(entriesOf(lists));
  const { passes } = memory;
  const most = lists.reduce((count, { node }) => Math.max(count, node.length), 0);
  const [spare, coefficients] = [memory.take(8 * most), memory.take(8 * LEVEL_POLYNOMIAL_TERMS)];
  const sums = memory.take(40);
  const { at } = placeLists(memory, lists);
  const surface = new Float64Array(memory.buffer, coefficients, LEVEL_POLYNOMIAL_TERMS);
  const told = new Float64Array(memory.buffer, sums, 5);
  return surfaces.map((ofFrames) =>
    Array.from({ length: parts }, (_, part) => {
      told.fill(0);
      let before = 0;
      for (let f = 0; f < lists.length; f++) {
        const count = lists[f].node.length;
        const own = 4 * before;
        before += count;
        if (component[f] !== part || count === 0) continue;
        surface.set(ofFrames[f]);
        const out = [coefficients, blocksX, spare, sums] as const;
        passes.gradientSums(at.node + own, at.x + own, at.y + own, count, ...out);
      }
      const [uu, uv, vv, us, vs] = told;
      const determinant = uu * vv - uv * uv;
      return determinant > 0
        ? [(us * vv - vs * uv) / determinant, (vs * uu - us * uv) / determinant]
        : [0, 0];
    }),
  );
}
