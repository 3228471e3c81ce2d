// The value of an image between its pixels: Keys' cubic convolution (a = -1/2), bilinear beside blanks and edges.

/** Value at (x, y), 0-based pixel centres, of a `[height, width]` image; NaN where the pixels that are there have less than half of the weight. */
export function cubicAt(image: Float32Array, width: number, height: number, x: number, y: number): number {
  if (!(x >= -0.5 && y >= -0.5 && x <= width - 0.5 && y <= height - 0.5)) return NaN;
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - i, y - j];
  if (i >= 1 && j >= 1 && i + 2 < width && j + 2 < height) {
    let sum = 0;
    for (let row = -1; row <= 2; row++) {
      const at = (j + row) * width + i;
      const along =
        cubic(1 + u) * image[at - 1] +
        cubic(u) * image[at] +
        cubic(1 - u) * image[at + 1] +
        cubic(2 - u) * image[at + 2];
      sum += cubic(Math.abs(row - v)) * along;
    }
    if (!Number.isNaN(sum)) return sum;
  }
  let [sum, weights] = [0, 0];
  for (let row = 0; row <= 1; row++) {
    for (let column = 0; column <= 1; column++) {
      const [px, py] = [i + column, j + row];
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const value = image[py * width + px];
      if (Number.isNaN(value)) continue;
      const weight = (column ? u : 1 - u) * (row ? v : 1 - v);
      sum += weight * value;
      weights += weight;
    }
  }
  return weights >= 0.5 ? sum / weights : NaN;
}

function cubic(t: number): number {
  return t < 1 ? 1 + t * t * (1.5 * t - 2.5) : -0.5 * (2 - t) ** 2 * (t - 1);
}
