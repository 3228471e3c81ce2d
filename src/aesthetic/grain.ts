// Noise for what is filled: the same at a place whenever it is asked for, and as coarse as that of warped samples.

/** Of the binomial kernel 1 2 1 in both directions: square root of the sum of its squared weights. */
const KERNEL = [1, 2, 1] as const;
const KERNEL_NORM = 6;
/** Standard deviation of the sum of four numbers that are uniform on 0 .. 255. */
const SUM_SIGMA = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/** A normal deviate of mean 0 and variance 1 that belongs to a sample; neighbours share some of theirs, as after interpolation. */
export function grain(plane: number, x: number, y: number): number {
  let sum = 0;
  for (let j = 0; j < 3; j++)
    for (let i = 0; i < 3; i++) sum += KERNEL[i] * KERNEL[j] * white(plane, x + i, y + j);
  return sum / KERNEL_NORM;
}

/** Sum of four uniform numbers, of variance 1: nine of them make a normal one. The bits are those of a 32-bit splitmix. */
function white(plane: number, x: number, y: number): number {
  let z = (Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77) ^ Math.imul(plane + 1, 0xc2b2ae3d)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  z ^= z >>> 16;
  return ((z & 255) + ((z >>> 8) & 255) + ((z >>> 16) & 255) + (z >>> 24) - 510) / SUM_SIGMA;
}
