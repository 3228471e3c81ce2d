/** Takes `count` big-endian 16-bit samples at `at` to this machine's order, in place; up to seven samples behind them are swapped with them. */
export function swapBytes(at: usize, count: u32): void {
  const end = at + <usize>count * 2;
  for (; at < end; at += 16) {
    const v = v128.load(at);
    v128.store(at, i8x16.shuffle(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  }
}
