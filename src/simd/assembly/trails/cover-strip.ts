// Which pixels of a frame lie on parts of a strip: bits as `../frame/cover-discs.ts` has them.
import { f64At, putU32, u32At } from '../words';

/**
 * Sets the bits of pixels of `width` x `height` that lie on those pieces, `piece` pixels long from its beginning on, of the strip (f64 [6]: normal x and y, offset, from, to, half width; see
 * `src/astrometry/trails/trail-strip.ts`) whose byte of `pieces`, u8 [count], is 1.
 */
export function coverStrip(
  strip: usize,
  pieces: usize,
  count: u32,
  piece: f64,
  width: u32,
  height: u32,
  stride: u32,
  bits: usize,
): void {
  const cx = f64At(strip, 0), cy = f64At(strip, 1), offset = f64At(strip, 2);
  const from = f64At(strip, 3), to = f64At(strip, 4), halfWidth = f64At(strip, 5);
  // rows and columns between the strip's corners: along the axis that it is nearer to, then across
  const isSteep = abs(cx) > abs(cy);
  const along: f64 = isSteep ? height : width, across: f64 = isSteep ? width : height;
  const ca = isSteep ? cy : cx, cb = isSteep ? cx : cy;
  const step = isSteep ? -cx : cy;
  const begin = offset * ca + from * step, end = offset * ca + to * step;
  const wider = halfWidth * abs(ca);
  const last = min(along - 1, floor(max(begin, end) + wider));
  const reach = halfWidth / abs(cb);
  for (let a = max<f64>(0, ceil(min(begin, end) - wider)); a <= last; a++) {
    const middle = (offset - a * ca) / cb;
    const farthest = min(across - 1, floor(middle + reach));
    for (let b = max<f64>(0, ceil(middle - reach)); b <= farthest; b++) {
      const x = isSteep ? b : a;
      const y = isSteep ? a : b;
      const t = x * cy - y * cx;
      const at = floor((t - from) / piece);
      if (!(t <= to && at >= 0 && at < <f64>count)) continue;
      if (load<u8>(pieces + <usize>at) != 1) continue;
      const column = <u32>x;
      const word = <u32>y * stride + (column >> 5);
      putU32(bits, word, u32At(bits, word) | (1 << (column & 31)));
    }
  }
}
