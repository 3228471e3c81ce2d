// Which stars of frames are one star of the sky: `src/astrometry/adjust/link-stars.ts`.
import { addStar, chord2, nearestStar, StarGrid, starsNear } from './star-grid';
import { planeDirection, planePixel } from './tangent-plane';
import { f64At, i32At, putF64, putI32, putU32, u32At } from '../../words';

@unmanaged
export class LinkList {
  grid: usize;
  /** Links so far, and u32 [most] each: a link's frame, its star there, its node. */
  count: u32;
  frame: usize;
  star: usize;
  node: usize;
  /** i32 [room of the grid]: the link that holds a node last, -1 for none. */
  taken: usize;
  /** f64 [most] of one frame: distances of its links from their nodes. */
  distance: usize;
}

/** Links of a frame's stars, directions f64 [count] each (NaN for none), with the nearest nodes within `radius`, new ones where there are none. Two of its stars never share a node: the nearer one has it. */
export function linkFrame(list: usize, frame: u32, x: usize, y: usize, z: usize, count: u32, radius: f64): void {
  const a = changetype<LinkList>(list);
  const g = changetype<StarGrid>(a.grid);
  const first = a.count;
  for (let s: u32 = 0; s < count; s++) {
    const ux = f64At(x, s), uy = f64At(y, s), uz = f64At(z, s);
    // a star that is nowhere is not linked
    if (ux != ux) continue;
    let node = nearestStar(g, ux, uy, uz, radius);
    let distance: f64 = 0;
    if (node >= 0) {
      distance = sqrt(chord2(g, node, ux, uy, uz));
      const rival = i32At(a.taken, node);
      const isHeld = rival >= <i32>first;
      if (isHeld && f64At(a.distance, <u32>rival - first) <= distance) continue;
      if (isHeld) putI32(a.node, rival, -1);
    } else node = addStar(g, ux, uy, uz);
    putI32(a.taken, node, a.count);
    putF64(a.distance, a.count - first, distance);
    putU32(a.frame, a.count, frame);
    putU32(a.star, a.count, s);
    putI32(a.node, a.count++, node);
  }
}

/** Leaves out lost links, and nodes with one link of those beyond the first `listed`, with none of these, and numbers the rest anew: their old numbers to `kept`, u32 [room]; returns how many they are. */
export function linkCompact(list: usize, listed: u32, kept: usize): u32 {
  const a = changetype<LinkList>(list);
  const g = changetype<StarGrid>(a.grid);
  const uses = a.taken;
  memory.fill(uses, 0, <usize>g.count << 2);
  for (let l: u32 = 0; l < a.count; l++) {
    const node = i32At(a.node, l);
    if (node >= 0) putU32(uses, node, u32At(uses, node) + 1);
  }
  let nodes: u32 = 0;
  for (let n: u32 = 0; n < g.count; n++) {
    const isKept = u32At(uses, n) >= (n < listed ? 1 : 2);
    if (isKept) putU32(kept, nodes, n);
    putI32(uses, n, isKept ? nodes++ : -1);
  }
  let used: u32 = 0;
  for (let l: u32 = 0; l < a.count; l++) {
    const node = i32At(a.node, l);
    if (node < 0 || i32At(uses, node) < 0) continue;
    putU32(a.frame, used, u32At(a.frame, l));
    putU32(a.star, used, u32At(a.star, l));
    putI32(a.node, used++, i32At(uses, node));
  }
  a.count = used;
  return nodes;
}

/** Stars of the grid looked at about one star. */
const MOST_NEAR: u32 = 4096;
const near = memory.data(4 * 4096);
const from = memory.data(16);
const to = memory.data(16);

/**
 * Pixels from each of `count` stars of a frame to all stars of the grid within `reach` radians, by the frame's `plane`, x to `dx` and y to `dy`, f64, as far as there
 * is `room`; returns how many they are.
 */
export function linkOffsets(
  list: usize,
  plane: usize,
  x: usize,
  y: usize,
  z: usize,
  count: u32,
  reach: f64,
  dx: usize,
  dy: usize,
  room: u32,
): u32 {
  const g = changetype<StarGrid>(changetype<LinkList>(list).grid);
  let pairs: u32 = 0;
  for (let s: u32 = 0; s < count; s++) {
    const ux = f64At(x, s), uy = f64At(y, s), uz = f64At(z, s);
    if (ux != ux || !planePixel(plane, ux, uy, uz, from)) continue;
    const found = min(starsNear(g, ux, uy, uz, reach, near, MOST_NEAR), MOST_NEAR);
    for (let k: u32 = 0; k < found; k++) {
      const n = u32At(near, k);
      if (!planePixel(plane, f64At(g.x, n), f64At(g.y, n), f64At(g.z, n), to)) continue;
      if (pairs < room) {
        putF64(dx, pairs, f64At(to, 0) - f64At(from, 0));
        putF64(dy, pairs, f64At(to, 1) - f64At(from, 1));
      }
      pairs++;
    }
  }
  return pairs;
}

/**
 * The offset that most of `count` pairs have, `dx` and `dy` f64: they vote in bins of a pixel, to `reach` on either side, three by three of which count together. Its bin to `out`, f64
 * [2]; returns the votes. `votes` is i32 [2 reach + 1, 2 reach + 1].
 */
export function offsetVotes(dx: usize, dy: usize, count: u32, reach: i32, votes: usize, out: usize): u32 {
  const bins = 2 * reach + 1;
  memory.fill(votes, 0, <usize>(bins * bins) << 2);
  for (let p: u32 = 0; p < count; p++) {
    const i = <i32>floor(f64At(dx, p) + 0.5) + reach, j = <i32>floor(f64At(dy, p) + 0.5) + reach;
    if (i < 0 || j < 0 || i >= bins || j >= bins) continue;
    putI32(votes, j * bins + i, i32At(votes, j * bins + i) + 1);
  }
  let most: i32 = 0;
  let at: i32 = 0;
  for (let j = 1; j < bins - 1; j++) {
    for (let i = 1; i < bins - 1; i++) {
      let sum: i32 = 0;
      for (let k = -1; k <= 1; k++)
        for (let l = -1; l <= 1; l++) sum += i32At(votes, (j + k) * bins + i + l);
      if (sum > most) {
        most = sum;
        at = j * bins + i;
      }
    }
  }
  putF64(out, 0, <f64>((at % bins) - reach));
  putF64(out, 1, <f64>(at / bins - reach));
  return most;
}

/** Moves the pairs within 1.5 of (`atX`, `atY`) to the front; returns how many. */
export function offsetsWithin(dx: usize, dy: usize, count: u32, atX: f64, atY: f64): u32 {
  let kept: u32 = 0;
  for (let p: u32 = 0; p < count; p++) {
    if (abs(f64At(dx, p) - atX) > 1.5 || abs(f64At(dy, p) - atY) > 1.5) continue;
    putF64(dx, kept, f64At(dx, p));
    putF64(dy, kept++, f64At(dy, p));
  }
  return kept;
}

/** Moves directions, f64 [count] each, by pixels of the frame; those behind its plane stay. */
export function moveStars(plane: usize, x: usize, y: usize, z: usize, count: u32, dx: f64, dy: f64): void {
  for (let s: u32 = 0; s < count; s++)
    if (planePixel(plane, f64At(x, s), f64At(y, s), f64At(z, s), from))
      planeDirection(plane, f64At(from, 0) + dx, f64At(from, 1) + dy, x + (<usize>s << 3), y + (<usize>s << 3), z + (<usize>s << 3));
}
