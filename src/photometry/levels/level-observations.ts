// All levels of all frames in flat arrays, and which frames hang together through common sky nodes.
import { SamplePasses, sharedPasses } from '../../simd/sample-passes.js';
import type { OneByOne } from '../one-by-one.js';

/**
 * What one frame saw of common nodes, one entry per node (arrays of one length): number of the node (from 0, not much more of them than nodes), level in ADU, standard
 * deviation of that level (> 0).
 */
export interface NodeLevels {
  readonly node: Int32Array;
  readonly level: Float32Array;
  readonly sigma: Float32Array;
}

/** The same of nodes of the sky under the frame, with their normalised frame coordinates. */
export interface FrameLevels extends NodeLevels {
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
  /** Node of each number that the lists have, -1 for one that no entry has. */
  readonly nodeOf: Int32Array;
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

/** So many entries take the memory that stays, about 10 MB with what is made of them; more have one that goes once a stage of planning has ended. */
export const FEW_ENTRIES = 1e5;

/** Of the last work with many entries: the next one takes its place, instead of standing beside it until it is collected. */
let ofMany: WeakRef<SamplePasses> | undefined;

/** Memory for passes over so many entries: whoever asks for such memory, or takes shared passes, next voids what stands there. */
export function memoryFor(entries: number): SamplePasses {
  if (entries <= FEW_ENTRIES) return sharedPasses();
  const known = ofMany?.deref();
  known?.reset();
  if (known) return known;
  const made = new SamplePasses();
  ofMany = new WeakRef(made);
  return made;
}

/** How many entries lists have together. */
export function entriesOf(lists: readonly NodeLevels[]): number {
  let total = 0;
  for (const { node } of lists) total += node.length;
  return total;
}

/** Places lists in `memory`, and the record of their addresses. */
export function placeLists(memory: SamplePasses, lists: readonly FrameLevels[]): PlacedLists {
  return placeEntries(memory, lists, entriesOf(lists), true);
}

/** `room`: as many entries as lists have together, or more. Where none has coordinates, levels stand in their place: a surface of order 0 takes none. */
function placeEntries(
  memory: SamplePasses,
  lists: OneByOne<NodeLevels & Partial<FrameLevels>>,
  room: number,
  hasPlaces: boolean,
): PlacedLists {
  const frames = lists.length;
  const words = (length: number) => memory.take(4 * length);
  const start = words(frames + 1);
  const [node, level, sigma] = [words(room), words(room), words(room)];
  const [x, y] = hasPlaces ? [words(room), words(room)] : [level, level];
  const record = words(RECORD);
  const { buffer } = memory;
  new Uint32Array(buffer, record, RECORD).set([frames, start, node, level, sigma, x, y]);
  const nodes = new Int32Array(buffer, node, room);
  const [levels, sigmas] = [new Float32Array(buffer, level, room), new Float32Array(buffer, sigma, room)];
  const [across, down] = [new Float32Array(buffer, x, room), new Float32Array(buffer, y, room)];
  const starts = new Int32Array(buffer, start, frames + 1);
  starts[0] = 0;
  let count = 0;
  for (let f = 0; f < frames; f++) {
    const list = lists.at(f)!;
    nodes.set(list.node, count);
    levels.set(list.level, count);
    sigmas.set(list.sigma, count);
    if (list.x) across.set(list.x, count);
    if (list.y) down.set(list.y, count);
    starts[f + 1] = count += list.node.length;
  }
  return { count, record, at: { start, node, level, sigma, x, y } };
}

/** Gathers the lists of all frames; entries whose level or sigma is not finite, or whose sigma is not positive, are left out. In memory of `memoryFor`. */
export function gatherObservations(lists: readonly FrameLevels[]): Observations {
  const room = entriesOf(lists);
  return gather(memoryFor(room), lists, room, true);
}

/** The same of lists without coordinates, for a solve of order 0: `room` entries at most. What stood in `memory` is void. */
export function gatherNodeLevels(
  memory: SamplePasses,
  lists: OneByOne<NodeLevels>,
  room: number,
): Observations {
  memory.reset();
  return gather(memory, lists, room, false);
}

function gather(
  memory: SamplePasses,
  lists: OneByOne<NodeLevels>,
  room: number,
  hasPlaces: boolean,
): Observations {
  const frames = lists.length;
  const component = memory.take(4 * frames);
  const { count: entries, record, at } = placeEntries(memory, lists, room, hasPlaces);
  const { passes } = memory;
  // numbers of a grid's blocks or of stars lie densely enough for a table
  const numbers = 1 + passes.highestNode(at.node, entries);
  const seen = memory.take(4 * Math.min(numbers, entries));
  const table = memory.take(4 * numbers);
  new Uint32Array(memory.buffer, record, RECORD).set([seen, table, component], RECORD - 3);
  const nodes = passes.levelGather(record, numbers);
  const nodeOf = new Int32Array(memory.buffer, table, numbers).slice();
  const components = passes.levelComponents(record, nodes);
  const starts = new Int32Array(memory.buffer, at.start, frames + 1);
  const counts = new Int32Array(frames);
  let largest = 0;
  for (let f = 0; f < frames; f++) {
    counts[f] = starts[f + 1] - starts[f];
    if (counts[f] > largest) largest = counts[f];
  }
  return {
    ...{ memory, frames, nodes, count: starts[frames], largest, components, counts, nodeOf },
    component: new Int32Array(memory.buffer, component, frames).slice(),
    at: { ...at, seen },
  };
}

/** Connected component of each frame by nodes with a level, as `gatherObservations` numbers them. */
export function frameComponents(lists: readonly FrameLevels[]): { component: Int32Array; count: number } {
  const { component, components } = gatherObservations(lists);
  return { component, count: components };
}
