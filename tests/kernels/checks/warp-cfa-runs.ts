// Runs of warp-cfa, and scenes for them.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { WARP_CUBIC } from '../../../src/compute/contracts/warp-cfa.js';
import { lanczosTable, WARP_BILINEAR, WARP_LANCZOS3 } from '../../../src/compute/contracts/warp.js';
import { cellBlocks, type Geometry, runKernel } from '../../helpers/kernel-runs.js';
import { mosaicOf } from './demosaic.js';

const table = lanczosTable();

export const KERNELS = [WARP_BILINEAR, WARP_CUBIC, WARP_LANCZOS3];

interface Warp {
  readonly cfa: Float32Array;
  readonly window: readonly [number, number];
  readonly cell: readonly [number, number];
  readonly geometry: Geometry;
  /** In the place of the geometry's. */
  readonly map?: Float32Array;
  readonly kernel: number;
  readonly pattern: number;
  readonly windowAt?: readonly [number, number];
  readonly frame?: readonly [number, number];
  readonly levels?: readonly number[];
  readonly slot?: number;
  readonly slots?: number;
  readonly cube?: Float32Array;
}

/** The cube after one warp; where nothing else is said the window is the frame, and levels do nothing. */
export async function warped(backend: ComputeBackend, w: Warp): Promise<Float32Array> {
  const [windowX, windowY] = w.windowAt ?? [0, 0];
  const [frameWidth, frameHeight] = w.frame ?? w.window;
  const params = {
    cellWidth: w.cell[0],
    cellHeight: w.cell[1],
    windowWidth: w.window[0],
    windowHeight: w.window[1],
    windowX,
    windowY,
    frameWidth,
    frameHeight,
    pattern: w.pattern,
    slot: w.slot ?? 0,
    slots: w.slots ?? 1,
    kernel: w.kernel,
    centreX: 20,
    centreY: 10,
    invScale: 0.0625,
  };
  const neutral = Array.from({ length: 21 }, (_, k) => (k % 7 === 0 ? 1 : 0));
  const inputs: Record<string, Float32Array> = {
    cfa: w.cfa,
    map: w.map ?? cellBlocks(w.cell[0], w.cell[1], w.geometry),
    levels: Float32Array.from(w.levels ?? neutral),
    lanczos: table,
  };
  if (w.cube) inputs.cube = w.cube;
  return (await runKernel(backend, 'warp-cfa', params, inputs)).cube as Float32Array;
}

/** Samples of a window whose first pixel is the frame pixel `at`. */
export const samples = (
  window: readonly [number, number],
  pattern: number,
  scene: (colour: number, x: number, y: number) => number,
  at: readonly [number, number] = [0, 0],
) => mosaicOf({ width: window[0], height: window[1], originX: at[0], originY: at[1], pattern }, scene);

/** Rotation, scale and a quadratic term; exact in the map. */
export const bent: Geometry = (x, y) => [
  3.3 + 0.96 * x - 0.21 * y + 2e-4 * x * x,
  5.7 + 0.2 * x + 0.97 * y - 1e-4 * x * y,
];
