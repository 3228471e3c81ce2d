// The adjustment as it goes on: models, links, weights; each step links, linearises, solves and takes up what was found.
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import { planeBasis } from '../solver/plane-basis.js';
import { DEG_TO_RAD } from '../wcs/angles.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { UnitVector } from '../wcs/sphere.js';
import {
  FRAME_TERMS,
  solveSystem,
  type FramePrior,
  type LinkRows,
  type SystemSolution,
} from './adjust-system.js';
import type { AdjustFrame, FrameResiduals } from './adjust-types.js';
import { FrameModel } from './frame-model.js';
import { linkStars, type PlacedStars, type StarLinks } from './link-stars.js';
import { opticsGroups, type OpticsGroups } from './optics-groups.js';
import { distort, DISTORTION_TERMS, type Distortion } from './shared-distortion.js';

/** Stars of all frames together, and of one frame: more links cost time and memory, and bring nothing. */
const MAX_LINKS = 1_500_000;
const [LEAST_STARS, MOST_STARS] = [40, 300];
/** Radii of the two rounds of linking. */
const WIDE_RADIUS_PX = 2.5;
const NARROW_RADIUS_PX = 1.5;
/** A centroid is no better than this, whatever its S/N: undersampling, colour filters. */
const CENTROID_FLOOR_PX = 0.04;
/** Error of a catalogue position: 60 mas at its epoch of 1991, and 35 years of proper motions good to 2.5 mas; of a poor one. */
const CATALOGUE_SIGMA = (0.1 / 3600) * DEG_TO_RAD;
const POOR_SIGMA = (0.5 / 3600) * DEG_TO_RAD;
/** Residuals beyond so many robust standard deviations count for nothing (Tukey's biweight). */
const CLIP_SIGMA = 6;
const ROBUST_STEPS = 2;
/** 1 / sqrt(2 ln 2): standard deviation of a coordinate from the median length of normal 2-vectors. */
const RAYLEIGH = 0.8493;
/** Links that a distortion of second and of third order takes. */
const LINKS_OF_ORDER = [0, 0, 40, 80] as const;
/** Solved frames: place and rotation are free, refraction alone changes scale and shear, by parts in a thousand. */
const SOLVED_PRIOR = { shift: 20, rotation: 20, scale: 5e-4, shear: 5e-4 };
/** Given frames at first; later their own scatter says how far they are believed, down to the floor. */
const GIVEN_PRIOR: FramePrior = { shift: 3, rotation: 2, scale: 1, shear: 0.3 };
const GIVEN_FLOOR_PX = 0.03;
const ENOUGH_LINKS = 10;

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

export class AdjustmentState {
  readonly #frames: readonly AdjustFrame[];
  readonly #catalogue: CatalogueStars | undefined;
  readonly #models: readonly FrameModel[];
  readonly #optics: OpticsGroups;
  readonly #moveGiven: boolean;
  readonly #moved: Float64Array[];
  readonly #priors: FramePrior[];
  readonly #starCounts: Int32Array;
  #distortions: Distortion[];
  #links!: StarLinks;
  #rows!: LinkRows;
  /** 1 / sigma^2 of each link and node before anything is doubted. */
  #believed!: Float32Array;
  #nodeBelieved!: Float64Array;
  #nodeWeight!: Float64Array;
  /** Places of the nodes as they are believed. */
  #nodes!: { x: Float64Array; y: Float64Array; z: Float64Array };
  #spread = 1;

  constructor(frames: readonly AdjustFrame[], catalogue: CatalogueStars | undefined, moveGiven: boolean) {
    this.#frames = frames;
    this.#catalogue = catalogue;
    this.#moveGiven = moveGiven;
    const first = frames.map((frame) => new FrameModel(frame));
    this.#optics = opticsGroups(frames, first);
    this.#models = frames.map((frame, f) =>
      frame.origin === 'given' ? first[f] : new FrameModel(frame, this.#optics.scale[this.#optics.of[f]]),
    );
    this.#moved = frames.map(() => new Float64Array(FRAME_TERMS));
    this.#priors = frames.map(({ origin }, f) => {
      if (origin === 'given') return GIVEN_PRIOR;
      const { unit } = this.#models[f];
      return {
        ...SOLVED_PRIOR,
        scale: SOLVED_PRIOR.scale * unit,
        shear: SOLVED_PRIOR.shear * unit,
      };
    });
    const most = Math.min(MOST_STARS, Math.max(LEAST_STARS, Math.floor(MAX_LINKS / frames.length)));
    this.#starCounts = Int32Array.from(frames, ({ stars }) => Math.min(stars.count, most));
    this.#distortions = Array.from({ length: this.#optics.count }, () => ({
      order: 1,
      terms: new Float64Array(DISTORTION_TERMS),
    }));
  }

  get givenCount(): number {
    return this.#frames.filter(({ origin }) => origin === 'given').length;
  }

  moves(frame: number): boolean {
    return this.#frames[frame].origin === 'solved' || this.#moveGiven;
  }

  wcs(frame: number): CelestialWcs | undefined {
    return this.#models[frame].wcs(this.#distortionOf(frame));
  }

  #distortionOf(frame: number): Distortion {
    return this.#distortions[this.#optics.of[frame]];
  }

  /** Links by the WCS that the frames came with. */
  linkWide(): void {
    this.#link(
      this.#frames.map((_, f) => this.#placed(f, true)),
      WIDE_RADIUS_PX,
    );
    const links = this.#linksOfOptics();
    this.#setOrders((o) => (links[o] >= LINKS_OF_ORDER[3] ? 3 : links[o] >= LINKS_OF_ORDER[2] ? 2 : 1));
  }

  /** Links by the places found so far; how far given frames came then says how far they are believed. */
  linkNarrow(): void {
    this.#learnPriors();
    this.#link(
      this.#frames.map((_, f) => this.#placed(f, false)),
      NARROW_RADIUS_PX,
    );
  }

  #link(placed: readonly PlacedStars[], radius: number): void {
    this.#links = linkStars(placed, this.#catalogue, radius);
    const { frame, star, x, y, z, catalogue } = this.#links;
    this.#nodes = { x: x.slice(), y: y.slice(), z: z.slice() };
    this.#believed = Float32Array.from(frame, (f, l) => {
      const sigma = Math.max(this.#frames[f].stars.sigma[star[l]], CENTROID_FLOOR_PX);
      return 1 / (sigma * sigma);
    });
    this.#nodeBelieved = Float64Array.from(catalogue, (c) => {
      if (c < 0) return 0;
      return 1 / (this.#catalogue!.poor[c] ? POOR_SIGMA : CATALOGUE_SIGMA) ** 2;
    });
    this.#nodeWeight = this.#nodeBelieved.slice();
    this.#rows = this.#emptyRows();
    this.#rows.weight.set(this.#believed);
  }

  #placed(f: number, given: boolean): PlacedStars {
    const { stars, wcs, width, height, origin } = this.#frames[f];
    const count = this.#starCounts[f];
    const [x, y, z] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    const v = new Float64Array(3);
    const base = new Float64Array(2);
    for (let s = 0; s < count; s++) {
      if (given) {
        // a star off the WCS's sky is nowhere
        if (!wcs.pixelToUnit(stars.x[s], stars.y[s], v)) v.fill(NaN);
        [x[s], y[s], z[s]] = v;
      } else {
        this.#base(f, stars.x[s] - (width + 1) / 2, stars.y[s] - (height + 1) / 2, base);
        [x[s], y[s], z[s]] = this.#models[f].direction(base[0], base[1]);
      }
    }
    const uncertain = given && origin === 'given' && this.#moveGiven;
    return { model: this.#models[f], count, x, y, z, uncertain };
  }

  /** Base of a pixel with the distortion, as the model's linear map takes it. */
  #base(f: number, x: number, y: number, out: Float64Array): void {
    const model = this.#models[f];
    if (!model.base(x, y, out)) out.fill(NaN);
    distort(this.#distortionOf(f).terms, 0, x / model.unit, y / model.unit, out);
  }

  /** What of the rows does not change while frames move. */
  #emptyRows(): LinkRows {
    const { frame, star, node } = this.#links;
    const n = frame.length;
    const rows: LinkRows = {
      frame,
      node,
      base: new Float32Array(2 * n),
      raw: new Float32Array(2 * n),
      jacobian: new Float32Array(4 * n),
      residual: new Float32Array(2 * n),
      weight: new Float32Array(n),
    };
    const base = new Float64Array(2);
    for (let l = 0; l < n; l++) {
      const { stars, width, height } = this.#frames[frame[l]];
      const model = this.#models[frame[l]];
      const [x, y] = [stars.x[star[l]] - (width + 1) / 2, stars.y[star[l]] - (height + 1) / 2];
      model.base(x, y, base);
      rows.raw[2 * l] = x / model.unit;
      rows.raw[2 * l + 1] = y / model.unit;
      rows.base[2 * l] = base[0] / model.unit;
      rows.base[2 * l + 1] = base[1] / model.unit;
    }
    return rows;
  }

  /** Robust steps from where things stand. */
  settle(): void {
    for (let step = 0; step < ROBUST_STEPS; step++) {
      const solution = this.#solve(this.#distortions);
      this.#take(solution);
      this.#doubt(solution.residual);
    }
  }

  #setOrders(of: (optics: number) => 1 | 2 | 3): void {
    this.#distortions = this.#distortions.map(({ terms }, o) => ({ order: of(o), terms }));
  }

  #linksOfOptics(): Int32Array {
    const links = new Int32Array(this.#optics.count);
    for (const f of this.#links.frame) links[this.#optics.of[f]]++;
    return links;
  }

  /** The order of each distortion that the Bayesian information criterion prefers (Schwarz 1978, Ann. Stat. 6, 461). */
  chooseDistortion(): void {
    const links = this.#linksOfOptics();
    const best = this.#distortions.map(() => ({ order: 1 as 1 | 2 | 3, score: Infinity }));
    const numbers = [0, 0, 6, 14];
    for (const order of [1, 2, 3] as const) {
      const orders = best.map((_, o): 1 | 2 | 3 => (links[o] >= LINKS_OF_ORDER[order] ? order : 1));
      const costs = this.#costs(
        this.#solve(this.#distortions.map(({ terms }, o) => ({ order: orders[o], terms }))),
      );
      best.forEach((choice, o) => {
        const score = costs[o] + numbers[order] * Math.log(2 * Math.max(1, links[o]));
        if (orders[o] === order && score < choice.score) best[o] = { order, score };
      });
    }
    this.#setOrders((o) => best[o].order);
  }

  /** Squared residuals of each optics in units of their variance, its catalogue stars' included. */
  #costs({ residual, nodes }: SystemSolution): Float64Array {
    const { frame, node, weight } = this.#rows;
    const costs = new Float64Array(this.#optics.count);
    const counted = new Uint8Array(this.#links.x.length);
    const { pull } = this.#pull();
    for (let l = 0; l < frame.length; l++) {
      const o = this.#optics.of[frame[l]];
      costs[o] += weight[l] * (residual[2 * l] ** 2 + residual[2 * l + 1] ** 2);
      const n = node[l];
      if (counted[n]) continue;
      counted[n] = 1;
      const [e, k] = [pull[2 * n] - nodes[2 * n], pull[2 * n + 1] - nodes[2 * n + 1]];
      costs[o] += this.#nodeWeight[n] * (e * e + k * k);
    }
    return costs;
  }

  #axes(n: number) {
    const at: UnitVector = [this.#nodes.x[n], this.#nodes.y[n], this.#nodes.z[n]];
    return { at, ...planeBasis(at) };
  }

  /** From the nodes to the catalogue's places. */
  #pull() {
    const { catalogue } = this.#links;
    const pull = new Float64Array(2 * catalogue.length);
    catalogue.forEach((c, n) => {
      if (c < 0) return;
      const { at, east, north } = this.#axes(n);
      const stars = this.#catalogue!;
      const [dx, dy, dz] = [stars.x[c] - at[0], stars.y[c] - at[1], stars.z[c] - at[2]];
      pull[2 * n] = east[0] * dx + east[1] * dy + east[2] * dz;
      pull[2 * n + 1] = north[0] * dx + north[1] * dy + north[2] * dz;
    });
    return { count: catalogue.length, pull, weight: this.#nodeWeight };
  }

  #solve(distortions: readonly Distortion[]): SystemSolution {
    const { frame, node, base, jacobian, residual } = this.#rows;
    const [out, pixel] = [new Float64Array(4), new Float64Array(2)];
    for (let l = 0; l < frame.length; l++) {
      const model = this.#models[frame[l]];
      const { at, east, north } = this.#axes(node[l]);
      model.toPixel(at[0], at[1], at[2], pixel);
      model.derivative(at, east, north, out);
      jacobian.set(out, 4 * l);
      residual[2 * l] = pixel[0] - base[2 * l] * model.unit;
      residual[2 * l + 1] = pixel[1] - base[2 * l + 1] * model.unit;
    }
    return solveSystem(
      this.#rows,
      this.#pull(),
      this.#frames.map((_, f) => ({
        optics: this.#optics.of[f],
        prior: this.moves(f) ? this.#priors[f] : undefined,
        moved: this.#moved[f],
      })),
      distortions,
    );
  }

  #take({ frames, optics, nodes }: SystemSolution): void {
    this.#distortions = this.#distortions.map(({ order }, o) => ({
      order,
      terms: optics.slice(DISTORTION_TERMS * o, DISTORTION_TERMS * (o + 1)),
    }));
    this.#models.forEach((model, f) => {
      if (!this.moves(f)) return;
      const p = frames.subarray(FRAME_TERMS * f, FRAME_TERMS * (f + 1));
      model.move(p[0], p[1], [p[2], p[3], p[4], p[5]]);
      for (let i = 0; i < FRAME_TERMS; i++) this.#moved[f][i] += p[i];
    });
    const { x, y, z } = this.#nodes;
    for (let n = 0; n < x.length; n++) {
      const { east, north } = this.#axes(n);
      const [de, dn] = [nodes[2 * n], nodes[2 * n + 1]];
      x[n] += de * east[0] + dn * north[0];
      y[n] += de * east[1] + dn * north[1];
      z[n] += de * east[2] + dn * north[2];
      const length = Math.hypot(x[n], y[n], z[n]);
      x[n] /= length;
      y[n] /= length;
      z[n] /= length;
    }
  }

  /** New weights: what is far out, in units of the scatter of all, counts less or not at all. */
  #doubt(residual: Float32Array): void {
    const lengths = Float64Array.from(
      this.#believed,
      (w, l) => Math.sqrt(w) * Math.hypot(residual[2 * l], residual[2 * l + 1]),
    );
    this.#spread = Math.max(0.1, RAYLEIGH * medianOf(lengths.slice()));
    this.#believed.forEach((w, l) => {
      this.#rows.weight[l] = (w / this.#spread ** 2) * biweight(lengths[l] / this.#spread);
    });
    const { pull } = this.#pull();
    this.#nodeBelieved.forEach((w, n) => {
      this.#nodeWeight[n] = w * biweight(Math.sqrt(w) * Math.hypot(pull[2 * n], pull[2 * n + 1]));
    });
  }

  /** How far the given WCS were off, part by part, is how far each is believed; a frame that was farther off keeps its own. */
  #learnPriors(): void {
    const links = new Int32Array(this.#frames.length);
    for (const f of this.#links.frame) links[f]++;
    const learning = this.#frames.flatMap(({ origin }, f) =>
      origin === 'given' && links[f] >= ENOUGH_LINKS ? [parts(this.#moved[f])] : [],
    );
    if (!this.#moveGiven || learning.length < 3) return;
    const typical = (key: keyof FramePrior) =>
      Math.max(GIVEN_FLOOR_PX, 1.4826 * medianOf(learning.map((p) => p[key])));
    const common = {
      shift: typical('shift'),
      rotation: typical('rotation'),
      scale: typical('scale'),
      shear: typical('shear'),
    };
    this.#frames.forEach(({ origin }, f) => {
      if (origin !== 'given') return;
      const own = parts(this.#moved[f]);
      this.#priors[f] = {
        shift: Math.max(common.shift, own.shift),
        rotation: Math.max(common.rotation, own.rotation),
        scale: Math.max(common.scale, own.scale),
        shear: Math.max(common.shear, own.shear),
      };
    });
  }

  /** Root mean squares of given frames' star-to-star distances, before and after, over `links` of them, weighted as the fit weighs them. */
  givenScatter(): { before: number; after: number; links: number } {
    const given = this.#frames.map(({ origin }) => origin === 'given');
    const [before, after] = [this.#scatter(true), this.#scatter(false)];
    const counted: number[] = [];
    for (let l = 0; l < before.length; l++)
      if (!Number.isNaN(before[l]) && given[this.#links.frame[l]]) counted.push(l);
    return {
      before: this.#rootMeanSquare(counted, before),
      after: this.#rootMeanSquare(counted, after),
      links: counted.length,
    };
  }

  #rootMeanSquare(links: readonly number[], squares: Float64Array): number {
    let [sum, weights] = [0, 0];
    for (const l of links) {
      sum += this.#believed[l] * squares[l];
      weights += this.#believed[l];
    }
    return Math.sqrt(sum / weights);
  }

  /** Per link the squared distance from the mean of all frames that show the star, pixels, its own share in the mean undone; NaN for unshared or doubted ones. */
  #scatter(given: boolean): Float64Array {
    const { frame, star, node } = this.#links;
    const { weight } = this.#rows;
    const nodes = this.#links.x.length;
    const sums = new Float64Array(4 * nodes);
    const placed = this.#frames.map((_, f) => this.#placed(f, given));
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
      const [dx, dy, dz] = [x, y, z].map((values, i) => values[star[l]] - sums[4 * node[l] + i] / count);
      return ((dx * dx + dy * dy + dz * dz) / model.scale ** 2) * (count / (count - 1));
    });
  }

  statistics(): FrameStatistics[] {
    const { frame, star, node, catalogue } = this.#links;
    const { weight } = this.#rows;
    const [before, after] = [this.#scatter(true), this.#scatter(false)];
    const fromCatalogue = new Float64Array(frame.length);
    const listed = this.#catalogue;
    const of: number[][] = this.#frames.map(() => []);
    for (let l = 0; l < frame.length; l++) if (weight[l] > 0) of[frame[l]].push(l);
    const [at, base] = [new Float64Array(2), new Float64Array(2)];
    return this.#frames.map(({ stars, width, height }, f) => {
      const links = of[f].filter((l) => !Number.isNaN(after[l]));
      const offset = (l: number, x: number, y: number, z: number): [number, number] => {
        const s = star[l];
        this.#base(f, stars.x[s] - (width + 1) / 2, stars.y[s] - (height + 1) / 2, base);
        this.#models[f].toPixel(x, y, z, at);
        return [at[0] - base[0], at[1] - base[1]];
      };
      const known = of[f].filter((l) => catalogue[node[l]] >= 0 && this.#nodeWeight[node[l]] > 0);
      for (const l of known) {
        const c = catalogue[node[l]];
        const [dx, dy] = offset(l, listed!.x[c], listed!.y[c], listed!.z[c]);
        fromCatalogue[l] = dx * dx + dy * dy;
      }
      const shifts = of[f].map((l) =>
        offset(l, this.#nodes.x[node[l]], this.#nodes.y[node[l]], this.#nodes.z[node[l]]),
      );
      return {
        links: links.length,
        catalogueLinks: known.length,
        shared: of[f].filter((l) => !Number.isNaN(after[l]) || this.#nodeWeight[node[l]] > 0).length,
        rmsBeforePx: this.#rootMeanSquare(links, before),
        rmsPx: this.#rootMeanSquare(links, after),
        catalogueRmsPx: this.#rootMeanSquare(known, fromCatalogue),
        residuals: {
          x: Float32Array.from(of[f], (l) => stars.x[star[l]]),
          y: Float32Array.from(of[f], (l) => stars.y[star[l]]),
          dx: Float32Array.from(shifts, ([dx]) => dx),
          dy: Float32Array.from(shifts, ([, dy]) => dy),
        },
      };
    });
  }
}

function parts([x, y, a, b, c, d]: Float64Array): FramePrior {
  return {
    shift: Math.hypot(x, y) / Math.SQRT2,
    rotation: Math.abs(c - b) / 2,
    scale: Math.abs(a + d) / 2,
    shear: Math.hypot(a - d, b + c) / 2 / Math.SQRT2,
  };
}

function biweight(sigmas: number): number {
  const t = sigmas / CLIP_SIGMA;
  return t < 1 ? (1 - t * t) ** 2 : 0;
}
