// What an adjustment has come to: how far frames agree with each other and with the catalogue, before and after.
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import { picked } from '../../photometry/picked.js';
import type { AdjustFrame, FrameResiduals } from './adjust-types.js';
import type { FrameModel } from './frame-model.js';
import { pixelsOf, type Directions, type FramePoints } from './frame-points.js';
import type { StarLinks } from './link-stars.js';
import type { LinkRows } from './system-types.js';

export interface FrameStatistics {
  /** Believed links with other frames, with the catalogue, and with either. */
  readonly links: number;
  readonly catalogueLinks: number;
  readonly shared: number;
  readonly rmsBeforePx: number;
  readonly rmsPx: number;
  readonly catalogueRmsPx: number;
  readonly residuals: FrameResiduals;
}

/** An adjustment as it stands. */
export interface AdjustedFrames {
  readonly frames: readonly AdjustFrame[];
  readonly models: readonly FrameModel[];
  readonly catalogue: CatalogueStars | undefined;
  readonly links: StarLinks;
  readonly rows: LinkRows;
  /** 1 / sigma^2 of each link before anything was doubted, and of each node's place in the catalogue as it is believed now. */
  readonly believed: Float32Array;
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
  state: AdjustedFrames,
  { before, after }: Scatter,
): { before: number; after: number; links: number } {
  const given = state.frames.map(({ origin }) => origin === 'given');
  const counted: number[] = [];
  for (let l = 0; l < before.length; l++)
    if (!Number.isNaN(before[l]) && given[state.links.frame[l]]) counted.push(l);
  return {
    before: rootMeanSquare(state, counted, before),
    after: rootMeanSquare(state, counted, after),
    links: counted.length,
  };
}

export function frameStatistics(state: AdjustedFrames, { before, after }: Scatter): FrameStatistics[] {
  const { frame, node, catalogue } = state.links;
  const { weight } = state.rows;
  const fromCatalogue = new Float64Array(frame.length);
  const listed = state.catalogue;
  const of: number[][] = state.frames.map(() => []);
  for (let l = 0; l < frame.length; l++) if (weight[l] > 0) of[frame[l]].push(l);
  return state.frames.map(({ stars }, f) => {
    const links = of[f].filter((l) => !Number.isNaN(after[l]));
    const bases = state.bases(f);
    const known = of[f].filter((l) => catalogue[node[l]] >= 0 && state.nodeWeight[node[l]] > 0);
    if (listed) {
      const at = Int32Array.from(known, (l) => catalogue[node[l]]);
      const { dx, dy } = offsets(state, f, known, listed, at, bases);
      for (let k = 0; k < known.length; k++) fromCatalogue[known[k]] = dx[k] * dx[k] + dy[k] * dy[k];
    }
    const nodes = Int32Array.from(of[f], (l) => node[l]);
    const { dx, dy } = offsets(state, f, of[f], state.nodes, nodes, bases);
    const placeOf = (axis: Float64Array) => Float32Array.from(of[f], (l) => axis[state.links.star[l]]);
    return {
      links: links.length,
      catalogueLinks: known.length,
      shared: of[f].filter((l) => !Number.isNaN(after[l]) || state.nodeWeight[node[l]] > 0).length,
      rmsBeforePx: rootMeanSquare(state, links, before),
      rmsPx: rootMeanSquare(state, links, after),
      catalogueRmsPx: rootMeanSquare(state, known, fromCatalogue),
      residuals: {
        ...{ x: placeOf(stars.x), y: placeOf(stars.y) },
        ...{ dx: Float32Array.from(dx), dy: Float32Array.from(dy) },
      },
    };
  });
}

/** How far from its star each of a frame's links is shown where it is put on the sky: at number `at` of `places`. Pixels. */
function offsets(
  { models, links: { star } }: AdjustedFrames,
  f: number,
  links: readonly number[],
  { x, y, z }: Directions,
  at: Int32Array,
  bases: Float64Array,
): { readonly dx: Float64Array; readonly dy: Float64Array } {
  const shown = pixelsOf(models[f], { x: picked(x, at), y: picked(y, at), z: picked(z, at) });
  const [dx, dy] = [new Float64Array(links.length), new Float64Array(links.length)];
  for (let k = 0; k < links.length; k++) {
    const s = star[links[k]];
    dx[k] = shown[2 * k] - bases[2 * s];
    dy[k] = shown[2 * k + 1] - bases[2 * s + 1];
  }
  return { dx, dy };
}

/** Per link the squared distance from the mean of all frames that show the star, pixels, its own share in the mean undone; NaN for unshared or doubted ones. */
function scatter(state: AdjustedFrames, given: boolean): Float64Array {
  const { frame, star, node } = state.links;
  const { weight } = state.rows;
  const nodes = state.links.x.length;
  const sums = new Float64Array(4 * nodes);
  const links = frame.length;
  const [x, y, z] = [new Float64Array(links), new Float64Array(links), new Float64Array(links)];
  for (let f = 0, l = 0; l < links; f++) {
    const placed = state.placed(f, given);
    for (; l < links && frame[l] === f; l++) {
      const s = star[l];
      x[l] = placed.x[s];
      y[l] = placed.y[s];
      z[l] = placed.z[s];
      if (!(weight[l] > 0)) continue;
      sums[4 * node[l]] += x[l];
      sums[4 * node[l] + 1] += y[l];
      sums[4 * node[l] + 2] += z[l];
      sums[4 * node[l] + 3]++;
    }
  }
  const squares = new Float64Array(links).fill(NaN);
  for (let l = 0; l < links; l++) {
    const at = 4 * node[l];
    const count = sums[at + 3];
    if (!(weight[l] > 0) || count < 2) continue;
    const dx = x[l] - sums[at] / count;
    const dy = y[l] - sums[at + 1] / count;
    const dz = z[l] - sums[at + 2] / count;
    squares[l] = ((dx * dx + dy * dy + dz * dz) / state.models[frame[l]].scale ** 2) * (count / (count - 1));
  }
  return squares;
}

function rootMeanSquare(
  { believed }: AdjustedFrames,
  links: readonly number[],
  squares: Float64Array,
): number {
  let [sum, weights] = [0, 0];
  for (const l of links) {
    sum += believed[l] * squares[l];
    weights += believed[l];
  }
  return Math.sqrt(sum / weights);
}
