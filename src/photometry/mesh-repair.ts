// Makes a raw mesh whole: cells without sky are filled from their neighbours; cells that stand out can be replaced.

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
 * Median filter of 3x3 cells that touches only what stands out (BACK_FILTERTHRESH of SExtractor): a cell is replaced by what its
 * neighbourhood expects when it differs from that by more than 3 robust deviations of such differences over the mesh. Expected is the median
 * of the cell and its neighbours, at a border with the missing ones mirrored through the cell (2 c - opposite), and at a corner,
 * judged last, the plane through its three neighbours: so a gradient passes unchanged everywhere.
 */
export function filterOutlyingCells(mesh: Float32Array, nx: number, ny: number): void {
  if (nx < 3 || ny < 3) return;
  const expected = Float32Array.from(mesh, (_, k) =>
    neighbourhoodMedian(mesh, nx, ny, k % nx, Math.floor(k / nx)),
  );
  const deviations = mesh.map((v, k) => Math.abs(v - expected[k]));
  const limit = OUTLIER_SIGMA * 1.4826 * medianOf(deviations.slice());
  for (let k = 0; k < mesh.length; k++) if (deviations[k] > limit) mesh[k] = expected[k];
  for (const [corner, stepX, stepY] of [
    [0, 1, nx],
    [nx - 1, -1, nx],
    [(ny - 1) * nx, 1, -nx],
    [ny * nx - 1, -1, -nx],
  ]) {
    const plane = mesh[corner + stepX] + mesh[corner + stepY] - mesh[corner + stepX + stepY];
    // the plane carries the noise of three cells
    if (Math.abs(mesh[corner] - plane) > Math.sqrt(3) * limit) mesh[corner] = plane;
  }
}

function neighbourhoodMedian(mesh: Float32Array, nx: number, ny: number, i: number, j: number): number {
  const inside = (x: number, y: number) => x >= 0 && x < nx && y >= 0 && y < ny;
  const centre = mesh[j * nx + i];
  const values = [centre];
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      if (dx === 0 && dy === 0) continue;
      if (inside(i + dx, j + dy)) values.push(mesh[(j + dy) * nx + i + dx]);
      else if (inside(i - dx, j - dy)) values.push(2 * centre - mesh[(j - dy) * nx + i - dx]);
    }
  }
  return medianOf(values);
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
  let n = 0;
  for (const v of mesh) if (Number.isNaN(v)) n++;
  return n;
}
