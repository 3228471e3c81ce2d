// What an adjustment has come to: how far frames agree with each other and with the catalogue, before and after.
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { AdjustFrame, FrameResiduals } from './adjust-types.js';
import type { FrameModel } from './frame-model.js';
import type { PlacedStars, StarLinks } from './link-stars.js';
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
  /** The stars of a frame by the WCS that it came with, or by the place that was found. */
  placed(frame: number, given: boolean): PlacedStars;
  /** Base of a pixel (from the middle) with the distortion, as the frame's linear map takes it. */
  base(frame: number, x: number, y: number, out: Float64Array): void;
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
  const { frame, star, node, catalogue } = state.links;
  const { weight } = state.rows;
  const fromCatalogue = new Float64Array(frame.length);
  const listed = state.catalogue;
  const of: number[][] = state.frames.map(() => []);
  for (let l = 0; l < frame.length; l++) if (weight[l] > 0) of[frame[l]].push(l);
  const [at, base] = [new Float64Array(2), new Float64Array(2)];
  return state.frames.map(({ stars, width, height }, f) => {
    const links = of[f].filter((l) => !Number.isNaN(after[l]));
    /** Writes to `at` how far from its star a link's frame shows a direction. */
    const offset = (l: number, x: number, y: number, z: number): void => {
      const s = star[l];
      state.base(f, stars.x[s] - (width + 1) / 2, stars.y[s] - (height + 1) / 2, base);
      state.models[f].toPixel(x, y, z, at);
      at[0] -= base[0];
      at[1] -= base[1];
    };
    const known = of[f].filter((l) => catalogue[node[l]] >= 0 && state.nodeWeight[node[l]] > 0);
    for (const l of known) {
      const c = catalogue[node[l]];
      offset(l, listed!.x[c], listed!.y[c], listed!.z[c]);
      fromCatalogue[l] = at[0] * at[0] + at[1] * at[1];
    }
    const shown = of[f].length;
    const residuals = {
      x: new Float32Array(shown),
      y: new Float32Array(shown),
      dx: new Float32Array(shown),
      dy: new Float32Array(shown),
    };
    for (let k = 0; k < shown; k++) {
      const l = of[f][k];
      const n = node[l];
      offset(l, state.nodes.x[n], state.nodes.y[n], state.nodes.z[n]);
      residuals.x[k] = stars.x[star[l]];
      residuals.y[k] = stars.y[star[l]];
      residuals.dx[k] = at[0];
      residuals.dy[k] = at[1];
    }
    return {
      links: links.length,
      catalogueLinks: known.length,
      shared: of[f].filter((l) => !Number.isNaN(after[l]) || state.nodeWeight[node[l]] > 0).length,
      rmsBeforePx: rootMeanSquare(state, links, before),
      rmsPx: rootMeanSquare(state, links, after),
      catalogueRmsPx: rootMeanSquare(state, known, fromCatalogue),
      residuals,
    };
  });
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
