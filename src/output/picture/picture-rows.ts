// A picture as its stretch and its painters read it: by rows, wherever it lies.
import type { SamplePasses } from '../../simd/sample-passes.js';
import type { PlaneSource } from '../sources/plane-source.js';
import { readPlanes } from './bin-planes.js';
import type { BinnedImage, PictureImage } from './binned-image.js';

/** Without a footprint, pixels are covered that are finite in all planes. */
export interface PictureRows extends Pick<BinnedImage, 'nx' | 'ny' | 'factor'> {
  /** Number of planes. */
  readonly planes: number;
  readonly footprint?: Float32Array;
  /** Rows `[rows, nx]` of a plane, which hold until rows of that plane are asked for again. Nobody may alter them. */
  rows(plane: number, y0: number, rows: number): Promise<Float32Array> | Float32Array;
  /** Fills `out` with them instead. */
  readRows(plane: number, y0: number, rows: number, out: Float32Array): Promise<void>;
}

/** Pixels of a plane that are looked at in one turn: they lie in the processor's cache. */
const TURN_PIXELS = 1 << 15;

/** Rows of a turn, and their bytes. */
export const rowsOfTurn = (nx: number): number => Math.max(1, Math.floor(TURN_PIXELS / nx));
export const bytesOfTurn = (nx: number): number => 4 * nx * rowsOfTurn(nx);

/** An image in memory. */
export function imageRows({ planes, ...image }: PictureImage): PictureRows {
  const { nx } = image;
  const rowsOf = (plane: number, y0: number, rows: number) =>
    planes[plane].subarray(y0 * nx, (y0 + rows) * nx);
  return {
    ...image,
    planes: planes.length,
    rows: rowsOf,
    readRows(plane, y0, rows, out) {
      out.set(rowsOf(plane, y0, rows));
      return Promise.resolve();
    },
  };
}

/** A source itself, pixel by pixel: where it lies in memory, or by reading it each time, through room for the rows of one turn. */
export function sourceRows(source: PlaneSource): PictureRows {
  const { nx, ny, planes, view } = source;
  const room: Float32Array[] = [];
  return {
    ...{ nx, ny, planes, factor: 1 },
    async rows(plane, y0, rows) {
      if (view) return view(plane).subarray(y0 * nx, (y0 + rows) * nx);
      const length = rows * nx;
      if (!(room[plane]?.length >= length)) room[plane] = new Float32Array(length);
      const out = room[plane].subarray(0, length);
      await source.readRows(plane, y0, rows, out);
      return out;
    },
    readRows: (plane, y0, rows, out) => source.readRows(plane, y0, rows, out),
  };
}

/** A source as it is; one whose values would be computed each time is read once. */
export async function rowsAsTheyAre(source: PlaneSource): Promise<PictureRows> {
  if (source.isStored) return sourceRows(source);
  const { nx, ny } = source;
  const planes = Array.from({ length: source.planes }, () => new Float32Array(nx * ny));
  await readPlanes(source, planes);
  return imageRows({ nx, ny, factor: 1, planes });
}

/** Calls `take` for all rows of a plane, turn by turn, until it returns true: whether it has. */
export async function someTurn(
  { nx, ny, rows }: Pick<PictureRows, 'nx' | 'ny' | 'rows'>,
  plane: number,
  take: (values: Float32Array, y0: number) => boolean | void,
): Promise<boolean> {
  const most = rowsOfTurn(nx);
  for (let y0 = 0; y0 < ny; y0 += most)
    if (take(await rows(plane, y0, Math.min(most, ny - y0)), y0)) return true;
  return false;
}

/** Calls `take` for all rows of a plane, turn by turn, which lie at `at` in the room then: bytes of a turn. */
export async function eachTurnIn(
  room: SamplePasses,
  at: number,
  image: PictureRows,
  plane: number,
  take: (y0: number, rows: number) => void,
): Promise<void> {
  const { nx, ny } = image;
  const most = rowsOfTurn(nx);
  for (let y0 = 0; y0 < ny; y0 += most) {
    const rows = Math.min(most, ny - y0);
    await image.readRows(plane, y0, rows, new Float32Array(room.buffer, at, rows * nx));
    take(y0, rows);
  }
}

/** Whether a picture has pixels, or parts of them, that are not covered. */
export async function hasBlanks(image: PictureRows): Promise<boolean> {
  if (image.footprint) return image.footprint.some((share) => share < 1);
  for (let plane = 0; plane < image.planes; plane++) if (await someTurn(image, plane, hasBlank)) return true;
  return false;
}

function hasBlank(values: Float32Array): boolean {
  // `some` takes ten times as long
  for (let k = 0; k < values.length; k++) if (values[k] - values[k] !== 0) return true;
  return false;
}
