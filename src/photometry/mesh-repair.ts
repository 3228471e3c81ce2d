// Makes a raw mesh whole: cells without sky are filled from their neighbours; cells that stand out can be replaced.
import { sharedPasses } from '../simd/sample-passes.js';

/** Cells that differ from the median of their neighbourhood by more than this many robust deviations are replaced. */
const OUTLIER_SIGMA = 3;

/**
 * Fills the NaN cells of a `[ny, nx]` mesh in place, ring by ring, with the mean of their filled neighbours (up to 8). A mesh that is all NaN
 * is filled with `fallback`. Returns how many there were.
 */
export function fillBadCells(mesh: Float32Array, nx: number, ny: number, fallback: number): number {
  const bad = countNaN(mesh);
  if (bad === mesh.length) mesh.fill(fallback);
  let missing = bad === mesh.length ? 0 : bad;
  while (missing > 0) {
    const before = mesh.slice();
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        if (!Number.isNaN(before[j * nx + i])) continue;
        let sum = 0;
        let n = 0;
        forNeighbours(nx, ny, i, j, (k) => {
          if (Number.isNaN(before[k])) return;
          sum += before[k];
          n++;
        });
        if (n > 0) {
          mesh[j * nx + i] = sum / n;
          missing--;
        }
      }
    }
  }
  return bad;
}

/**
 * Median filter of 3x3 cells that touches only what stands out (BACK_FILTERTHRESH of SExtractor): a cell is replaced by what its
 * neighbourhood expects when it differs from that by more than 3 robust deviations of such differences over the mesh. Expected is the median
 * of the cell and its neighbours, at a border with the missing ones mirrored through the cell (2 c - opposite), and at a corner,
 * judged last, the plane through its three neighbours: so a gradient passes unchanged everywhere.
 */
export function filterOutlyingCells(mesh: Float32Array, nx: number, ny: number): void {
  if (nx < 3 || ny < 3) return;
  const passes = sharedPasses();
  const cells = passes.take(mesh.byteLength);
  const scratch = passes.take(4 * mesh.byteLength + 216);
  const values = new Float32Array(passes.buffer, cells, mesh.length);
  values.set(mesh);
  passes.passes.filterCells(cells, nx, ny, OUTLIER_SIGMA * 1.4826, scratch);
  mesh.set(values);
}

/** Median of a mesh without NaN; the mean of the middle two for an even count. */
export function meshMedian(mesh: Float32Array): number {
  const passes = sharedPasses();
  const cells = passes.put(mesh);
  return passes.passes.medianOfCells(cells, mesh.length, passes.take(2 * mesh.byteLength));
}

/** Median of a non-empty list, which it sorts in place; the mean of the middle two for an even count. */
export function medianOf(values: number[] | Float32Array | Float64Array): number {
  // typed arrays sort numerically by themselves, and much faster than with a comparison
  if (Array.isArray(values)) values.sort((a, b) => a - b);
  else values.sort();
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

function forNeighbours(nx: number, ny: number, i: number, j: number, visit: (k: number) => void): void {
  for (let y = Math.max(0, j - 1); y <= Math.min(ny - 1, j + 1); y++) {
    for (let x = Math.max(0, i - 1); x <= Math.min(nx - 1, i + 1); x++) {
      if (x !== i || y !== j) visit(y * nx + x);
    }
  }
}

function countNaN(mesh: Float32Array): number {
  const passes = sharedPasses();
  return passes.passes.missingCells(passes.put(mesh), mesh.length);
}
