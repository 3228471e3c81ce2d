// A line of marks looked at closely; src/astrometry/trails/measure-strip.ts says what for.
import { alignLine, centreLine } from './align-line';
import { ACROSS, Coarse, cutLine, Line, mostPieces, PIECE, Pieces } from './cut-line';
import { LEAST_LENGTH, litPieces, PieceRange } from './lit-pieces';
import { Profile, stripProfile } from './strip-profile';
import { putF64 } from '../words';

/** Pieces beyond the last that shows it, where a trail may be too faint to tell. */
const MORE_PIECES: i32 = 1;
/** An end fewer than this many pieces from that of the line is at that. */
const NEAR_END: i32 = 3;
/** Bytes for lines, pieces and what else is told of one strip. */
const RECORDS: usize = 256;
/** Arrays of f32 [pieces, ACROSS]: means, and four to work with. */
const ARRAYS: usize = 5;

/** Bytes that `measureStrip` needs for a filtered frame of so many samples. */
export function stripBytes(nx: i32, ny: i32): usize {
  // and what does not grow with the pieces
  return RECORDS + arrayBytes(nx, ny) * ARRAYS + (<usize>ACROSS << 5);
}

function arrayBytes(nx: i32, ny: i32): usize {
  return <usize>(mostPieces(nx, ny) * ACROSS) << 2;
}

/**
 * The strip that runs within `slack` samples of the line x nx + y ny = offset at its ends, of a filtered frame (f32 at `data`, rows `width` apart, columns x0 to x1 - 1, rows y0 to y1 - 1):
 * nx, ny, offset, ends along (ny, -nx), half its width and its height over the noise, f64 each, to `out`. Returns 1, or 0 where none does. `room` has `stripBytes(x1 - x0, y1 - y0)`.
 */
export function measureStrip(
  data: usize,
  width: i32,
  x0: i32,
  x1: i32,
  y0: i32,
  y1: i32,
  nx: f64,
  ny: f64,
  offset: f64,
  slack: f64,
  room: usize,
  out: usize,
): u32 {
  let at = room;
  const coarse = changetype<Coarse>(at);
  const near = changetype<Line>((at += sizeOf<Coarse>()));
  const aligned = changetype<Line>((at += sizeOf<Line>()));
  const pieces = changetype<Pieces>((at += sizeOf<Line>()));
  const part = changetype<Pieces>((at += sizeOf<Pieces>()));
  const lit = changetype<PieceRange>((at += sizeOf<Pieces>()));
  const profile = changetype<Profile>(at + sizeOf<PieceRange>());
  const means = room + RECORDS, scratch = means + arrayBytes(x1 - x0, y1 - y0);
  coarse.data = data;
  coarse.width = width;
  coarse.x0 = x0;
  coarse.x1 = x1;
  coarse.y0 = y0;
  coarse.y1 = y1;
  near.nx = nx;
  near.ny = ny;
  near.offset = offset;

  cutLine(coarse, near, means, scratch, pieces);
  if (pieces.count * PIECE < LEAST_LENGTH) return 0;
  alignLine(pieces, near, slack, scratch, aligned);
  cutLine(coarse, aligned, means, scratch, pieces);
  if (!litPieces(pieces, scratch, lit)) return 0;
  const start = pieces.start, count = pieces.count;
  partOf(pieces, lit, part);
  const line = near;
  centreLine(part, aligned, scratch, line);
  cutLine(coarse, line, means, scratch, pieces);
  partOf(pieces, lit, part);
  if (!stripProfile(part, scratch, profile)) return 0;
  putF64(out, 0, line.nx);
  putF64(out, 1, line.ny);
  putF64(out, 2, line.offset + (profile.low + profile.high) / 2);
  // an end that is nearly that of the frame is
  const from = lit.from < NEAR_END ? -1 : lit.from - MORE_PIECES;
  const to = lit.to > count - NEAR_END ? count + 1 : lit.to + MORE_PIECES;
  putF64(out, 3, start + <f64>(PIECE * from));
  putF64(out, 4, start + <f64>(PIECE * to));
  putF64(out, 5, (profile.high - profile.low) / 2);
  putF64(out, 6, profile.snr);
  return 1;
}

/** Whole words of eight bytes that a record takes. */
// @ts-ignore: decorator
@inline
function sizeOf<T>(): usize {
  return (offsetof<T>() + 7) & ~7;
}

/** `out`: the pieces of a range, as far as there are such. */
function partOf(pieces: Pieces, range: PieceRange, out: Pieces): void {
  out.start = pieces.start + <f64>(range.from * PIECE);
  out.means = pieces.means + (<usize>(range.from * ACROSS) << 2);
  out.count = max<i32>(0, min<i32>(range.to, pieces.count) - range.from);
}
