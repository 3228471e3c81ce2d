// Rows of a colour picture of 8 bits in SIMD: four pixels at a time through the stretch. Its twin is `screenValues`.
import { SamplePasses } from '../simd/sample-passes.js';
import type { BinnedImage } from './binned-image.js';
import { CURVE_STEPS, curveTable, type PixelRun, type Stretch } from './stretch.js';

/** One row of a picture: the pixels of a run, with alpha by `shares` (0-1) where they are given. The next call overwrites what is returned. */
export type RowPainter = (run: PixelRun, shares?: Float32Array) => Uint8Array;

/** Numbers ahead of the curve: sky and factor of each plane, black, one that is not used. */
const HEAD = 8;

/** Three planes as R, G, B, or R, G, B, A, by `stretch`: within a level of 255 of what `screenValues` says, because it is reckoned in float32. */
export function colourRows(image: Pick<BinnedImage, 'planes'>, stretch: Stretch): RowPainter {
  const room = new SamplePasses();
  const scale = 1 / (stretch.white - stretch.black);
  const screen = room.take(4 * (HEAD + CURVE_STEPS + 1));
  new Float32Array(room.buffer, screen, HEAD + CURVE_STEPS + 1).set([
    ...stretch.sky,
    ...stretch.gains.map((gain) => gain * scale),
    stretch.black * scale,
    0,
    ...curveTable(stretch.asinhA),
  ]);
  let length = -1;
  let [rows, out]: [number[], number] = [[], 0];
  return (run, shares) => {
    if (run.length > length) {
      length = run.length;
      rows = Array.from({ length: 4 }, () => room.take(4 * length));
      out = room.take(4 * length);
    }
    image.planes.forEach((plane, p) => load(plane, run, new Float32Array(room.buffer, rows[p], run.length)));
    if (shares) load(shares, run, new Float32Array(room.buffer, rows[3], run.length));
    const [reds, greens, blues, alphas] = rows;
    room.passes.showColour(reds, greens, blues, shares ? alphas : 0, run.length, screen, CURVE_STEPS, out);
    return room.bytes().subarray(out, out + run.length * (shares ? 4 : 3));
  };
}

function load(from: Float32Array, { start, step, length }: PixelRun, to: Float32Array): void {
  if (step === 1) to.set(from.subarray(start, start + length));
  else for (let x = 0, at = start; x < length; x++, at += step) to[x] = from[at];
}
