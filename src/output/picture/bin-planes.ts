// Box averaging of a large mosaic to a size that a person looks at, in one pass over its rows.
import { SamplePasses } from '../../simd/sample-passes.js';
import type { BinnedImage } from './binned-image.js';
import { rowsPerBlock, type PlaneSource } from '../sources/plane-source.js';

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
    await readPlanes(source, planes, (start, end) => blankTogether(planes, footprint, start, end));
    return { nx, ny, factor, planes, footprint };
  }
  const room = new SamplePasses();
  const binRows = Math.max(1, Math.floor(BLOCK_PIXELS / source.nx / factor));
  const blocks = planes.map(() => room.take(4 * binRows * factor * source.nx));
  const mask = room.take(4 * source.nx);
  const sumsAt = room.take(8 * nx * 3);
  const countsAt = room.take(4 * nx);
  const rowAt = room.take(4 * nx);
  const sums = new Float64Array(room.buffer, sumsAt, nx * planes.length);
  const counts = new Uint32Array(room.buffer, countsAt, nx);
  const row = new Float32Array(room.buffer, rowAt, nx);

  for (let binY0 = 0; binY0 < ny; binY0 += binRows) {
    const y0 = binY0 * factor;
    const rows = Math.min(binRows * factor, source.ny - y0);
    for (let p = 0; p < planes.length; p++)
      await source.readRows(p, y0, rows, new Float32Array(room.buffer, blocks[p], rows * source.nx));
    for (let binY = binY0; binY < Math.min(binY0 + binRows, ny); binY++) {
      sums.fill(0);
      counts.fill(0);
      const rowEnd = Math.min((binY + 1) * factor, source.ny);
      for (let y = binY * factor; y < rowEnd; y++) {
        const [first, second = first, third = first] = blocks.map((at) => at + 4 * (y - y0) * source.nx);
        room.passes.binRow(first, second, third, source.nx, factor, mask, countsAt, sumsAt);
      }
      const binHeight = rowEnd - binY * factor;
      room.passes.sharesOfBins(countsAt, factor * binHeight, nx, rowAt);
      footprint.set(row, binY * nx);
      const lastWidth = source.nx - (nx - 1) * factor;
      footprint[(binY + 1) * nx - 1] = counts[nx - 1] / (lastWidth * binHeight);
      for (const [p, plane] of planes.entries()) {
        room.passes.meansOfBins(sumsAt + 8 * p * nx, countsAt, nx, rowAt);
        plane.set(row, binY * nx);
      }
    }
  }
  return { nx, ny, factor, planes, footprint };
}

/** Pixels of a plane that are read at once: the planes' lie in the processor's cache while they are added up. */
const BLOCK_PIXELS = 1 << 17;

/** Fills `planes` with the source as it is; `blockRead` hears which of their pixels are there. */
export async function readPlanes(
  source: PlaneSource,
  planes: readonly Float32Array[],
  blockRead: (start: number, end: number) => void = () => undefined,
): Promise<void> {
  const { nx, ny } = source;
  const most = rowsPerBlock(nx, ny);
  for (let y0 = 0; y0 < ny; y0 += most) {
    const rows = Math.min(most, ny - y0);
    const [start, end] = [y0 * nx, (y0 + rows) * nx];
    for (const [p, plane] of planes.entries()) await source.readRows(p, y0, rows, plane.subarray(start, end));
    blockRead(start, end);
  }
}

/** Takes pixels that are blank in one plane out of all, and counts the others as covered. */
function blankTogether(
  [first, second = first, third = first]: readonly Float32Array[],
  footprint: Float32Array,
  start: number,
  end: number,
): void {
  footprint.fill(1, start, end);
  for (let i = start; i < end; i++) {
    // A sum of float32 values does not leave float64: it is finite where all of them are.
    if (isFinite32(first[i] + second[i] + third[i])) continue;
    footprint[i] = 0;
    first[i] = second[i] = third[i] = NaN;
  }
}

/** Neither NaN nor infinite, without a call. */
const isFinite32 = (value: number): boolean => value - value === 0;
