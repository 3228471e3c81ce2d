// Rows of a PNG as differences to the mean of the pixels at left and above: noise is told by fewest bits so.

const AVERAGE: u8 = 3;

/**
 * Filters `count` rows of `rowBytes` bytes, pixels of `pixelBytes` (1 to 8), one after another behind the row at `above`, to `out`, each behind the byte that names the
 * filter (ISO/IEC 15948, 9.2). Up to 15 bytes behind them are written.
 */
export function filterRows(above: usize, rowBytes: u32, pixelBytes: u32, count: u32, out: usize): void {
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  // a row's first pixel has none at its left
  const hasLeft = i8x16.ge_u(lanes, i8x16.splat(<i8>pixelBytes));
  for (let row: u32 = 0; row < count; row++) {
    store<u8>(out++, AVERAGE);
    const current = above + rowBytes;
    let left = v128.and(v128.load(current - pixelBytes), hasLeft);
    for (let x: u32 = 0; x < rowBytes; x += 16) {
      const up = v128.load(above + x);
      const mean = i8x16.add(v128.and(left, up), i8x16.shr_u(v128.xor(left, up), 1));
      v128.store(out + x, i8x16.sub(v128.load(current + x), mean));
      left = v128.load(current + x + 16 - pixelBytes);
    }
    above = current;
    out += rowBytes;
  }
}
