// Levels of half the size for multi-band blending: an image is reduced by the binomial kernel 1 3 3 1 and expanded by its transpose.

/** A level; values count where their mask is above 0. Sides are even but for the last. */
export interface MaskedLevel {
  readonly nx: number;
  readonly ny: number;
  readonly values: Float32Array;
  readonly mask: Float32Array;
}

const KERNEL = [1 / 8, 3 / 8, 3 / 8, 1 / 8] as const;

/** Half the size; the border has nothing beyond it. */
export function reduce(values: Float32Array, nx: number, ny: number): Float32Array {
  const [width, height] = [nx / 2, ny / 2];
  const rows = new Float32Array(width * ny);
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * nx + 2 * x;
      let sum = KERNEL[1] * values[at] + KERNEL[2] * values[at + 1];
      if (x > 0) sum += KERNEL[0] * values[at - 1];
      if (x + 1 < width) sum += KERNEL[3] * values[at + 2];
      rows[y * width + x] = sum;
    }
  }
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 2 * y * width + x;
      let sum = KERNEL[1] * rows[at] + KERNEL[2] * rows[at + width];
      if (y > 0) sum += KERNEL[0] * rows[at - width];
      if (y + 1 < height) sum += KERNEL[3] * rows[at + 2 * width];
      out[y * width + x] = sum;
    }
  }
  return out;
}

/** Half the size, each value the mean of what counts around it; what counts nowhere has mask 0. */
export function reduceMasked({ nx, ny, values, mask }: MaskedLevel): MaskedLevel {
  const counted = values.map((value, k) => (mask[k] > 0 ? value * mask[k] : 0));
  const [sum, weight] = [reduce(counted, nx, ny), reduce(mask, nx, ny)];
  return {
    nx: nx / 2,
    ny: ny / 2,
    values: sum.map((value, k) => (weight[k] > 0 ? value / weight[k] : 0)),
    mask: weight,
  };
}

/** The value of a level between its cells, at cell (x, y) of the level below: 3/4 and 1/4 along each axis, of those that count; 0 where none does. */
export function expandedAt({ nx, ny, values, mask }: MaskedLevel, x: number, y: number): number {
  const [i, j] = [x >> 1, y >> 1];
  const [i2, j2] = [
    Math.min(nx - 1, Math.max(0, i + (x % 2 ? 1 : -1))),
    Math.min(ny - 1, Math.max(0, j + (y % 2 ? 1 : -1))),
  ];
  let [sum, weight] = [0, 0];
  const add = (at: number, w: number) => {
    if (!(mask[at] > 0)) return;
    sum += w * values[at];
    weight += w;
  };
  add(j * nx + i, 9);
  add(j * nx + i2, 3);
  add(j2 * nx + i, 3);
  add(j2 * nx + i2, 1);
  return weight > 0 ? sum / weight : 0;
}
