// A rough line brought to the light that runs near it.
import { ACROSS, FINE, Line, PIECE, Pieces, REACH, rounded } from './cut-line';
import { medianOfValid, scatterOfValid } from './valid-ranks';
import { f32At, f64At, putF32, putF64 } from '../words';

/** A piece brighter than this many deviations counts as that: stars. */
const CLIP: f64 = 3;
/** Samples to either side in which the middle of the light is sought. */
const CORE: i32 = 4;

/** `out`: the line about which the pieces, less their sky, add up to most, to within a sample. `scratch` has room for f32 [pieces, ACROSS] four times and f64 [ACROSS]. */
export function alignLine(pieces: Pieces, line: Line, slack: f64, scratch: usize, out: Line): void {
  const count = pieces.count, start = pieces.start;
  clipPieces(pieces, scratch);
  const most = <i32>min<f64>(ceil<f64>(slack * FINE), <f64>(REACH * FINE - 2 * FINE));
  const middle = REACH * FINE;
  let best = -Infinity, low: f64 = 0, high: f64 = 0;
  for (let from = -most; from <= most; from += FINE) {
    for (let to = -most; to <= most; to += FINE) {
      let sum: f64 = 0;
      for (let t = 0; t < count; t++) {
        const across = <i32>rounded(<f64>from + (<f64>(to - from) * (<f64>t + 0.5)) / <f64>count);
        sum += f32At(scratch, <u32>(t * ACROSS + middle + across));
      }
      if (sum <= best) continue;
      best = sum;
      low = <f64>from / FINE;
      high = <f64>to / FINE;
    }
  }
  moved(line, start, low, start + <f64>(count * PIECE), high, out);
}

/** `out`: the line through the middle of the light about it, by the medians of both halves of its pieces. `scratch` has room for f32 [pieces] and three times the greater of that and ACROSS. */
export function centreLine(pieces: Pieces, line: Line, scratch: usize, out: Line): void {
  const count = pieces.count, start = pieces.start;
  const room = scratch + (<usize>count << 2);
  for (let t = 0; t < count; t++) {
    const row = pieces.means + (<usize>(t * ACROSS) << 2);
    const sky = medianOfValid(row, ACROSS, room);
    let sum: f64 = 0, moment: f64 = 0;
    for (let u = -CORE * FINE; u <= CORE * FINE; u++) {
      const light = f32At(row, REACH * FINE + u) - sky;
      if (!(light > 0)) continue;
      sum += light;
      moment += light * <f64>u;
    }
    putF32(scratch, t, sum > 0 ? moment / (sum * FINE) : 0);
  }
  const half = count >> 1;
  const low = medianOfValid(scratch, half, room);
  const high = medianOfValid(scratch + (<usize>(count - half) << 2), half, room);
  const quarter = <f64>(half * PIECE) / 2;
  moved(line, start + quarter, low, start + <f64>(count * PIECE) - quarter, high, out);
}

/** `out`: the line that passes `low` and `high` across from `line` at the places `from` and `to` along it. */
function moved(line: Line, from: f64, low: f64, to: f64, high: f64, out: Line): void {
  const nx = line.nx, ny = line.ny;
  const xa = (line.offset + low) * nx + from * ny, ya = (line.offset + low) * ny - from * nx;
  const dx = (line.offset + high) * nx + to * ny - xa, dy = (line.offset + high) * ny - to * nx - ya;
  const longer = max<f64>(abs<f64>(dx), abs<f64>(dy));
  const length = sqrt<f64>((dx / longer) * (dx / longer) + (dy / longer) * (dy / longer)) * longer;
  out.nx = -dy / length;
  out.ny = dx / length;
  out.offset = xa * out.nx + ya * out.ny;
}

/** Pieces over their sky in units of their scatter, smoothed over two samples across and clipped, f32 to `out`, with room behind as `alignLine` has it. */
function clipPieces(pieces: Pieces, out: usize): void {
  const count = pieces.count;
  const heights = out + (<usize>(count * ACROSS) << 2);
  const room = heights + (<usize>ACROSS << 3);
  const scatter = scatterOfValid(pieces.means, count * ACROSS, room);
  for (let t = 0; t < count; t++) {
    const row = pieces.means + (<usize>(t * ACROSS) << 2);
    const sky = medianOfValid(row, ACROSS, room);
    for (let u = 0; u < ACROSS; u++) putF64(heights, u, min<f64>(max<f64>((f32At(row, u) - sky) / scatter, -CLIP), CLIP));
    for (let u = 0; u < ACROSS; u++) {
      let sum: f64 = 0, n: f64 = 0;
      for (let v = max<i32>(0, u - FINE); v <= min<i32>(ACROSS - 1, u + FINE); v++) {
        const height = f64At(heights, v);
        if (height != height) continue;
        sum += height;
        n += 1;
      }
      putF32(out, t * ACROSS + u, n > 0 ? sum / n : 0);
    }
  }
}
