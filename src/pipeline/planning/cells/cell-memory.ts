// What a cell takes in memory while it is computed.
import type { LateCubes } from '../../../compute/backend.js';
import { GUARD_ARRAYS, GUARD_SLOTS } from '../../integrate/programs/guard-program.js';

/** What the bytes of a cell depend on beside its size. */
export interface CellMemory {
  readonly planes: number;
  /** True where the guard for few frames runs before the stack. */
  readonly guarded: boolean;
  /** True where the backend guards and stacks at once: it holds no medians, and no results but those that are asked for, which are stored from where they lie. */
  readonly atOnce?: boolean;
  /** What a backend that does the warps of these frames with the stack takes for them until then. */
  readonly late?: LateWarps;
  /** True where maps of rejected samples are asked for. */
  readonly mapsRejected?: boolean;
  /** Arrays per pixel and plane beyond those of a stack. */
  readonly extraResultArrays?: number;
  /** Samples of all frames' windows stay on the device until the cell is stacked. */
  readonly keepsWindows?: boolean;
  /** Planes of a window's samples as the warp takes them. */
  readonly windowPlanes: number;
  /** Float32 copies of a window beyond those that every frame takes: masters and what they make. */
  readonly extraWindowArrays?: number;
  /** Float32 arrays of a cell's pixels beside those of the device: for every frame over it, and for the cell. */
  readonly hostArrays?: { readonly perSlot: number; readonly perCell: number };
}

/** A cell, or the most of each among all cells of one size. */
export interface CellShape {
  readonly pixels: number;
  readonly frames: number;
  /** Pixels of the windows of all frames over the cell, and of the largest. */
  readonly windows: number;
  readonly largest: number;
}

export interface CellBytes {
  /** Cube or what waits in its place, results, windows. */
  readonly cellBytes: number;
  /** The largest single buffer: a cell's cube, though it may lie nowhere, or the planes of a window. */
  readonly bufferBytes: number;
}

/** Results of a stack kernel per pixel and plane: mean, weight, used, rejected low, rejected high. */
const RESULT_ARRAYS = 5;
/** Of these: on the device, on the host, and those of the cell before, which are being written. */
const RESULT_COPIES = 3;
/** The same of a stack that guards: mean, weight and used, and the maps of what guard and stack reject, where they are asked for. */
const RESULTS_AT_ONCE = 3;
const MAPS_AT_ONCE = 4;
/** Of further arrays: on the device and on the host. */
const EXTRA_COPIES = 2;
/** Float32 copies of a window that exist at once beside the planes of the warp: decoded, fixed, and the raw bytes. */
const WINDOW_ARRAYS = 3;

/** Of warps that wait to be stacked: what a backend takes, whether all windows wait as their files have them, and pixels of a window under one block at most. */
export interface LateWarps {
  readonly bytes: LateCubes;
  readonly areStored: boolean;
  readonly blockPixels: number;
}

/** What `frames` warps take that wait to be stacked, `windows` pixels in all. */
export function lateBytes(
  { bytes, areStored, blockPixels }: LateWarps,
  { windows, frames }: Pick<CellShape, 'windows' | 'frames'>,
): number {
  const inHand = Math.max(bytes.handMostBytes, bytes.handLeastBytes * frames);
  return (
    (areStored ? bytes.storedPixelBytes : bytes.windowPixelBytes) * windows +
    bytes.slotBytes * frames +
    Math.min(bytes.handBytes * frames, inHand) +
    bytes.partPixelBytes * blockPixels
  );
}

export const cubeBytes = (planes: number, slots: number, pixels: number): number =>
  4 * planes * slots * pixels;

/** Bytes of a cell, and of its largest buffer. */
export function cellMemory(options: CellMemory, shape: CellShape): CellBytes {
  const { planes, guarded, late, windowPlanes, extraWindowArrays = 0, keepsWindows } = options;
  const { pixels, frames, largest } = shape;
  const { perSlot = 0, perCell = 0 } = options.hostArrays ?? {};
  const cube = cubeBytes(planes, frames + (guarded ? GUARD_SLOTS : 0), pixels);
  const cellBytes =
    (late ? Math.min(cube, lateBytes(late, shape)) : cube) +
    4 * planes * pixels * resultArrays(options) +
    4 * pixels * (frames * perSlot + perCell) +
    4 * (WINDOW_ARRAYS + extraWindowArrays + windowPlanes) * largest * 2 +
    (keepsWindows ? 4 * windowPlanes * largest * frames : 0);
  return { cellBytes, bufferBytes: Math.max(cube, 4 * windowPlanes * largest) };
}

/** Arrays per pixel and plane. Those of a whole cell, though a backend may have them in bands of rows: larger cells for what that spares would take it again for their windows. */
function resultArrays({ guarded, atOnce, mapsRejected, extraResultArrays = 0 }: CellMemory): number {
  if (atOnce) return RESULTS_AT_ONCE + (mapsRejected ? MAPS_AT_ONCE : 0);
  return RESULT_COPIES * RESULT_ARRAYS + EXTRA_COPIES * extraResultArrays + (guarded ? GUARD_ARRAYS : 0);
}
