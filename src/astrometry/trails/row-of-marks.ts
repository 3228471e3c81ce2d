// The straight line that most marks lie on beyond what chance puts there (Hough 1962; the normal form of Duda and Hart 1972).
import type { SamplePasses } from '../../simd/sample-passes.js';
import type { LineMarks } from './line-marks.js';

/** x cos + y sin = offset, in boxes, (0, 0) the middle of the first. */
export interface MarkedLine {
  readonly cos: number;
  readonly sin: number;
  readonly offset: number;
  /** Marks beyond those of chance, over the square root of the latter. */
  readonly excess: number;
}

/** Lines that cross fewer boxes are none. */
const LEAST_CHORD = 16;

/** Undefined where no line has an excess of more than `least`. `counts[m]` is 0 for marks that are spoken for. It works in `memory`, which is given back. */
export function rowOfMarks(
  memory: SamplePasses,
  marks: LineMarks,
  counts: Uint8Array,
  least: number,
): MarkedLine | undefined {
  return memory.within(() => strongestRow(memory, marks, counts, least));
}

function strongestRow(
  memory: SamplePasses,
  { nx, ny, ...marks }: LineMarks,
  counts: Uint8Array,
  least: number,
): MarkedLine | undefined {
  const diagonal = Math.hypot(nx, ny);
  const angles = Math.ceil((Math.PI / 4) * diagonal);
  const bins = Math.ceil(diagonal) + nx + 4;
  const [xs, ys] = [marks.i, marks.j].map((of) => memory.take(4 * of.length));
  const directions = memory.take(16 * angles);
  const votes = memory.take(16 * bins);
  const out = memory.take(24);
  const [x, y] = [xs, ys].map((at) => new Int32Array(memory.buffer, at, marks.count));
  let count = 0;
  for (let m = 0; m < marks.count; m++) {
    if (counts[m] === 0) continue;
    x[count] = marks.i[m];
    y[count++] = marks.j[m];
  }
  const axes = new Float64Array(memory.buffer, directions, 2 * angles);
  for (let a = 0; a < angles; a++) {
    axes[2 * a] = Math.cos((a * Math.PI) / angles);
    axes[2 * a + 1] = Math.sin((a * Math.PI) / angles);
  }
  const search = [nx, ny, directions, angles, least, LEAST_CHORD, votes, bins, out] as const;
  if (memory.passes.strongestRow(xs, ys, count, ...search) === 0) return undefined;
  const [angle, offset, excess] = new Float64Array(memory.buffer, out, 3);
  return { cos: axes[2 * angle], sin: axes[2 * angle + 1], offset, excess };
}
