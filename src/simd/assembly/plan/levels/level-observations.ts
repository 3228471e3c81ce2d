// What frames saw of common nodes, as the level solve takes it, and which frames hang together through them: told in `src/photometry/levels/level-observations.ts`.
import { f32At, i32At, putF32, putI32, putU32, u32At } from '../../words';

/** Addresses of the lists of `frames` frames, one after the other: entries of frame f are start[f] to start[f + 1] - 1. */
@unmanaged
export class Lists {
  frames: u32;
  /** u32 [frames + 1] */
  start: usize;
  /** u32, then f32 [entries] */
  node: usize;
  level: usize;
  sigma: usize;
  x: usize;
  y: usize;
  /** u32 [nodes]: how many frames see a node. */
  seen: usize;
  /** i32 [1 + the highest number of a node] */
  table: usize;
  /** u32 [frames] */
  component: usize;
}

/** The highest number of a node; -1 without any. */
export function highestNode(node: usize, count: u32): i32 {
  let highest = -1;
  for (let i: u32 = 0; i < count; i++) highest = max<i32>(highest, i32At(node, i));
  return highest;
}

/** Leaves out entries without a level or a sigma, in place, and numbers the nodes of the others densely in their order; `table` has room for `numbers`. Returns how many nodes there are. */
export function levelGather(lists: usize, numbers: u32): u32 {
  const q = changetype<Lists>(lists);
  memory.fill(q.table, 0xff, <usize>numbers << 2);
  let nodes: u32 = 0;
  let n: u32 = 0;
  let from: u32 = 0;
  for (let f: u32 = 0; f < q.frames; f++) {
    const end = u32At(q.start, f + 1);
    for (let i = from; i < end; i++) {
      const level = f32At(q.level, i);
      const sigma = f32At(q.sigma, i);
      if (level - level != 0 || !(sigma > 0 && sigma < Infinity)) continue;
      const number = u32At(q.node, i);
      let node = i32At(q.table, number);
      if (node < 0) {
        node = nodes++;
        putI32(q.table, number, node);
        putU32(q.seen, node, 0);
      }
      putU32(q.seen, node, u32At(q.seen, node) + 1);
      putU32(q.node, n, node);
      putF32(q.level, n, level);
      putF32(q.sigma, n, sigma);
      putF32(q.x, n, f32At(q.x, i));
      putF32(q.y, n, f32At(q.y, i));
      n++;
    }
    from = end;
    putU32(q.start, f + 1, n);
  }
  return nodes;
}

/** Numbers of the connected components of frames that share a node, in order of appearance, to `component`; returns how many. To be asked after `levelGather`. */
export function levelComponents(lists: usize, nodes: u32): u32 {
  const q = changetype<Lists>(lists);
  const parent = q.component;
  const firstFrame = q.table;
  for (let f: u32 = 0; f < q.frames; f++) putU32(parent, f, f);
  memory.fill(firstFrame, 0xff, <usize>nodes << 2);
  for (let f: u32 = 0; f < q.frames; f++) {
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const n = u32At(q.node, o);
      const first = i32At(firstFrame, n);
      if (first < 0) putI32(firstFrame, n, f);
      // known already of nearly all
      else if (u32At(parent, first) != u32At(parent, f)) {
        const a = root(parent, first);
        const b = root(parent, f);
        putU32(parent, max<u32>(a, b), min<u32>(a, b));
      }
    }
  }
  // the root of each is its first frame
  for (let f: u32 = 0; f < q.frames; f++) putU32(parent, f, root(parent, f));
  let count: u32 = 0;
  for (let f: u32 = 0; f < q.frames; f++) {
    const first = u32At(parent, f);
    putU32(parent, f, first == f ? count++ : u32At(parent, first));
  }
  return count;
}

function root(parent: usize, f: u32): u32 {
  while (u32At(parent, f) != f) {
    const above = u32At(parent, u32At(parent, f));
    putU32(parent, f, above);
    f = above;
  }
  return f;
}
