// What the photons of its own light add to the variance of a pixel, over the blocks of the output grid.
import { BLOCK_SIZE, LEVEL_TERMS } from '../../compute/constants.js';
import { type SamplePasses, sharedPasses } from '../../simd/sample-passes.js';
import { levelCoordinates, type IntegrationFrame } from '../integrate/windows/integration-frame.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import type { PhotonGroup } from './photon-gains.js';

/**
 * Variance of a pixel of value m over what its frames' sky alone leaves: 1 + slope m + offset, at least `LEAST_FACTOR`. Planes `[2 planes, ny, nx]` over squares of
 * `stepPx`: slopes per ADU of all planes, then offsets, which hold how far the common zero lies from the level at which each frame's noise was measured.
 */
export interface PhotonField {
  readonly nx: number;
  readonly ny: number;
  readonly planes: number;
  /** Side of a square in pixels of the image, and where the image's first pixel begins in the first square. */
  readonly stepPx: number;
  readonly x0: number;
  readonly y0: number;
  readonly data: Float32Array;
}

/** The darkest pixel still has read noise; a value far below all skies is a defect. */
export const LEAST_FACTOR = 0.25;

/**
 * With weights w, variances v = g^2 s^2 F of warped samples and k ADU an electron, a sample of a pixel of value m has the variance
 * v (1 + k (m / g + level - L) / s^2), L the level that s was measured at; averaged over the frames of a block with w^2 v. Undefined where no gain is known.
 * The passes stand in `src/simd/assembly/plan/photon-blocks.ts`.
 */
export function photonField(
  measured: readonly MeasuredFrame[],
  frames: readonly IntegrationFrame[],
  { grid, spans, planes }: Pick<MosaicPlan, 'grid' | 'spans' | 'planes'>,
  groups: readonly PhotonGroup[],
): PhotonField | undefined {
  if (!groups.some(({ electronsPerAdu }) => electronsPerAdu)) return undefined;
  const [nx, ny] = [Math.ceil(grid.nx / BLOCK_SIZE), Math.ceil(grid.ny / BLOCK_SIZE)];
  const blocks = nx * ny;
  const gains = new Array<readonly number[] | undefined>(frames.length).fill(undefined);
  for (const { frames: members, electronsPerAdu } of groups)
    for (const f of members) gains[f] = electronsPerAdu;
  const memory = sharedPasses();
  const sums = memory.put(new Float64Array(2 * planes * blocks));
  const weights = memory.put(new Float64Array(planes * blocks));
  for (const [f, frame] of frames.entries())
    memory.within(() => {
      const { noise, grid: mesh } = measured[f].measure.background;
      const { firstRow, spans: columns } = spans[f];
      const numbers = new Float64Array(CHANNEL_NUMBERS * planes);
      const terms = new Float64Array(LEVEL_TERMS * planes);
      for (let c = 0; c < planes; c++) {
        const perElectron = gains[f]?.[c];
        const level = frame.levels[c];
        const share = frame.weights[c] ** 2 / frame.inverseVariances[c];
        const photons = perElectron === undefined ? 0 : 1 / (perElectron * noise[c] ** 2);
        const middle = photons > 0 ? medianOfMesh(memory, mesh.level[c]) : 0;
        numbers.set([level.gain, share, photons, middle], CHANNEL_NUMBERS * c);
        terms.set(level.terms, LEVEL_TERMS * c);
      }
      const place = memory.put(placeOf(frame, grid));
      memory.passes.photonBlocks(
        ...([memory.put(columns), firstRow, columns.length / 2, nx, blocks, planes] as const),
        ...([place, memory.put(numbers), memory.put(terms), sums, weights] as const),
      );
    });
  const out = memory.take(8 * planes * blocks);
  memory.passes.photonMeans(sums, weights, planes * blocks, out);
  const data = new Float32Array(memory.buffer, out, 2 * planes * blocks).slice();
  return { nx, ny, planes, stepPx: BLOCK_SIZE, x0: 0, y0: 0, data };
}

/** Numbers of a channel: see the pass. */
const CHANNEL_NUMBERS = 4;

function medianOfMesh(memory: SamplePasses, values: Float32Array): number {
  return memory.within(() =>
    memory.passes.medianOfFloats(memory.put(values), values.length, memory.take(8 * values.length)),
  );
}

/**
 * Where positions of the grid lie in a frame's surfaces, as the pass takes it: by the place, the turn and the scale of its middle, where surfaces are smooth. A frame whose middle the grid
 * does not show is all middle.
 */
function placeOf({ nx, ny, wcs }: IntegrationFrame, grid: Pick<MosaicPlan['grid'], 'wcs'>): Float64Array {
  const { centreX, centreY, invScale } = levelCoordinates(nx, ny);
  const at = (x: number, y: number) => {
    const sky = wcs.pixelToSky(x, y);
    return sky && grid.wcs.skyToPixel(...sky);
  };
  const [middle, right, up] = [at(centreX, centreY), at(centreX + 1, centreY), at(centreX, centreY + 1)];
  if (!middle || !right || !up) return Float64Array.of(0, 0, 1, 0, 0, 1, 0, 0, 0);
  const [a, c] = [right[0] - middle[0], right[1] - middle[1]];
  const [b, d] = [up[0] - middle[0], up[1] - middle[1]];
  return Float64Array.of(middle[0], middle[1], a, b, c, d, invScale, (nx - 1) / 2, (ny - 1) / 2);
}

/** The field as it lies over a window of the image, `binning` pixels of which make one along a side. */
export function fieldOver(
  field: PhotonField,
  window: { readonly x0: number; readonly y0: number },
  binning = 1,
): PhotonField {
  return {
    ...field,
    stepPx: field.stepPx / binning,
    x0: (field.x0 + window.x0) / binning,
    y0: (field.y0 + window.y0) / binning,
  };
}

/** The part of a field that lies over a window of whole squares. */
export function fieldIn(
  { planes, stepPx, nx, data, ny }: PhotonField,
  window: { readonly x0: number; readonly y0: number; readonly width: number; readonly height: number },
): PhotonField {
  const [column, row] = [window.x0 / stepPx, window.y0 / stepPx];
  const [width, height] = [Math.ceil(window.width / stepPx), Math.ceil(window.height / stepPx)];
  const part = new Float32Array(2 * planes * width * height);
  for (let p = 0, to = 0; p < 2 * planes; p++)
    for (let y = 0; y < height; y++, to += width) {
      const from = (p * ny + row + y) * nx + column;
      part.set(data.subarray(from, from + width), to);
    }
  return { nx: width, ny: height, planes, stepPx, x0: 0, y0: 0, data: part };
}

/** Factors of the variances of `values`, rows of a region of one plane: what `addPhotons` multiplies them by. */
export function photonFactors(
  field: PhotonField,
  plane: number,
  region: { readonly x0: number; readonly y0: number; readonly width: number; readonly height: number },
  values: Float32Array,
): Float32Array {
  const { nx, ny, stepPx, planes, data } = field;
  const block = (v: number, from: number, count: number) =>
    Math.min(count - 1, Math.max(0, Math.floor((v + 0.5 + from) / stepPx)));
  const factors = new Float32Array(region.width * region.height);
  for (let y = 0, i = 0; y < region.height; y++) {
    const row = (plane * ny + block(region.y0 + y, field.y0, ny)) * nx;
    for (let x = 0; x < region.width; x++, i++) {
      const at = row + block(region.x0 + x, field.x0, nx);
      const factor = Math.fround(
        Math.fround(1 + data[planes * nx * ny + at]) + Math.fround(data[at] * values[i]),
      );
      factors[i] = factor < LEAST_FACTOR ? LEAST_FACTOR : factor;
    }
  }
  return factors;
}
