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

/** Lists of all frames in memory, one after the other as in `Observations`. */
export interface PlacedLists extends Pick<Observations, 'count'> {
  /** Addresses, and that of the record of them which passes take. */
  readonly at: Omit<Observations['at'], 'seen'>;
  readonly record: number;
}

/** Words of that record; its last three are for `gatherObservations`. */
const RECORD = 10;

/** So many entries take the memory that stays, about 10 MB with what is made of them; more have one of their own. */
const FEW_ENTRIES = 1e5;

/** Memory for passes over so many entries: work of others that takes shared passes voids what stands there. */
export function memoryFor(entries: number): SamplePasses {
  return entries > FEW_ENTRIES ? new SamplePasses() : sharedPasses();
}

/** How many entries lists have together. */
export function entriesOf(lists: readonly FrameLevels[]): number {
  let total = 0;
  for (const { node } of lists) total += node.length;
  return total;
}

/** Places lists in `memory`, and the record of their addresses. */
export function placeLists(memory: SamplePasses, lists: readonly FrameLevels[]): PlacedLists {
  const count = entriesOf(lists);
  const frames = lists.length;
  const words = (length: number) => memory.take(4 * length);
  const start = words(frames + 1);
  const [node, level, sigma, x, y] = [words(count), words(count), words(count), words(count), words(count)];
  const record = words(RECORD);
  const { buffer } = memory;
  new Uint32Array(buffer, record, RECORD).set([frames, start, node, level, sigma, x, y]);
  const nodes = new Int32Array(buffer, node, count);
  const [levels, sigmas] = [new Float32Array(buffer, level, count), new Float32Array(buffer, sigma, count)];
  const [across, down] = [new Float32Array(buffer, x, count), new Float32Array(buffer, y, count)];
  const starts = new Int32Array(buffer, start, frames + 1);
  starts[0] = 0;
  for (let f = 0, n = 0; f < frames; f++) {
    const list = lists[f];
    nodes.set(list.node, n);
    levels.set(list.level, n);
    sigmas.set(list.sigma, n);
    across.set(list.x, n);
    down.set(list.y, n);
    starts[f + 1] = n += list.node.length;
  }
  return { count, record, at: { start, node, level, sigma, x, y } };
}

/** Gathers the lists of all frames; entries whose level or sigma is not finite, or whose sigma is not positive, are left out. In memory of `memoryFor`. */
export function gatherObservations(lists: readonly FrameLevels[]): Observations {
  const memory = memoryFor(entriesOf(lists));
  const frames = lists.length;
  const component = memory.take(4 * frames);
  const { count: entries, record, at } = placeLists(memory, lists);
  const { passes } = memory;
  // numbers of a grid's blocks or of stars lie densely enough for a table
  const numbers = 1 + passes.highestNode(at.node, entries);
  const seen = memory.take(4 * Math.min(numbers, entries));
  const table = memory.take(4 * numbers);
  new Uint32Array(memory.buffer, record, RECORD).set([seen, table, component], RECORD - 3);
  const nodes = passes.levelGather(record, numbers);
  const components = passes.levelComponents(record, nodes);
  const starts = new Int32Array(memory.buffer, at.start, frames + 1);
  const counts = new Int32Array(frames);
  let largest = 0;
  for (let f = 0; f < frames; f++) {
    counts[f] = starts[f + 1] - starts[f];
    if (counts[f] > largest) largest = counts[f];
  }
  return {
    ...{ memory, frames, nodes, count: starts[frames], largest, components, counts },
    component: new Int32Array(memory.buffer, component, frames).slice(),
    at: { ...at, seen },
  };
}

/** Connected component of each frame by nodes with a level, as `gatherObservations` numbers them. */
export function frameComponents(lists: readonly FrameLevels[]): { component: Int32Array; count: number } {
  const { component, components } = gatherObservations(lists);
  return { component, count: components };
}
