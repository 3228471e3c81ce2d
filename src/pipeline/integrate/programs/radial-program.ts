// The operations that combine a cell's cube once more, each sample weighted by how far from the middle of its frame it was taken.
import type { Handle, Op } from '../../../compute/backend.js';
import { radialTable, type RadialShape } from '../../../compute/contracts/coadd-radial.js';
import type { CubeShape } from './guard-program.js';

/** Arrays per pixel and plane that it holds: the three sums. */
export const RADIAL_ARRAYS = 3;

/** Where a frame of the cube lies. */
export interface FramePlace {
  /** The cell's pixel map, block by block. */
  readonly map: Float32Array;
  readonly nx: number;
  readonly ny: number;
}

/** From the middle of a frame to its corners, pixels. */
export const halfDiagonal = (nx: number, ny: number): number => Math.hypot(nx, ny) / 2;

export interface RadialProgram {
  readonly ops: readonly Op[];
  /** Sums about the stack's mean, of weights, and of weights times their radial part; to be read in this order and freed by the caller. */
  readonly sums: readonly Handle[];
}

/** Sums what is left in the cube about `mean`, which is the stack's, after what it rejected has been taken out; one place a slot. */
export function radialProgram(
  cube: Handle,
  { width, height, planes, slots }: CubeShape,
  frameWeights: Handle,
  mean: Handle,
  places: readonly FramePlace[],
  shape: RadialShape,
): RadialProgram {
  const pixels = width * height;
  const handle = (label: string, length: number): Handle => ({
    label: `radial ${label}`,
    element: 'f32',
    length,
  });
  const weights = radialTable(shape);
  const table = handle('table', weights.length);
  const [sum, weight, square] = ['sum', 'weight', 'square'].map((name) => handle(name, planes * pixels));
  const ops: Op[] = [
    ...[table, sum, weight, square].map((h): Op => ({ op: 'alloc', handle: h })),
    { op: 'upload', handle: table, data: weights },
    ...places.flatMap(({ map, nx, ny }, slot): Op[] => {
      const own = handle(`map ${slot}`, map.length);
      return [
        { op: 'alloc', handle: own },
        { op: 'upload', handle: own, data: map },
        {
          op: 'kernel',
          stem: 'coadd-radial',
          params: {
            ...{ width, height, planes, slots, slot },
            centreX: (nx - 1) / 2,
            centreY: (ny - 1) / 2,
            invRadius: 1 / halfDiagonal(nx, ny),
          },
          buffers: { cube, frame_weights: frameWeights, map: own, radial: table, mean, sum, weight, square },
        },
        { op: 'free', handle: own },
      ];
    }),
    { op: 'free', handle: table },
  ];
  return { ops, sums: [sum, weight, square] };
}

/**
 * In place: the stack's `mean` becomes that of the weighted samples and `weight` what that mean is worth, (sum w r)^2 / sum w r^2: 1 / variance
 * where the weights w are inverse variances.
 */
export function toRadialMean(
  mean: Float32Array,
  weight: Float32Array,
  [sum, weights, squares]: readonly Float32Array[],
): void {
  for (let k = 0; k < mean.length; k++) {
    if (!(weights[k] > 0)) continue;
    mean[k] += sum[k] / weights[k];
    weight[k] = weights[k] ** 2 / squares[k];
  }
}
