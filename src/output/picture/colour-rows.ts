// Rows of a colour picture of 8 bits in SIMD: four pixels at a time through the stretch. Its twin is `screenValues`.
import { SamplePasses } from '../../simd/sample-passes.js';
import { CURVE_STEPS, curveTable, type PixelRun, type Stretch } from './stretch.js';

/** What tells how far a pixel is covered: shares (0-1), or the planes themselves, of which a covered one is finite in all. */
export type Cover = Float32Array | 'finite';

/** One row of a picture: the pixels of a run of the planes, with alpha by `cover` where it is given. The next call overwrites what is returned. */
export type RowPainter = (planes: readonly Float32Array[], run: PixelRun, cover?: Cover) => Uint8Array;

/** Numbers ahead of the curve: sky and factor of each plane, black, one that is not used. */
const HEAD = 8;

/** Three planes as R, G, B, or R, G, B, A, by `stretch`: within a level of 255 of what `screenValues` says, because it is reckoned in float32. */
export function colourRows(stretch: Stretch): RowPainter {
  const room = new SamplePasses();
  const scale = 1 / (stretch.white - stretch.black);
  const screen = room.take(4 * (HEAD + CURVE_STEPS + 1));
  const numbers = new Float32Array(room.buffer, screen, HEAD + CURVE_STEPS + 1);
  numbers.set([...stretch.sky, ...stretch.gains.map((gain) => gain * scale), stretch.black * scale, 0]);
  numbers.set(curveTable(stretch.asinhA), HEAD);
  let length = -1;
  let [rows, out]: [number[], number] = [[], 0];
  return (planes, run, cover) => {
    if (run.length > length) {
      length = run.length;
      // the last one is for rows that are turned round
      rows = Array.from({ length: 5 }, () => room.take(4 * length));
      out = room.take(4 * length);
    }
    const [reds, greens, blues, alphas, turned] = rows;
    const load = (from: Float32Array, at: number) => loadRow(room, from, run, at, turned);
    planes.forEach((plane, p) => load(plane, rows[p]));
    if (cover === 'finite') room.passes.coveredPixels(reds, greens, blues, run.length, alphas);
    else if (cover) load(cover, alphas);
    room.passes.showColour(reds, greens, blues, cover ? alphas : 0, run.length, screen, CURVE_STEPS, out);
    return room.bytes().subarray(out, out + run.length * (cover ? 4 : 3));
  };
}

function loadRow(
  room: SamplePasses,
  from: Float32Array,
  { start, step, length }: PixelRun,
  at: number,
  turned: number,
): void {
  const row = new Float32Array(room.buffer, step < 0 ? turned : at, length);
  if (step > 0) row.set(from.subarray(start, start + length));
  else {
    row.set(from.subarray(start - length + 1, start + 1));
    room.passes.turnRound(turned, length, at);
  }
}
