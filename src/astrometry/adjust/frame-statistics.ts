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

/** Root mean squares of given frames' star-to-star distances, before and after, over `links` of them, weighted as the fit weighs them. */
export function givenScatter(state: AdjustedFrames): { before: number; after: number; links: number } {
  const given = state.frames.map(({ origin }) => origin === 'given');
  const [before, after] = [scatter(state, true), scatter(state, false)];
  const counted: number[] = [];
  for (let l = 0; l < before.length; l++)
    if (!Number.isNaN(before[l]) && given[state.links.frame[l]]) counted.push(l);
  return {
    before: rootMeanSquare(state, counted, before),
    after: rootMeanSquare(state, counted, after),
    links: counted.length,
  };
}

export function frameStatistics(state: AdjustedFrames): FrameStatistics[] {
  const { frame, star, node, catalogue } = state.links;
  const { weight } = state.rows;
  const [before, after] = [scatter(state, true), scatter(state, false)];
  const fromCatalogue = new Float64Array(frame.length);
  const listed = state.catalogue;
  const of: number[][] = state.frames.map(() => []);
  for (let l = 0; l < frame.length; l++) if (weight[l] > 0) of[frame[l]].push(l);
  const [at, base] = [new Float64Array(2), new Float64Array(2)];
  return state.frames.map(({ stars, width, height }, f) => {
    const links = of[f].filter((l) => !Number.isNaN(after[l]));
    const offset = (l: number, x: number, y: number, z: number): [number, number] => {
      const s = star[l];
      state.base(f, stars.x[s] - (width + 1) / 2, stars.y[s] - (height + 1) / 2, base);
      state.models[f].toPixel(x, y, z, at);
      return [at[0] - base[0], at[1] - base[1]];
    };
    const known = of[f].filter((l) => catalogue[node[l]] >= 0 && state.nodeWeight[node[l]] > 0);
    for (const l of known) {
      const c = catalogue[node[l]];
      const [dx, dy] = offset(l, listed!.x[c], listed!.y[c], listed!.z[c]);
      fromCatalogue[l] = dx * dx + dy * dy;
    }
    const shifts = of[f].map((l) =>
      offset(l, state.nodes.x[node[l]], state.nodes.y[node[l]], state.nodes.z[node[l]]),
    );
    return {
      links: links.length,
      catalogueLinks: known.length,
      shared: of[f].filter((l) => !Number.isNaN(after[l]) || state.nodeWeight[node[l]] > 0).length,
      rmsBeforePx: rootMeanSquare(state, links, before),
      rmsPx: rootMeanSquare(state, links, after),
      catalogueRmsPx: rootMeanSquare(state, known, fromCatalogue),
      residuals: {
        x: Float32Array.from(of[f], (l) => stars.x[star[l]]),
        y: Float32Array.from(of[f], (l) => stars.y[star[l]]),
        dx: Float32Array.from(shifts, ([dx]) => dx),
        dy: Float32Array.from(shifts, ([, dy]) => dy),
      },
    };
  });
}

/** Per link the squared distance from the mean of all frames that show the star, pixels, its own share in the mean undone; NaN for unshared or doubted ones. */
function scatter(state: AdjustedFrames, given: boolean): Float64Array {
  const { frame, star, node } = state.links;
  const { weight } = state.rows;
  const nodes = state.links.x.length;
  const sums = new Float64Array(4 * nodes);
  const placed = state.frames.map((_, f) => state.placed(f, given));
  for (let l = 0; l < frame.length; l++) {
    if (!(weight[l] > 0)) continue;
    const { x, y, z } = placed[frame[l]];
    const s = star[l];
    sums[4 * node[l]] += x[s];
    sums[4 * node[l] + 1] += y[s];
    sums[4 * node[l] + 2] += z[s];
    sums[4 * node[l] + 3]++;
  }
  return Float64Array.from(frame, (f, l) => {
    const count = sums[4 * node[l] + 3];
    if (!(weight[l] > 0) || count < 2) return NaN;
    const { x, y, z, model } = placed[f];
    const [s, at] = [star[l], 4 * node[l]];
    const dx = x[s] - sums[at] / count;
    const dy = y[s] - sums[at + 1] / count;
    const dz = z[s] - sums[at + 2] / count;
    return ((dx * dx + dy * dy + dz * dz) / model.scale ** 2) * (count / (count - 1));
  });
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
