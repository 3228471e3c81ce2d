// Rows of a PNG as differences to the row above.

const UP: u8 = 2;

/**
 * Filters `count` rows of `rowBytes` bytes, one after another behind the row at `above`, to `out`, each behind the byte that names the filter (ISO/IEC 15948, 9.2).
 * Up to 15 bytes behind them are written.
 */
export function filterUp(above: usize, rowBytes: u32, count: u32, out: usize): void {
  for (let row: u32 = 0; row < count; row++) {
    store<u8>(out++, UP);
    const current = above + rowBytes;
    for (let x: u32 = 0; x < rowBytes; x += 16)
      v128.store(out + x, i8x16.sub(v128.load(current + x), v128.load(above + x)));
    above = current;
    out += rowBytes;
  }
}
