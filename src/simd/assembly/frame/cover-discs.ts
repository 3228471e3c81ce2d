// Which pixels of a frame lie in round parts of it: bit x & 31 of word x >> 5 of a row.
import { f64At, putU32, u32At } from '../words';

/** Sets the bits of pixels whose centres lie in any of `count` discs (f64 [count, 3]: x, y, radius, in 0-based pixels) of `width` x `height`; rows are `stride` words apart. */
export function coverDiscs(discs: usize, count: u32, width: u32, height: u32, stride: u32, bits: usize): void {
  memory.fill(bits, 0, <usize>(stride * height) << 2);
  for (let d: u32 = 0; d < count; d++) {
    const x = f64At(discs, 3 * d), y = f64At(discs, 3 * d + 1), radius = f64At(discs, 3 * d + 2);
    const end = <i32>min<f64>(<f64>height - 1, floor<f64>(y + radius));
    for (let row = <i32>max<f64>(0, ceil<f64>(y - radius)); row <= end; row++) {
      const dy = <f64>row - y;
      const square = radius * radius - dy * dy;
      // by a last digit
      if (square < 0) continue;
      const half = sqrt<f64>(square);
      const last = <i32>min<f64>(<f64>width - 1, floor<f64>(x + half));
      for (let from = <i32>max<f64>(0, ceil<f64>(x - half)); from <= last; from = (from | 31) + 1) {
        const beyond = max<i32>(0, (from | 31) - last);
        const word = row * stride + (from >> 5);
        putU32(bits, word, u32At(bits, word) | ((((-1 << (from & 31)) << beyond) as u32) >> beyond));
      }
    }
  }
}

/** Numbers of the pixels whose bits are set, ascending, to `out` (u32), or nowhere where that is 0; returns how many they are. */
export function listBits(bits: usize, width: u32, height: u32, stride: u32, out: usize): u32 {
  let count: u32 = 0;
  for (let row: u32 = 0; row < height; row++) {
    for (let word: u32 = 0; word < stride; word++) {
      let left = u32At(bits, row * stride + word);
      if (out == 0) {
        count += popcnt<u32>(left);
        continue;
      }
      for (; left != 0; left &= left - 1) putU32(out, count++, row * width + (word << 5) + ctz<u32>(left));
    }
  }
  return count;
}
