// Stars under their numbers, found again by where they are: cells of space in a hash table.
import { f64At, putF64, putU32, u32At } from '../../words';

/** Sizes and addresses, laid out by `src/simd/star-grid.ts`. */
@unmanaged
export class StarGrid {
  /** Stars that there is room for, and those that there are. */
  room: u32;
  count: u32;
  /** Buckets of the table, a power of two. */
  buckets: u32;
  /** f64 [room] each */
  x: usize;
  y: usize;
  z: usize;
  /** u32 [room], u32 [buckets]: the next star of a bucket and its first one, counted from 1, 0 where there is none. */
  next: usize;
  head: usize;
  /** f64: side of a cell, twice as far as any search goes. */
  cell: usize;
}

function bucketOf(g: StarGrid, i: i32, j: i32, k: i32): u32 {
  const h = <u32>((i * <i32>0x8da6b343) ^ (j * <i32>0xd8163841) ^ (k * <i32>0xcb1ab31f));
  return (h ^ (h >>> 15)) & (g.buckets - 1);
}

/** A new star at a place that is one (not NaN); returns its number. */
export function addStar(g: StarGrid, x: f64, y: f64, z: f64): u32 {
  const star = g.count++;
  putF64(g.x, star, x);
  putF64(g.y, star, y);
  putF64(g.z, star, z);
  insert(g, star);
  return star;
}

function insert(g: StarGrid, star: u32): void {
  const c = load<f64>(g.cell);
  const bucket = bucketOf(
    g,
    <i32>floor(f64At(g.x, star) / c),
    <i32>floor(f64At(g.y, star) / c),
    <i32>floor(f64At(g.z, star) / c),
  );
  putU32(g.next, star, u32At(g.head, bucket));
  putU32(g.head, bucket, star + 1);
}

/** Takes up the first `count` stars, whose places stand there already. */
export function starGridFill(grid: usize, count: u32): void {
  const g = changetype<StarGrid>(grid);
  for (; g.count < count; g.count++) insert(g, g.count);
}

/** Buckets of the cells about a place, of each axis its own and the nearer neighbour, u32 [8]. */
const around = memory.data(32);

/** Fills `around`, each bucket once; returns how many. */
function bucketsAround(g: StarGrid, x: f64, y: f64, z: f64): u32 {
  const c = load<f64>(g.cell);
  const i = <i32>floor(x / c), j = <i32>floor(y / c), k = <i32>floor(z / c);
  const besideI = x / c - <f64>i < 0.5 ? i - 1 : i + 1;
  const besideJ = y / c - <f64>j < 0.5 ? j - 1 : j + 1;
  const besideK = z / c - <f64>k < 0.5 ? k - 1 : k + 1;
  let used: u32 = 0;
  for (let corner: u32 = 0; corner < 8; corner++) {
    const bucket = bucketOf(g, corner & 4 ? besideI : i, corner & 2 ? besideJ : j, corner & 1 ? besideK : k);
    let known: u32 = 0;
    while (known < used && u32At(around, known) != bucket) known++;
    if (known == used) putU32(around, used++, bucket);
  }
  return used;
}

/** Square of the distance of a star from a place. */
// @ts-ignore: decorator
@inline
export function chord2(g: StarGrid, star: u32, x: f64, y: f64, z: f64): f64 {
  const dx = f64At(g.x, star) - x, dy = f64At(g.y, star) - y, dz = f64At(g.z, star) - z;
  return dx * dx + dy * dy + dz * dz;
}

/** The star nearest to a place within `radius`, -1 where there is none. */
export function nearestStar(g: StarGrid, x: f64, y: f64, z: f64, radius: f64): i32 {
  let best: i32 = -1;
  let least = radius * radius;
  const used = bucketsAround(g, x, y, z);
  for (let b: u32 = 0; b < used; b++) {
    for (let at = u32At(g.head, u32At(around, b)); at > 0; at = u32At(g.next, at - 1)) {
      const apart = chord2(g, at - 1, x, y, z);
      if (!(apart <= least) || (apart == least && best >= 0)) continue;
      least = apart;
      best = <i32>at - 1;
    }
  }
  return best;
}

/** Writes the numbers of the stars within `radius` of a place to `out`, u32, as far as there is room; returns how many there are. */
export function starsNear(g: StarGrid, x: f64, y: f64, z: f64, radius: f64, out: usize, room: u32): u32 {
  const limit = radius * radius;
  const used = bucketsAround(g, x, y, z);
  let count: u32 = 0;
  for (let b: u32 = 0; b < used; b++) {
    for (let at = u32At(g.head, u32At(around, b)); at > 0; at = u32At(g.next, at - 1)) {
      if (!(chord2(g, at - 1, x, y, z) <= limit)) continue;
      if (count < room) putU32(out, count, at - 1);
      count++;
    }
  }
  return count;
}

/** To `numbers`, u32 [count], the number of the nearest star nearer than `radius` to each place, f64 [count] each; where there is none it is a new one. */
export function starGridNumber(grid: usize, x: usize, y: usize, z: usize, count: u32, radius: f64, numbers: usize): void {
  const g = changetype<StarGrid>(grid);
  for (let k: u32 = 0; k < count; k++) {
    const nearest = nearestStar(g, f64At(x, k), f64At(y, k), f64At(z, k), radius);
    putU32(numbers, k, nearest >= 0 ? <u32>nearest : addStar(g, f64At(x, k), f64At(y, k), f64At(z, k)));
  }
}
