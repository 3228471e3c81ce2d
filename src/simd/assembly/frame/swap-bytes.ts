/**
 * Takes `count` big-endian 16-bit samples at `at` to this machine's order, in place, and swaps those of their bits that `flip` has (0x8000: signed to unsigned with
 * half the range added). Up to seven samples behind them are changed with them.
 */
export function swapBytes(at: usize, count: u32, flip: i32): void {
  const end = at + <usize>count * 2;
  const mask = i16x8.splat(<i16>flip);
  for (; at < end; at += 16) {
    const v = v128.load(at);
    v128.store(at, v128.xor(i8x16.shuffle(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14), mask));
  }
}
