// Makes a raw mesh whole and smooth: cells without sky are filled from their neighbours, cells that stand out are replaced.

/** Cells that differ from the median of their neighbourhood by more than this many robust deviations are replaced. */
const OUTLIER_SIGMA = 3;

/**
 * Fills the NaN cells of a `[ny, nx]` mesh in place, ring by ring, with the mean of their filled neighbours (up to 8). A mesh that is all NaN
 * is filled with `fallback`.
 */
export function fillBadCells(mesh: Float32Array, nx: number, ny: number, fallback: number): void {
  let missing = countNaN(mesh);
  if (missing === mesh.length) {
    mesh.fill(fallback);
    return;
  }
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
}

/**
 * Median filter of 3x3 cells that touches only what stands out (BACK_FILTERTHRESH of SExtractor): a cell is replaced by the
 * median of itself and its neighbours when it differs from it by more than 3 robust deviations of such differences over the mesh.
 * Cells that agree with the mesh stay as measured, so that a gradient is not flattened at the borders.
 */
export function filterOutlyingCells(mesh: Float32Array, nx: number, ny: number): void {
  if (nx * ny < 9) return;
  const medians = new Float32Array(mesh.length);
  const around: number[] = [];
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      around.length = 0;
      around.push(mesh[j * nx + i]);
      forNeighbours(nx, ny, i, j, (k) => around.push(mesh[k]));
      medians[j * nx + i] = medianOf(around);
    }
  }
  const deviations = Array.from(mesh, (v, k) => Math.abs(v - medians[k]));
  const limit = OUTLIER_SIGMA * 1.4826 * medianOf(deviations.slice());
  for (let k = 0; k < mesh.length; k++) if (deviations[k] > limit) mesh[k] = medians[k];
}

/** Median of a non-empty list, which it sorts in place; the mean of the middle two for an even count. */
export function medianOf(values: number[] | Float32Array | Float64Array): number {
  values.sort((a: number, b: number) => a - b);
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
  let n = 0;
  for (const v of mesh) if (Number.isNaN(v)) n++;
  return n;
}
