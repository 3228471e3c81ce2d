// Pixels of a frame listed as `y * nx + x`, ascending.

/** Those of `pixels` that lie in so many rows of the frame. */
export function pixelsOfRows(pixels: Uint32Array, nx: number, firstRow: number, rows: number): Uint32Array {
  return pixels.subarray(lowerBound(pixels, firstRow * nx), lowerBound(pixels, (firstRow + rows) * nx));
}

/** Index of the first entry that is not below `value`. */
function lowerBound(sorted: Uint32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
