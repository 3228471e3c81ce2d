// What every output is written from: one or three float planes that are read by rows, wherever they are kept.

/**
 * A mosaic (or one of its maps) that is read by rows. Implemented by the caller: a memmap, a FITS image, an array.
 * Row 0 is the first row of the FITS image (y = 1); blank values (no coverage) are NaN, never a sentinel.
 */
export interface PlaneSource {
  readonly nx: number;
  readonly ny: number;
  /** 1 (mono) or 3 (R, G, B, in this order). */
  readonly planes: number;
  /**
   * Fills `out[0 .. rows*nx)`, row-major, with rows `y0 .. y0+rows-1` (0-based) of plane `plane` (0-based).
   * Writers ask for the planes of one block of rows one after the other, so that an interleaved store may keep
   * its last block.
   */
  readRows(plane: number, y0: number, rows: number, out: Float32Array): Promise<void>;
  /** Fills `out` with a region of a plane, row-major; where there is none, `readRegion` below takes whole rows. */
  readRegion?(plane: number, region: PlaneRegion, out: Float32Array): Promise<void>;
  /** A whole plane where it lies in memory as it is read: nobody has to copy it, and nobody may alter it. */
  view?(plane: number): Float32Array;
  /** True where values lie as they are read, in memory or in a file; others are computed each time. */
  readonly isStored?: boolean;
}

/** A rectangle of pixels, 0-based, within the planes. */
export interface PlaneRegion {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

/** Fills `out[0 .. width*height)` with a region of `plane`. */
export async function readRegion(
  source: PlaneSource,
  plane: number,
  region: PlaneRegion,
  out: Float32Array,
): Promise<void> {
  const { x0, y0, width, height } = region;
  if (x0 === 0 && width === source.nx) return source.readRows(plane, y0, height, out);
  if (source.readRegion) return source.readRegion(plane, region, out);
  const blockRows = rowsPerBlock(source.nx, height);
  const block = new Float32Array(blockRows * source.nx);
  for (let y = 0; y < height; y += blockRows) {
    const rows = Math.min(blockRows, height - y);
    await source.readRows(plane, y0 + y, rows, block);
    for (let r = 0; r < rows; r++) {
      const from = r * source.nx + x0;
      out.set(block.subarray(from, from + width), (y + r) * width);
    }
  }
}

/** A source over arrays in memory, one `[ny, nx]` array a plane. */
export function arraySource(nx: number, ny: number, planes: readonly Float32Array[]): PlaneSource {
  return {
    nx,
    ny,
    planes: planes.length,
    isStored: true,
    view: (plane) => planes[plane],
    readRows(plane, y0, rows, out) {
      out.set(planes[plane].subarray(y0 * nx, (y0 + rows) * nx));
      return Promise.resolve();
    },
  };
}

/** A block of a plane stays near 1 MiB at any width: fresh memory costs time, and what is made of it goes on while the processor has it near. */
const BLOCK_PIXELS = 1 << 18;

/** Rows a writer takes at once. */
export function rowsPerBlock(nx: number, ny: number): number {
  return Math.max(1, Math.min(ny, Math.floor(BLOCK_PIXELS / Math.max(1, nx))));
}
