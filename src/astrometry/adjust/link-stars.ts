// Which stars of all frames are one star of the sky: every star becomes a link between its frame and a node of the sky.
import { picked } from '../../photometry/picked.js';
import type { SamplePasses } from '../../simd/sample-passes.js';
import { starGrid } from '../../simd/star-grid.js';
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import { log10BinomialTail } from '../solver/binomial-tail.js';
import type { FrameModel } from './frame-model.js';
import type { Directions } from './frame-points.js';

/** Search for the common offset of a given frame: how far, on how many stars, and how improbable its votes must be (log10). */
const OFFSET_REACH_PX = 12;
const OFFSET_STARS = 100;
const OFFSET_LOG_CHANCE = -6;
const OFFSET_BINS = 2 * OFFSET_REACH_PX + 1;
/** Pairs of stars that there is room for at first. */
const PAIRS = 4096;

/** A frame's stars at the places that are believed at the moment, brightest first. */
export interface PlacedStars {
  readonly directions: Directions;
  /** The place may be off by several pixels. */
  readonly uncertain: boolean;
}

/** `links` in the order of the frames; nodes that one frame alone shows and that the catalogue does not have are left out. */
export interface StarLinks {
  /** Those of frame f are `start[f] .. start[f + 1]`. */
  readonly start: Int32Array;
  /** Number of the star in its frame. */
  readonly star: Int32Array;
  readonly node: Int32Array;
  /** Directions of the nodes. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** Number in the catalogue list of each node, -1 for none. */
  readonly catalogue: Int32Array;
}

/**
 * Radius in pixels of each frame. Two stars of one frame never share a node: the nearer one has it. `placed` is asked for one frame after the other, each of `counts[f]` stars. In `memory`, whose content is
 * void before and after.
 */
export function linkStars(
  memory: SamplePasses,
  models: readonly FrameModel[],
  counts: Int32Array,
  placed: (frame: number) => PlacedStars,
  catalogue: CatalogueStars | undefined,
  radiusPx: number,
): StarLinks {
  const scale = models.reduce((widest, model) => Math.max(widest, model.scale), 0);
  const fromCatalogue = catalogue?.count ?? 0;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = counts.reduce((n, count) => Math.max(n, count), 0);
  const room = fromCatalogue + total;
  memory.reset();
  const { passes } = memory;
  const grid = starGrid(memory, room, (OFFSET_REACH_PX + 1) * scale);
  const [frame, star, node] = [memory.take(4 * total), memory.take(4 * total), memory.take(4 * total)];
  const [taken, kept] = [memory.take(4 * room), memory.take(4 * room)];
  const [distance, list] = [memory.take(8 * most), memory.take(28)];
  const stars = { x: memory.take(8 * most), y: memory.take(8 * most), z: memory.take(8 * most) };
  const offsets = new CommonOffset(memory, list, stars);
  new Uint32Array(memory.buffer, list, 7).set([grid.at, 0, frame, star, node, taken, distance]);
  new Int32Array(memory.buffer, taken, room).fill(-1);
  for (const axis of ['x', 'y', 'z'] as const)
    if (catalogue) new Float64Array(memory.buffer, grid[axis], fromCatalogue).set(catalogue[axis]);
  passes.starGridFill(grid.at, fromCatalogue);
  for (let f = 0; f < models.length; f++) {
    const { directions, uncertain } = placed(f);
    for (const axis of ['x', 'y', 'z'] as const)
      new Float64Array(memory.buffer, stars[axis], counts[f]).set(directions[axis]);
    if (uncertain) offsets.takeOut(models[f], counts[f]);
    passes.linkFrame(list, f, stars.x, stars.y, stars.z, counts[f], radiusPx * models[f].scale);
  }
  const nodes = passes.linkCompact(list, fromCatalogue, kept);
  const [, links] = new Uint32Array(memory.buffer, list, 2);
  const numbers = new Int32Array(memory.buffer, kept, nodes);
  const of = (at: number) => new Int32Array(memory.buffer, at, links).slice();
  const placesOf = (at: number) => picked(new Float64Array(memory.buffer, at, room), numbers);
  return {
    ...{ start: startsOf(new Int32Array(memory.buffer, frame, links), models.length) },
    ...{ star: of(star), node: of(node) },
    ...{ x: placesOf(grid.x), y: placesOf(grid.y), z: placesOf(grid.z) },
    catalogue: numbers.map((n) => (n < fromCatalogue ? n : -1)),
  };
}

function startsOf(frameOf: Int32Array, frames: number): Int32Array {
  const start = new Int32Array(frames + 1);
  for (const f of frameOf) start[f + 1]++;
  for (let f = 0; f < frames; f++) start[f + 1] += start[f];
  return start;
}

/**
 * The shift in pixels that brings most of a frame's bright stars onto known ones, where that is more than chance; the distances of all pairs vote in
 * bins of a pixel, three by three of which count together.
 */
class CommonOffset {
  readonly #memory: SamplePasses;
  readonly #list: number;
  readonly #stars: { readonly x: number; readonly y: number; readonly z: number };
  readonly #plane: number;
  readonly #votes: number;
  #room = PAIRS;
  #pairs: readonly [dx: number, dy: number, spare: number];

  constructor(
    memory: SamplePasses,
    list: number,
    stars: { readonly x: number; readonly y: number; readonly z: number },
  ) {
    this.#memory = memory;
    this.#list = list;
    this.#stars = stars;
    this.#plane = memory.take(14 * 8);
    this.#votes = memory.take(4 * OFFSET_BINS ** 2 + 24);
    this.#pairs = this.#roomFor(PAIRS);
  }

  #roomFor(pairs: number): readonly [number, number, number] {
    return [this.#memory.take(8 * pairs), this.#memory.take(8 * pairs), this.#memory.take(16 * pairs)];
  }

  /** Moves the frame's `count` stars by it. */
  takeOut(model: FrameModel, count: number): void {
    const { x, y, z } = this.#stars;
    const { passes } = this.#memory;
    new Float64Array(this.#memory.buffer, this.#plane, 14).set(model.plane);
    const stars = Math.min(count, OFFSET_STARS);
    const pairsOf = ([dx, dy]: readonly [number, number, number]) =>
      passes.linkOffsets(
        ...([this.#list, this.#plane, x, y, z, stars] as const),
        ...([OFFSET_REACH_PX * model.scale, dx, dy, this.#room] as const),
      );
    let pairs = pairsOf(this.#pairs);
    if (pairs > this.#room) {
      this.#room = 2 * pairs;
      this.#pairs = this.#roomFor(this.#room);
      pairs = pairsOf(this.#pairs);
    }
    const [dx, dy, spare] = this.#pairs;
    const found = this.#votes + 4 * OFFSET_BINS ** 2 + 4;
    const most = passes.offsetVotes(dx, dy, pairs, OFFSET_REACH_PX, this.#votes, found);
    // pairs by chance are spread evenly over the circle
    const chance = (9 * (pairs - most)) / (Math.PI * OFFSET_REACH_PX ** 2) / Math.max(1, stars);
    const tests = Math.log10(OFFSET_BINS * OFFSET_BINS);
    if (log10BinomialTail(stars, most, Math.min(0.5, chance + 1e-3)) + tests > OFFSET_LOG_CHANCE) return;
    const [i, j] = new Float64Array(this.#memory.buffer, found, 2);
    const inside = passes.offsetsWithin(dx, dy, pairs, i, j);
    const middle = (of: number) => passes.rankOf(of, inside, inside >> 1, spare);
    passes.moveStars(this.#plane, x, y, z, count, middle(dx), middle(dy));
  }
}
