// The mosaic as the aesthetic product has it: corrections that were found on a reduced picture, applied row by row.
import type { PlaneSource } from './plane-source.js';

/** A surface over the mosaic that gives its values by rows. */
export interface RowSurface {
  /** Values of row `y`, 0-based, into `out[0 .. nx)`. */
  row(y: number, out: Float64Array): void;
}

/** `value = gain * (mosaic - surfaces - offset) + pedestal`. */
export interface PlaneCorrection {
  readonly surfaces: readonly RowSurface[];
  readonly offset: number;
  readonly gain: number;
  readonly pedestal: number;
}

/** `mosaic` with one correction a plane; blank stays blank. Memory: one row. */
export function correctedSource(mosaic: PlaneSource, corrections: readonly PlaneCorrection[]): PlaneSource {
  const { nx, ny, planes } = mosaic;
  const glow = new Float64Array(nx);
  const one = new Float64Array(nx);
  return {
    nx,
    ny,
    planes,
    async readRows(plane, y0, rows, out) {
      await mosaic.readRows(plane, y0, rows, out);
      const { surfaces, offset, gain, pedestal } = corrections[plane];
      for (let y = 0; y < rows; y++) {
        glow.fill(offset);
        for (const surface of surfaces) {
          surface.row(y0 + y, one);
          for (let x = 0; x < nx; x++) glow[x] += one[x];
        }
        for (let x = 0, at = y * nx; x < nx; x++, at++) out[at] = gain * (out[at] - glow[x]) + pedestal;
      }
    },
  };
}
