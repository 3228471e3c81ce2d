// The inner loops of src/output/deflate-runs.ts: bytes to tokens, tokens to bits.

const LEAST_RUN: u32 = 3;
const LONGEST_RUN: u32 = 258;

// @ts-ignore: decorator
@inline
function count(counts: usize, token: u32): void {
  const at = counts + (<usize>token << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Writes the `size` bytes at `at` as tokens (u16) to `tokens` and counts them in `counts` (u32): a byte for itself, 256 + n for n + 3 more of the byte before. Returns
 * how many. Up to 17 bytes behind them are read, up to 32 bytes behind the tokens written.
 */
export function tokenise(at: usize, size: u32, tokens: usize, counts: usize): u32 {
  let to = tokens;
  const end = at + size;
  if (size > 0) {
    const first = load<u8>(at++);
    store<u16>(to, first);
    to += 2;
    count(counts, first);
  }
  while (at < end) {
    const v = v128.load(at);
    const next = v128.load(at, 1);
    const same = v128.and(
      v128.and(i8x16.eq(v128.load(at - 1), v), i8x16.eq(v, next)),
      i8x16.eq(next, v128.load(at, 2)),
    );
    const runs = i8x16.bitmask(same);
    const singles = <u32>min<usize>(runs == 0 ? 16 : ctz(runs), end - at);
    v128.store(to, i16x8.extend_low_i8x16_u(v));
    v128.store(to, i16x8.extend_high_i8x16_u(v), 16);
    to += <usize>singles << 1;
    for (let k: u32 = 0; k < singles; k++) count(counts, load<u8>(at++));
    if (runs == 0 || at >= end) continue;
    const most = <u32>min<usize>(LONGEST_RUN, end - at);
    const byte = load<u8>(at - 1);
    let length: u32 = 0;
    while (length < most && load<u8>(at + length) == byte) length++;
    if (length < LEAST_RUN) {
      // cut short by the end
      store<u16>(to, byte);
      to += 2;
      count(counts, byte);
      at++;
      continue;
    }
    const token = 256 + length - LEAST_RUN;
    store<u16>(to, <u16>token);
    to += 2;
    count(counts, token);
    at += length;
  }
  return <u32>((to - tokens) >> 1);
}

/**
 * Writes `count` tokens (u16 at `tokens`) as the bits that `codes` (u32: bits, and their number from bit 24 on; at most 21) has for them to `out`, behind the bits held
 * at `state` (u64 and their number, u32; fewer than 8), where the last ones are left. Returns the number of bytes; up to 7 more are written.
 */
export function putTokens(tokens: usize, count: u32, codes: usize, state: usize, out: usize): u32 {
  let held = load<u64>(state);
  let bits = <u64>load<u32>(state, 8);
  let to = out;
  for (let k: u32 = 0; k < count; k++) {
    const code = load<u32>(codes + (<usize>load<u16>(tokens + (<usize>k << 1)) << 2));
    held |= <u64>(code & 0xffffff) << bits;
    bits += code >>> 24;
    // two codes and what is held fit
    if ((k & 1) == 0 && k + 1 < count) continue;
    store<u64>(to, held);
    to += <usize>(bits >> 3);
    held >>= bits & ~7;
    bits &= 7;
  }
  store<u64>(state, held);
  store<u32>(state, <u32>bits, 8);
  return <u32>(to - out);
}
