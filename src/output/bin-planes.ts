// Box averaging of a large mosaic to a size that a person looks at, in one pass over its rows.
import { rowsPerBlock, type PlaneSource } from './plane-source.js';

/** A mosaic reduced by an integer factor. Arrays are `[ny, nx]`, row-major, first FITS row first. */
export interface BinnedImage {
  readonly nx: number;
  readonly ny: number;
  /** Source pixels a bin spans on each axis (fewer at the last column and row). */
  readonly factor: number;
  /** Mean of the bin's pixels that are not blank; NaN where there is none in any one plane. */
  readonly planes: readonly Float32Array[];
  /** Share of the bin's pixels that are not blank in any plane, 0-1. */
  readonly footprint: Float32Array;
}

/**
 * Reduces `source` by the smallest integer factor that makes both sides <= `maxDim`, each bin the mean of its
 * pixels with blanks left out. A pixel that is blank in one plane is blank in all, so that colours stay true at
 * ragged borders. Memory: the result and one block of rows.
 */
export async function binPlanes(source: PlaneSource, maxDim: number): Promise<BinnedImage> {
  const factor = Math.max(1, Math.ceil(Math.max(source.nx, source.ny) / maxDim));
  const nx = Math.ceil(source.nx / factor);
  const ny = Math.ceil(source.ny / factor);
  const planes = Array.from({ length: source.planes }, () => new Float32Array(nx * ny));
  const footprint = new Float32Array(nx * ny);
  if (factor === 1) {
    await readWhole(source, planes, footprint);
    return { nx, ny, factor, planes, footprint };
  }
  const binRows = Math.max(1, Math.floor(rowsPerBlock(source.nx, source.ny) / factor));
  const blocks = planes.map(() => new Float32Array(binRows * factor * source.nx));
  const sums = planes.map(() => new Float64Array(nx));
  const counts = new Uint32Array(nx);
  const probe = new Float64Array(source.nx);

  for (let binY0 = 0; binY0 < ny; binY0 += binRows) {
    const y0 = binY0 * factor;
    const rows = Math.min(binRows * factor, source.ny - y0);
    for (let p = 0; p < planes.length; p++) await source.readRows(p, y0, rows, blocks[p]);
    for (let binY = binY0; binY < Math.min(binY0 + binRows, ny); binY++) {
      for (const sum of sums) sum.fill(0);
      counts.fill(0);
      const rowEnd = Math.min((binY + 1) * factor, source.ny);
      for (let y = binY * factor; y < rowEnd; y++) {
        addRow(blocks, (y - y0) * source.nx, source.nx, factor, sums, counts, probe);
      }
      const binHeight = rowEnd - binY * factor;
      for (let x = 0; x < nx; x++) {
        const binWidth = Math.min(factor, source.nx - x * factor);
        const count = counts[x];
        footprint[binY * nx + x] = count / (binWidth * binHeight);
        for (let p = 0; p < planes.length; p++)
          planes[p][binY * nx + x] = count > 0 ? sums[p][x] / count : NaN;
      }
    }
  }
  return { nx, ny, factor, planes, footprint };
}

/** Fills `planes` with the source as it is, blank in all where it is in one. */
async function readWhole(
  source: PlaneSource,
  planes: readonly Float32Array[],
  footprint: Float32Array,
): Promise<void> {
  const { nx, ny } = source;
  const rows = rowsPerBlock(nx, ny);
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const count = Math.min(rows, ny - y0);
    const end = (y0 + count) * nx;
    for (let p = 0; p < planes.length; p++)
      await source.readRows(p, y0, count, planes[p].subarray(y0 * nx, end));
    footprint.fill(1, y0 * nx, end);
    blankTogether(planes, footprint, y0 * nx, end);
  }
}

function blankTogether(
  [first, second = first, third = first]: readonly Float32Array[],
  footprint: Float32Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    // A sum of float32 values does not leave float64: it is finite where all of them are.
    if (isFinite32(first[i] + second[i] + third[i])) continue;
    footprint[i] = 0;
    first[i] = second[i] = third[i] = NaN;
  }
}

/** Neither NaN nor infinite, without a call. */
const isFinite32 = (value: number): boolean => value - value === 0;

function addRow(
  blocks: readonly Float32Array[],
  offset: number,
  nx: number,
  factor: number,
  sums: readonly Float64Array[],
  counts: Uint32Array,
  probe: Float64Array,
): void {
  probe.fill(0);
  for (const block of blocks) for (let x = 0; x < nx; x++) probe[x] += block[offset + x];
  for (let p = 0; p < blocks.length; p++) {
    const block = blocks[p];
    const sum = sums[p];
    for (let x = 0, bin = 0; x < nx; bin++) {
      for (const end = Math.min(x + factor, nx); x < end; x++)
        if (isFinite32(probe[x])) sum[bin] += block[offset + x];
    }
  }
  for (let x = 0, bin = 0; x < nx; bin++) {
    for (const end = Math.min(x + factor, nx); x < end; x++) if (isFinite32(probe[x])) counts[bin]++;
  }
}
