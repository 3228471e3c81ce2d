// Distortion by a table of offsets in pixels, as HST's calibrations carry it (FITS Paper IV draft: CPDISj and D2IMDISj
// = 'Lookup'), bilinear between the nodes and constant beyond them, as astropy evaluates it.

/** One table: offsets in pixels on a regular grid over the image. Arrays are [naxis2][naxis1] row-major. */
export interface LookupTable {
  readonly data: Float32Array | Float64Array;
  readonly naxis: readonly [number, number];
  /** Of the table's own header; FITS defaults (CRPIX 0, CRVAL 0, CDELT 1) where it is silent. */
  readonly crpix: readonly [number, number];
  readonly crval: readonly [number, number];
  readonly cdelt: readonly [number, number];
}

/** Tables by corrected image axis (index 0 = axis 1); undefined where the axis has none. */
export interface LookupTables {
  readonly cpdis?: readonly [LookupTable | undefined, LookupTable | undefined];
  readonly d2im?: readonly [LookupTable | undefined, LookupTable | undefined];
}

/** Offset in pixels at the image position (x, y), FITS 1-based. */
export function lookupOffset(table: LookupTable, x: number, y: number): number {
  const [nx, ny] = table.naxis;
  const tx = clamp(tableIndex(table, 0, x), nx - 1);
  const ty = clamp(tableIndex(table, 1, y), ny - 1);
  const ix = Math.min(Math.floor(tx), Math.max(0, nx - 2));
  const iy = Math.min(Math.floor(ty), Math.max(0, ny - 2));
  const fx = tx - ix;
  const fy = ty - iy;
  const right = Math.min(ix + 1, nx - 1);
  const above = Math.min(iy + 1, ny - 1);
  const d = table.data;
  const low = d[iy * nx + ix] * (1 - fx) + d[iy * nx + right] * fx;
  const high = d[above * nx + ix] * (1 - fx) + d[above * nx + right] * fx;
  return low * (1 - fy) + high * fy;
}

/** Zero-based position in the table. The table's pixels count from 1, and image pixel 1 is its first position. */
function tableIndex(table: LookupTable, axis: 0 | 1, image: number): number {
  return (image - table.crval[axis] - 1) / table.cdelt[axis] + table.crpix[axis];
}

function clamp(value: number, max: number): number {
  return value > 0 ? Math.min(value, max) : 0;
}
