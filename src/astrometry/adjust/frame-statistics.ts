// What an adjustment has come to: how far frames agree with each other and with the catalogue, before and after.
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { AdjustFrame, FrameResiduals } from './adjust-types.js';
import type { FrameModel } from './frame-model.js';
import type { Directions, FramePoints } from './frame-points.js';
import type { StarLinks } from './link-stars.js';
import type { LinkRows } from './system-types.js';

/** Numbers that the pass tells of a frame. */
const FIGURES = 9;

export interface FrameStatistics {
  /** Believed links with other frames, with the catalogue, and with either. */
  readonly links: number;
  readonly catalogueLinks: number;
  readonly shared: number;
  readonly rmsBeforePx: number;
  readonly rmsPx: number;
  readonly catalogueRmsPx: number;
  /** Where they were asked for. */
  readonly residuals?: FrameResiduals;
}

/** An adjustment as it stands. */
export interface AdjustedFrames {
  readonly frames: readonly AdjustFrame[];
  readonly models: readonly FrameModel[];
  readonly catalogue: CatalogueStars | undefined;
  readonly links: Pick<StarLinks, 'catalogue'>;
  readonly rows: LinkRows;
  /** 1 / sigma^2 of each node's place in the catalogue as it is believed now. */
  readonly nodeWeight: Float64Array;
  /** Places of the nodes. */
  readonly nodes: { readonly x: Float64Array; readonly y: Float64Array; readonly z: Float64Array };
  /** The stars of each frame, and where one's lie by the WCS that it came with or by the place that was found. */
  readonly points: readonly FramePoints[];
  placed(frame: number, given: boolean): Directions;
  /** Bases of a frame's stars with the distortion, as its linear map takes them, `[stars, 2]`. */
  bases(frame: number): Float64Array;
}

/** Star-to-star distances of the links, squared pixels, by the places that frames came with and by those that were found; see `scatter`. */
export interface Scatter {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

export function scatterOf(state: AdjustedFrames): Scatter {
  return { before: scatter(state, true), after: scatter(state, false) };
}

/** Root mean squares of given frames' star-to-star distances, before and after, over `links` of them, weighted as the fit weighs them. */
export function givenScatter(
  { frames, rows }: AdjustedFrames,
  { before, after }: Scatter,
): { before: number; after: number; links: number } {
  let links = 0;
  let weights = 0;
  let sumBefore = 0;
  let sumAfter = 0;
  const believed = new Float32Array(rows.memory.buffer, rows.at.believed, rows.count);
  for (let f = 0; f < frames.length; f++) {
    if (frames[f].origin !== 'given') continue;
    for (let l = rows.start[f]; l < rows.start[f + 1]; l++) {
      const squares = before[l];
      if (Number.isNaN(squares)) continue;
      links++;
      weights += believed[l];
      sumBefore += believed[l] * squares;
      sumAfter += believed[l] * after[l];
    }
  }
  return { before: Math.sqrt(sumBefore / weights), after: Math.sqrt(sumAfter / weights), links };
}

/** The passes stand in `src/simd/assembly/plan/places/link-scatter.ts`. */
export function frameStatistics(
  state: AdjustedFrames,
  scatter: Scatter,
  withResiduals: boolean,
): FrameStatistics[] {
  return state.rows.memory.within(() => statisticsOf(state, scatter, withResiduals));
}

function statisticsOf(
  state: AdjustedFrames,
  { before, after }: Scatter,
  withResiduals: boolean,
): FrameStatistics[] {
  const { rows, nodeWeight } = state;
  const { memory, at } = rows;
  const listed = placesListed(state);
  const lists = [
    ...[before, after],
    ...[state.nodes.x, state.nodes.y, state.nodes.z, listed.x, listed.y, listed.z, nodeWeight],
  ].map((values) => memory.put(values));
  const scattered = memory.put(Uint32Array.of(at.star, at.node, at.weight, at.believed, ...lists));
  return state.frames.map(({ stars }, f) =>
    memory.within(() => {
      const [from, to] = [rows.start[f], rows.start[f + 1]];
      const room = to - from;
      const [plane, base] = [memory.put(state.models[f].plane), memory.put(state.bases(f))];
      const [x, y] = [memory.put(stars.x), memory.put(stars.y)];
      const [figures, out] = [memory.take(8 * FIGURES), memory.take(16 * room)];
      memory.passes.frameFigures(scattered, from, to, plane, base, x, y, figures, out);
      const numbers = new Float64Array(memory.buffer, figures, FIGURES);
      const [shared, known, either, counted, sumBefore, sumAfter, weights, fromListed, listedWeights] =
        numbers;
      const column = (k: number) => new Float32Array(memory.buffer, out + 4 * k * room, counted).slice();
      return {
        ...{ links: shared, catalogueLinks: known, shared: either },
        rmsBeforePx: Math.sqrt(sumBefore / weights),
        rmsPx: Math.sqrt(sumAfter / weights),
        catalogueRmsPx: Math.sqrt(fromListed / listedWeights),
        ...(withResiduals && {
          residuals: { x: column(0), y: column(1), dx: column(2), dy: column(3) },
        }),
      };
    }),
  );
}

/** Where nodes lie by the catalogue; nowhere in particular for those that it does not have. */
function placesListed({ catalogue, links }: AdjustedFrames): Directions {
  const of = (axis: 'x' | 'y' | 'z') => {
    const places = new Float64Array(links.catalogue.length);
    for (let n = 0; catalogue && n < places.length; n++)
      if (links.catalogue[n] >= 0) places[n] = catalogue[axis][links.catalogue[n]];
    return places;
  };
  return { x: of('x'), y: of('y'), z: of('z') };
}

/** Per link the squared distance from the mean of all frames that show the star, pixels, its own share in the mean undone; NaN for unshared or doubted ones. */
function scatter(state: AdjustedFrames, given: boolean): Float64Array {
  const { rows, models, points, nodes } = state;
  const { memory, count, at } = rows;
  return memory.within(() => {
    const first = new Uint32Array(models.length);
    for (let f = 1; f < first.length; f++) first[f] = first[f - 1] + points[f - 1].count;
    const total = points.reduce((sum, { count: own }) => sum + own, 0);
    const stars = { x: memory.take(8 * total), y: memory.take(8 * total), z: memory.take(8 * total) };
    for (let f = 0; f < models.length; f++) {
      const placed = state.placed(f, given);
      for (const axis of ['x', 'y', 'z'] as const)
        new Float64Array(memory.buffer, stars[axis] + 8 * first[f], points[f].count).set(placed[axis]);
    }
    const starts = memory.put(first);
    const scales = memory.put(Float64Array.from(models, ({ scale }) => scale));
    const [sums, squares] = [memory.put(new Float64Array(4 * nodes.x.length)), memory.take(8 * count)];
    memory.passes.linkScatter(
      ...([at.start, models.length, at.star, at.node, at.weight] as const),
      ...([starts, stars.x, stars.y, stars.z] as const),
      ...([scales, sums, squares] as const),
    );
    return new Float64Array(memory.buffer, squares, count).slice();
  });
}
