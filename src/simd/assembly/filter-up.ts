// Rows of a PNG as differences to the row above, and the checksum of a zlib stream.

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

const MODULUS: u32 = 65521;
/** Bytes after which the sums are reduced, so that none leaves 32 bits. */
const REDUCE_AFTER: u32 = 5552;

/** Adler-32 (RFC 1950) of `count` bytes at `at`, continued from `sum`. */
export function adler32(sum: u32, at: usize, count: u32): u32 {
  let a = sum & 0xffff;
  let b = sum >>> 16;
  while (count > 0) {
    let part = min(count, REDUCE_AFTER);
    count -= part;
    const vectors = part >> 4;
    let sums = i32x4.splat(0);
    let before = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    for (let k: u32 = 0; k < vectors; k++, at += 16) {
      const v = v128.load(at);
      before = i32x4.add(before, sums);
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v)));
      const low = i16x8.extmul_low_i8x16_u(v, i8x16(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
      const high = i16x8.extmul_high_i8x16_u(v, i8x16(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
      weighted = i32x4.add(weighted, i32x4.extadd_pairwise_i16x8_u(low));
      weighted = i32x4.add(weighted, i32x4.extadd_pairwise_i16x8_u(high));
    }
    b += (a * vectors + across(before)) * 16 + across(weighted);
    a += across(sums);
    for (part &= 15; part > 0; part--) {
      a += load<u8>(at++);
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return (b << 16) | a;
}

// @ts-ignore: decorator
@inline
function across(v: v128): u32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}
