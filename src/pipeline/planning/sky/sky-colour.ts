// The colour of the sky's changes, from frames that saw the same sky: what they differ by holds no nebula.
import {
  entriesOf,
  memoryFor,
  placeLists,
  type FrameLevels,
} from '../../../photometry/levels/level-observations.js';
import { mainAxis } from '../../../photometry/colours/main-axis.js';
import type { SamplePasses } from '../../../simd/sample-passes.js';

/** The gradients by which frames differ must be of one colour to this share for it to be that of the sky's changes. */
const SKY_COLOUR_SHARE = 0.9;
/** Gradients that a colour is told from, and nodes that two frames must share for one. */
const MIN_GRADIENTS = 3;
const MIN_SHARED = 24;

/**
 * Colour (unit length, one number a channel) of the gradients by which each frame differs from the one whose nodes lie nearest; undefined where they have no
 * common one. `lists[channel][frame]`, their nodes numbered row by row over a grid `blocksX` wide, those of one frame alike in all channels.
 */
export function skyColourOf(
  lists: readonly (readonly FrameLevels[])[],
  blocksX: number,
): number[] | undefined {
  const memory = memoryFor(lists.length * entriesOf(lists[0]));
  const placed = placedFrames(memory, lists);
  const middle = memory.take(16);
  const middles = placed.frames.map(({ node, count }) => {
    memory.passes.middleOfNodes(node, count, blocksX, middle);
    return [...new Float64Array(memory.buffer, middle, 2)];
  });
  const gradients = middles.flatMap(([x, y], f) => {
    let [nearest, least] = [-1, Infinity];
    // Each pair once: the nearest of those that follow.
    for (let g = f + 1; g < middles.length; g++) {
      const distance = Math.hypot(middles[g][0] - x, middles[g][1] - y);
      if (distance < least) [nearest, least] = [g, distance];
    }
    return nearest < 0 ? [] : gradientsBetween(memory, placed, f, nearest);
  });
  if (gradients.length < MIN_GRADIENTS) return undefined;
  const covariance = lists.map((_, i) =>
    lists.map((__, j) => gradients.reduce((sum, v) => sum + v[i] * v[j], 0)),
  );
  const { axis, share } = mainAxis(covariance);
  return share >= SKY_COLOUR_SHARE ? axis : undefined;
}

/** Frames of all channels in memory: of each the addresses of its entries, levels of the first channel. */
interface PlacedFrames {
  readonly frames: readonly {
    readonly node: number;
    readonly x: number;
    readonly y: number;
    readonly level: number;
    readonly count: number;
  }[];
  readonly channels: number;
  /** Bytes from the levels of a channel to those of the next. */
  readonly apart: number;
  /** Room for pairs of entries, for f64 of three columns of them, and for the slopes. */
  readonly pairs: number;
  readonly spare: number;
  readonly slopes: number;
}

function placedFrames(memory: SamplePasses, lists: readonly (readonly FrameLevels[])[]): PlacedFrames {
  const entries = entriesOf(lists[0]);
  const channels = lists.length;
  const most = lists[0].reduce((count, { node }) => Math.max(count, node.length), 0);
  const [levels, pairs, spare] = [
    memory.take(4 * channels * entries),
    memory.take(8 * most),
    memory.take(24 * most),
  ];
  const slopes = memory.take(16 * channels);
  const { at } = placeLists(memory, lists[0]);
  const all = new Float32Array(memory.buffer, levels, channels * entries);
  let to = 0;
  for (const list of lists)
    for (const { level } of list) {
      all.set(level, to);
      to += level.length;
    }
  let before = 0;
  const frames = lists[0].map(({ node: { length: count } }) => {
    const own = 4 * before;
    before += count;
    return { node: at.node + own, x: at.x + own, y: at.y + own, level: levels + own, count };
  });
  return { frames, channels, apart: 4 * entries, pairs, spare, slopes };
}

/**
 * Slopes of what frame f shows above g, one number a channel: along X, and along Y beyond what those hold of it, each in units of its own error (times the noise
 * of a node), as a narrow overlap tells nothing of slopes across it. None where they share too little.
 */
function gradientsBetween(
  { passes, buffer }: SamplePasses,
  { frames, channels, apart, pairs, spare, slopes }: PlacedFrames,
  f: number,
  g: number,
): number[][] {
  const [own, other] = [frames[f], frames[g]];
  const others = [other.node, other.level, other.count, channels, apart, pairs] as const;
  // nodes of a frame come in the order of their numbers
  const count = passes.sharedNodes(own.node, own.level, own.count, ...others);
  if (count < MIN_SHARED) return [];
  const room = [channels, apart, pairs, count, spare, slopes] as const;
  const axes = passes.sharedSlopes(own.x, own.y, own.level, other.level, ...room);
  const told = [...new Float64Array(buffer, slopes, axes * channels)];
  return Array.from({ length: axes }, (_, axis) => told.slice(axis * channels, (axis + 1) * channels));
}
