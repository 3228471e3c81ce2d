// All overlaps of a group at once: the similarities that bring its frames' shared stars together best (linear least squares).
import { factorBlock, solveBlock } from '../../photometry/small-cholesky.js';
import type { Overlap, Tree } from './group-types.js';
import { applied, type PlaneMap } from './plane-map.js';
import type { SessionFrame } from './session-frame.js';

/** Numbers of a similarity: (x, y) -> (a x - b y + c, b x + a y + d). */
const FREE = 4;

export interface SettledGroup {
  /** To the pixels of the first member. */
  readonly maps: readonly PlaneMap[];
  /** The overlap whose stars end farthest apart. */
  readonly worst: { readonly overlap: Overlap; readonly rmsPx: number } | undefined;
}

/** The first member keeps its pixels. Overlaps with frames outside of the tree do not count. */
export function settleGroup(
  frames: readonly SessionFrame[],
  { members, parities }: Tree,
  overlaps: readonly Overlap[],
): SettledGroup {
  const place = new Map(members.map((member, m) => [member, m]));
  const own = overlaps.filter(({ from, to }) => place.has(from) && place.has(to));
  const unit = frames[members[0]].field().field.diagonal / 2;
  const size = FREE * (members.length - 1);
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  /** A frame's star, reflected where its frame is, in units. */
  const star = (member: number, s: number): [number, number] => {
    const { x, y } = frames[member].field().field;
    return [x[s] / unit, (parities[place.get(member)!] * y[s]) / unit];
  };
  /** Adds the square of (terms - value); terms are columns with their factors. */
  const addRow = (terms: readonly (readonly [number, number])[], value: number): void => {
    for (const [i, p] of terms) {
      right[i] += p * value;
      for (const [j, q] of terms) normal[i * size + j] += p * q;
    }
  };
  for (const { from, to, match } of own) {
    for (const [s, o] of match.shared) {
      const [rowX, rowY]: [number, number][][] = [[], []];
      let [valueX, valueY] = [0, 0];
      for (const [member, [x, y], sign] of [
        [from, star(from, s), 1],
        [to, star(to, o), -1],
      ] as const) {
        const m = place.get(member)!;
        if (m === 0) {
          valueX -= sign * x;
          valueY -= sign * y;
          continue;
        }
        const at = FREE * (m - 1);
        rowX.push([at, sign * x], [at + 1, -sign * y], [at + 2, sign]);
        rowY.push([at, sign * y], [at + 1, sign * x], [at + 3, sign]);
      }
      addRow(rowX, valueX);
      addRow(rowY, valueY);
    }
  }
  factorBlock(normal, 0, size);
  solveBlock(normal, 0, size, right, 0);
  const maps = members.map((_, m): PlaneMap => {
    if (m === 0) return [1, 0, 0, 0, 1, 0];
    const [a, b, c, d] = right.subarray(FREE * (m - 1), FREE * m);
    const parity = parities[m];
    return [a, -b * parity, c * unit, b, a * parity, d * unit];
  });
  let worst: SettledGroup['worst'];
  for (const overlap of own) {
    const rmsPx = strain(frames, overlap, maps[place.get(overlap.from)!], maps[place.get(overlap.to)!]);
    if (!worst || rmsPx > worst.rmsPx) worst = { overlap, rmsPx };
  }
  return { maps, worst };
}

/** Root mean square distance of the shared stars. */
function strain(
  frames: readonly SessionFrame[],
  { from, to, match: { shared } }: Overlap,
  mapFrom: PlaneMap,
  mapTo: PlaneMap,
): number {
  const [p, q] = [frames[from].field().field, frames[to].field().field];
  const squares = shared.reduce((sum, [s, o]) => {
    const [x, y] = applied(mapFrom, p.x[s], p.y[s]);
    const [u, v] = applied(mapTo, q.x[o], q.y[o]);
    return sum + (x - u) ** 2 + (y - v) ** 2;
  }, 0);
  return Math.sqrt(squares / shared.length);
}
