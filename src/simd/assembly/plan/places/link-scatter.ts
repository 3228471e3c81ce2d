// How far frames agree about the stars that they share: `src/astrometry/adjust/frame-statistics.ts`.
import { planePixel } from './tangent-plane';
import { addF64, f32At, f64At, putF32, putF64, u32At } from '../../words';

/**
 * Per link, to `squares`, the squared distance from the mean of all frames that show its star, over the squared scale of its frame, its own share in the mean undone; NaN for links without
 * `weight`, f32, and where no other frame counts. Stars of all frames at `x`, `y`, `z`, those of frame f from `first[f]` on; u32 lists; `scales` f64 [frames]; `sums` f64 [nodes, 4], zeros.
 */
export function linkScatter(
  start: usize,
  frames: u32,
  star: usize,
  node: usize,
  weight: usize,
  first: usize,
  x: usize,
  y: usize,
  z: usize,
  scales: usize,
  sums: usize,
  squares: usize,
): void {
  for (let f: u32 = 0; f < frames; f++) {
    const from = u32At(first, f), end = u32At(start, f + 1);
    for (let l = u32At(start, f); l < end; l++) {
      if (!(f32At(weight, l) > 0)) continue;
      const s = from + u32At(star, l);
      const at: u32 = 4 * u32At(node, l);
      addF64(sums, at, f64At(x, s));
      addF64(sums, at + 1, f64At(y, s));
      addF64(sums, at + 2, f64At(z, s));
      addF64(sums, at + 3, 1);
    }
  }
  for (let f: u32 = 0; f < frames; f++) {
    const from = u32At(first, f), end = u32At(start, f + 1);
    const scale = f64At(scales, f);
    for (let l = u32At(start, f); l < end; l++) {
      const at: u32 = 4 * u32At(node, l);
      const count = f64At(sums, at + 3);
      if (!(f32At(weight, l) > 0) || count < 2) {
        putF64(squares, l, NaN);
        continue;
      }
      const s = from + u32At(star, l);
      const dx = f64At(x, s) - f64At(sums, at) / count;
      const dy = f64At(y, s) - f64At(sums, at + 1) / count;
      const dz = f64At(z, s) - f64At(sums, at + 2) / count;
      putF64(squares, l, ((dx * dx + dy * dy + dz * dz) / (scale * scale)) * (count / (count - 1)));
    }
  }
}

/** Numbers of `figures`: of links, then sums of squares by what is believed of them, with the sums of that. */
const LINKS: u32 = 0;
const CATALOGUE_LINKS: u32 = 1;
const SHARED: u32 = 2;
const COUNTED: u32 = 3;
const BEFORE: u32 = 4;
const AFTER: u32 = 5;
const BELIEVED: u32 = 6;
const CATALOGUE_SQUARES: u32 = 7;
const CATALOGUE_BELIEVED: u32 = 8;

/** Addresses that `frameFigures` takes. */
@unmanaged
class Scattered {
  /** u32 [links] each; f32 [links] each; f64 [links] each */
  star: usize;
  node: usize;
  weight: usize;
  believed: usize;
  before: usize;
  after: usize;
  /** f64 [nodes] each: where the nodes lie, where they do by the catalogue, and what that counts for, 0 where it has none. */
  x: usize;
  y: usize;
  z: usize;
  listedX: usize;
  listedY: usize;
  listedZ: usize;
  nodeWeight: usize;
}

/**
 * What links `from` to `to - 1`, those of one frame, say of it, to `figures`, f64 [9]. `plane` shows directions in it, `bases`, f64 [stars, 2], are its stars there; of each link that has a weight the
 * pixel of its star, from f64 `px`, `py`, and how far from it the node lies, to `out`, f32 [4, to - from]: x, y, dx, dy.
 */
export function frameFigures(
  scattered: usize,
  from: u32,
  to: u32,
  plane: usize,
  bases: usize,
  px: usize,
  py: usize,
  figures: usize,
  out: usize,
): void {
  const a = changetype<Scattered>(scattered);
  const shown = memory.data(16);
  const room = to - from;
  memory.fill(figures, 0, 9 << 3);
  let counted: u32 = 0;
  for (let l = from; l < to; l++) {
    if (!(f32At(a.weight, l) > 0)) continue;
    const s = u32At(a.star, l), n = u32At(a.node, l);
    const baseX = f64At(bases, 2 * s), baseY = f64At(bases, 2 * s + 1);
    const belief = f32At(a.believed, l);
    const squares = f64At(a.after, l);
    const isShared = squares == squares;
    if (isShared) {
      addF64(figures, LINKS, 1);
      addF64(figures, BEFORE, belief * f64At(a.before, l));
      addF64(figures, AFTER, belief * squares);
      addF64(figures, BELIEVED, belief);
    }
    const isListed = f64At(a.nodeWeight, n) > 0;
    if (isShared || isListed) addF64(figures, SHARED, 1);
    if (isListed) {
      show(plane, f64At(a.listedX, n), f64At(a.listedY, n), f64At(a.listedZ, n), shown);
      const dx = f64At(shown, 0) - baseX, dy = f64At(shown, 1) - baseY;
      addF64(figures, CATALOGUE_LINKS, 1);
      addF64(figures, CATALOGUE_SQUARES, belief * (dx * dx + dy * dy));
      addF64(figures, CATALOGUE_BELIEVED, belief);
    }
    show(plane, f64At(a.x, n), f64At(a.y, n), f64At(a.z, n), shown);
    putF32(out, counted, f64At(px, s));
    putF32(out, room + counted, f64At(py, s));
    putF32(out, 2 * room + counted, f64At(shown, 0) - baseX);
    putF32(out, 3 * room + counted, f64At(shown, 1) - baseY);
    counted++;
  }
  putF64(figures, COUNTED, counted);
}

function show(plane: usize, x: f64, y: f64, z: f64, out: usize): void {
  if (planePixel(plane, x, y, z, out)) return;
  putF64(out, 0, NaN);
  putF64(out, 1, NaN);
}
