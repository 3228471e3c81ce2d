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
}

/** A source over arrays in memory, one `[ny, nx]` array a plane. */
export function arraySource(nx: number, ny: number, planes: readonly Float32Array[]): PlaneSource {
  return {
    nx,
    ny,
    planes: planes.length,
    readRows(plane, y0, rows, out) {
      out.set(planes[plane].subarray(y0 * nx, (y0 + rows) * nx));
      return Promise.resolve();
    },
  };
}

/** Rows a writer takes at once: about 1 Mpx, so that a block of a plane stays near 4 MiB at any width. */
export function rowsPerBlock(nx: number, ny: number): number {
  return Math.max(1, Math.min(ny, Math.floor((1 << 20) / Math.max(1, nx))));
}
