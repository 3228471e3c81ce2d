// What a `.dat` file holds, and how its name and its sidecar tell it.
import path from 'node:path';
import { CodedError } from '../errors.js';
import { shortRunId } from './journal/run-id.js';

/** A `.dat` or its sidecar is not what it claims to be. */
export class MemmapError extends CodedError {}

/** Element types of a `.dat`, always little-endian on the disk. */
export type MemmapDtype = 'uint8' | 'uint16' | 'float32' | 'float64';

/** A typed array of a `.dat`'s element type, over ordinary or shared memory. */
export type MemmapArray = Uint8Array | Uint16Array | Float32Array | Float64Array;

export const DTYPE_ARRAYS = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** What to create. */
export interface MemmapSpec {
  /**
   * `mosaic` and `coverage` name the two results; anything else (`weight`, `variance`, `samples_cell_12`, ...:
   * letters, digits, `_`) gives `zemosaic_<what>_...dat`.
   */
  readonly what: string;
  /** Rows and columns, each >= 1. */
  readonly ny: number;
  readonly nx: number;
  /** Number of planes, >= 1; omitted: 2-D. */
  readonly planes?: number;
  /** `float32` when omitted. */
  readonly dtype?: MemmapDtype;
  /** WCS header cards by keyword, copied into the sidecar. */
  readonly wcs?: Readonly<Record<string, string | number | boolean>>;
  /** Locale key of what the array means; the kind's own when omitted. */
  readonly meaning?: string;
  /** The same in words, for whoever reads the sidecar. */
  readonly description?: string;
  /** Unit of the values (`ADU`, `count`, ...). */
  readonly unit?: string;
}

/** The sidecar of a `.dat`: a JSON object beside it, named `<name>.dat.json`. */
export interface MemmapSidecar {
  readonly format: 'zemosaic-memmap';
  readonly version: 1;
  /** File name of the data, in the same folder. */
  readonly data: string;
  /** `[planes, ny, nx]` or `[ny, nx]`; the last axis runs fastest. */
  readonly shape: readonly number[];
  readonly axes: readonly string[];
  readonly dtype: MemmapDtype;
  readonly byteOrder: 'little';
  readonly meaning: string;
  readonly description: string;
  readonly unit: string;
  readonly runId: string;
  readonly createdAt: string;
  readonly wcs: Readonly<Record<string, string | number | boolean>>;
}

/** File name of the array: `mosaic_<ny>x<nx>[x<planes>]_<run>.dat` and the like. */
export function memmapName(spec: MemmapSpec, runId: string): string {
  const stem = spec.what === 'mosaic' || spec.what === 'coverage' ? spec.what : `zemosaic_${spec.what}`;
  const shape = [spec.ny, spec.nx, ...(spec.planes === undefined ? [] : [spec.planes])].join('x');
  return `${stem}_${shape}_${shortRunId(runId)}.dat`;
}

/** Size of the array. */
export function memmapBytes(spec: MemmapSpec): number {
  return spec.ny * spec.nx * (spec.planes ?? 1) * DTYPE_ARRAYS[spec.dtype ?? 'float32'].BYTES_PER_ELEMENT;
}

/** The sidecar that belongs to `spec`. */
export function sidecarOf(
  spec: MemmapSpec,
  meaning: string,
  runId: string,
  createdAt: string,
): MemmapSidecar {
  const flat = spec.planes === undefined;
  return {
    format: 'zemosaic-memmap',
    version: 1,
    data: memmapName(spec, runId),
    shape: flat ? [spec.ny, spec.nx] : [spec.planes, spec.ny, spec.nx],
    axes: flat ? ['y', 'x'] : ['plane', 'y', 'x'],
    dtype: spec.dtype ?? 'float32',
    byteOrder: 'little',
    meaning,
    description: spec.description ?? '',
    unit: spec.unit ?? '',
    runId,
    createdAt,
    wcs: spec.wcs ?? {},
  };
}

/** The sidecar in `text`; throws `MemmapError` naming the first field that is not usable. */
export function parseSidecar(text: string, sidecarPath: string): MemmapSidecar {
  const bad = (field: string): MemmapError =>
    new MemmapError('cleanup_memmap_sidecar_invalid', { path: sidecarPath, field });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad('json');
  }
  if (typeof value !== 'object' || value === null) throw bad('json');
  const side = value as Record<string, unknown>;
  if (side.format !== 'zemosaic-memmap' || side.version !== 1) throw bad('format');
  if (typeof side.data !== 'string' || path.basename(side.data) !== side.data || side.data === '')
    throw bad('data');
  if (typeof side.dtype !== 'string' || !Object.hasOwn(DTYPE_ARRAYS, side.dtype)) throw bad('dtype');
  if (side.byteOrder !== 'little') throw bad('byteOrder');
  const shape: unknown = side.shape;
  const isShape =
    Array.isArray(shape) &&
    (shape.length === 2 || shape.length === 3) &&
    shape.every((n) => Number.isSafeInteger(n) && n > 0);
  if (!isShape) throw bad('shape');
  return value as MemmapSidecar;
}
