// All levels of all frames in flat arrays, and which frames hang together through common sky nodes.
import { SamplePasses, sharedPasses } from '../simd/sample-passes.js';

/**
 * What one frame saw of the common sky nodes, one entry per node under it (arrays of one length): number of the node (from 0, not
 * much more of them than nodes), level in ADU, standard deviation of that level (> 0), and the node's normalised frame coordinates.
 */
export interface FrameLevels {
  readonly node: Int32Array;
  readonly level: Float32Array;
  readonly sigma: Float32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Flat observations in the memory of WebAssembly: those of frame f are `start[f] .. start[f + 1]`; nodes are renumbered densely. */
export interface Observations {
  readonly memory: SamplePasses;
  readonly frames: number;
  readonly nodes: number;
  /** Of all frames together, and the most that one has. */
  readonly count: number;
  readonly largest: number;
  /** Connected component of each frame (frames that share a node belong together), numbered in order of appearance. */
  readonly component: Int32Array;
  readonly components: number;
  /** How many each frame has. */
  readonly counts: Int32Array;
  /** Addresses: u32 `start`, `node` and `seen` (how many frames see a node), f32 the others. */
  readonly at: {
    readonly start: number;
    readonly node: number;
    readonly level: number;
    readonly sigma: number;
    readonly x: number;
    readonly y: number;
    readonly seen: number;
  };
}

/** So many entries take the memory that stays, about 7 MB with what the solve needs; more have one of their own. */
const FEW_ENTRIES = 1e5;

/** Gathers the lists of all frames; entries whose level or sigma is not finite, or whose sigma is not positive, are left out. Work of others that takes shared passes voids the result. */
export function gatherObservations(lists: readonly FrameLevels[]): Observations {
  const total = lists.reduce((sum, list) => sum + list.node.length, 0);
  const memory = total > FEW_ENTRIES ? new SamplePasses() : sharedPasses();
  const frames = lists.length;
  const words = (length: number) => memory.take(4 * length);
  const start = words(frames + 1);
  const [node, level, sigma, x, y] = [words(total), words(total), words(total), words(total), words(total)];
  const component = words(frames);
  const to = new Int32Array(memory.buffer, node, total);
  const floats = [level, sigma, x, y].map((at) => new Float32Array(memory.buffer, at, total));
  const starts = new Int32Array(memory.buffer, start, frames + 1);
  for (let f = 0, n = 0; f < frames; f++) {
    const list = lists[f];
    to.set(list.node, n);
    floats[0].set(list.level, n);
    floats[1].set(list.sigma, n);
    floats[2].set(list.x, n);
    floats[3].set(list.y, n);
    starts[f] = n;
    starts[f + 1] = n += list.node.length;
  }
  const { passes } = memory;
  // numbers of a grid's blocks or of stars lie densely enough for a table
  const numbers = 1 + passes.highestNode(node, total);
  const seen = words(Math.min(numbers, total));
  const fields = [frames, start, node, level, sigma, x, y, seen, words(numbers), component];
  const record = words(fields.length);
  new Uint32Array(memory.buffer, record, fields.length).set(fields);
  const nodes = passes.levelGather(record, numbers);
  const components = passes.levelComponents(record, nodes);
  const kept = new Int32Array(memory.buffer, start, frames + 1);
  const counts = new Int32Array(frames);
  let largest = 0;
  for (let f = 0; f < frames; f++) {
    counts[f] = kept[f + 1] - kept[f];
    if (counts[f] > largest) largest = counts[f];
  }
  return {
    ...{ memory, frames, nodes, count: kept[frames], largest, components, counts },
    component: new Int32Array(memory.buffer, component, frames).slice(),
    at: { start, node, level, sigma, x, y, seen },
  };
}

/** Connected component of each frame by nodes with a level, as `gatherObservations` numbers them. */
export function frameComponents(lists: readonly FrameLevels[]): { component: Int32Array; count: number } {
  const { component, components } = gatherObservations(lists);
  return { component, count: components };
}
