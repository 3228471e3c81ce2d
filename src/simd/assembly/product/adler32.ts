// The checksum of a zlib stream (RFC 1950).

const MODULUS: u32 = 65521;
/** So many bytes add up to less than 2^32. */
const TURN: u32 = 5552;

/** Adler-32 of what came before, 1 where nothing did, and of `count` more bytes. */
export function adler32(before: u32, from: usize, count: u32): u32 {
  let sum = before & 0xffff;
  let sums = before >> 16;
  for (const end = from + count; from < end;) {
    const turn = min<usize>(end, from + TURN);
    do {
      sum += load<u8>(from++);
      sums += sum;
    } while (from < turn);
    sum %= MODULUS;
    sums %= MODULUS;
  }
  return sum | (sums << 16);
}
