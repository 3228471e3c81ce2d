// Round parts of a frame as a list of its pixels.

/** A round part of a frame, 0-based pixels. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Which pixels of a frame lie in some part of it: `[ny, stride]`, bit `x & 31` of word `x >>> 5` of row y. */
export interface PixelBits {
  readonly words: Uint32Array;
  readonly stride: number;
}

/** Pixels whose centres lie in any of the discs. */
export function discBits(discs: readonly Disc[], nx: number, ny: number): PixelBits {
  const stride = Math.ceil(nx / 32);
  const words = new Uint32Array(stride * ny);
  for (const { x, y, radius } of discs) {
    const lastRow = Math.min(ny - 1, Math.floor(y + radius));
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= lastRow; row++) {
      const half = Math.sqrt(radius ** 2 - (row - y) ** 2);
      const last = Math.min(nx - 1, Math.floor(x + half));
      for (let from = Math.max(0, Math.ceil(x - half)); from <= last; from = (from | 31) + 1) {
        const beyond = Math.max(0, (from | 31) - last);
        words[row * stride + (from >>> 5)] |= ((-1 << (from & 31)) << beyond) >>> beyond;
      }
    }
  }
  return { words, stride };
}

/** Pixels whose centres lie in any of the discs, as `y * nx + x`, ascending, each once. */
export function discPixels(discs: readonly Disc[], nx: number, ny: number): Uint32Array {
  if (discs.length === 0) return new Uint32Array(0);
  let most = 0;
  for (const { radius } of discs) most += (2 * radius + 2) ** 2;
  const pixels = new Uint32Array(Math.ceil(most));
  let count = 0;
  for (const { x, y, radius } of discs) {
    const lastRow = Math.min(ny - 1, Math.floor(y + radius));
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= lastRow; row++) {
      const half = Math.sqrt(radius ** 2 - (row - y) ** 2);
      const last = Math.min(nx - 1, Math.floor(x + half));
      for (let at = Math.max(0, Math.ceil(x - half)); at <= last; at++) pixels[count++] = row * nx + at;
    }
  }
  return ascendingOnce(pixels.subarray(0, count));
}

/** The numbers that are there, ascending, each once; `values` is spoilt. */
export function ascendingOnce(values: Uint32Array): Uint32Array {
  values.sort();
  let count = 0;
  for (let k = 0; k < values.length; k++)
    if (k === 0 || values[k] !== values[k - 1]) values[count++] = values[k];
  return values.slice(0, count);
}
