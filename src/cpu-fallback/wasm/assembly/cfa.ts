// What the two demosaic kernels share: colours of sites, and means over the neighbours that carry a colour. A whole set of neighbours is summed
// in the order of the vector code, so that a pixel's bytes do not depend on which of the two computes it.
import { BLANK_LIMIT, BLANK_VALUE } from './layout';

export const RED: u32 = 0;
export const GREEN: u32 = 1;
export const BLUE: u32 = 2;

/** Nearest sites that carry another colour: 4 direct, 2 along the row, 2 along the column, 4 diagonal. OWN needs none. */
export const DIRECT: u32 = 0;
export const ALONG_ROW: u32 = 1;
export const ALONG_COLUMN: u32 = 2;
export const DIAGONAL: u32 = 3;
export const OWN: u32 = 4;

// @ts-ignore: decorator
@inline
export function colourAt(pattern: u32, x: u32, y: u32): u32 {
  return (pattern >> (2 * ((y & 1) * 2 + (x & 1)))) & 3;
}

/** Where `colour` comes from at the frame site (x, y). */
export function kindOf(pattern: u32, x: u32, y: u32, colour: u32): u32 {
  const own = colourAt(pattern, x, y);
  if (own == colour) return OWN;
  if (colour == GREEN) return DIRECT;
  if (own != GREEN) return DIAGONAL;
  return colourAt(pattern, x + 1, y) == colour ? ALONG_ROW : ALONG_COLUMN;
}

/** True for the four Bayer patterns: green on a diagonal, red and blue on the other. */
export function isBayer(pattern: u32): bool {
  const a = pattern & 3;
  const b = (pattern >> 2) & 3;
  const c = (pattern >> 4) & 3;
  const d = (pattern >> 6) & 3;
  if (a == GREEN && d == GREEN) return b + c == 2 && b != GREEN;
  return b == GREEN && c == GREEN && a + d == 2 && a != GREEN;
}

/**
 * Mean over the sites of `kind` around window pixel (x, y) of plane - less, where both are valid and inside; `base` is added. Without any:
 * BLANK_VALUE. `less` 0: of the plane itself.
 */
export function meanOfSites(plane: usize, less: usize, width: i32, height: i32, x: i32, y: i32, kind: u32, base: f32): f32 {
  if (kind == ALONG_ROW || kind == ALONG_COLUMN) {
    const dx = kind == ALONG_ROW ? 1 : 0;
    const dy = 1 - dx;
    const a = siteAt(plane, less, width, height, x - dx, y - dy);
    const b = siteAt(plane, less, width, height, x + dx, y + dy);
    if (a > BLANK_LIMIT && b > BLANK_LIMIT) return base + (a + b) * 0.5;
    if (a > BLANK_LIMIT) return base + a;
    return b > BLANK_LIMIT ? base + b : BLANK_VALUE;
  }
  // Direct: north, south, west, east; diagonal: the two diagonals one after the other.
  const skew = kind == DIAGONAL ? 1 : 0;
  const a = siteAt(plane, less, width, height, x - skew, y - 1);
  const b = siteAt(plane, less, width, height, x + skew, y + 1);
  const c = siteAt(plane, less, width, height, skew ? x + 1 : x - 1, y - skew);
  const d = siteAt(plane, less, width, height, skew ? x - 1 : x + 1, y + skew);
  if (a > BLANK_LIMIT && b > BLANK_LIMIT && c > BLANK_LIMIT && d > BLANK_LIMIT) {
    return base + (a + b + (c + d)) * 0.25;
  }
  let sum: f32 = 0;
  let n: f32 = 0;
  if (a > BLANK_LIMIT) {
    sum += a;
    n += 1;
  }
  if (b > BLANK_LIMIT) {
    sum += b;
    n += 1;
  }
  if (c > BLANK_LIMIT) {
    sum += c;
    n += 1;
  }
  if (d > BLANK_LIMIT) {
    sum += d;
    n += 1;
  }
  return n > 0 ? base + sum / n : BLANK_VALUE;
}

function siteAt(plane: usize, less: usize, width: i32, height: i32, x: i32, y: i32): f32 {
  if (x < 0 || y < 0 || x >= width || y >= height) return BLANK_VALUE;
  const at = (<usize>y * width + <usize>x) * 4;
  const v = load<f32>(plane + at);
  if (less == 0 || !(v > BLANK_LIMIT)) return v;
  const g = load<f32>(less + at);
  return g > BLANK_LIMIT ? v - g : BLANK_VALUE;
}
