// The adjustment as it goes on: models, links, weights; each step links, linearises, solves and takes up what was found.
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import { SamplePasses } from '../../simd/sample-passes.js';
import { DEG_TO_RAD } from '../wcs/angles.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import { AdjustSystem } from './adjust-system.js';
import {
  FRAME_TERMS,
  type FramePrior,
  type LinkRows,
  type NodeAxes,
  type SystemNodes,
  type SystemSolution,
} from './system-types.js';
import type { AdjustFrame } from './adjust-types.js';
import { FrameModel } from './frame-model.js';
import { directionsOf, FramePoints, type Directions } from './frame-points.js';
import { firstPrior, learntPriors } from './frame-priors.js';
import type { AdjustedFrames } from './frame-statistics.js';
import { linkRows } from './link-rows.js';
import { doubtLinks, doubtNodes, opticsCosts } from './link-weights.js';
import { linkStars, type StarLinks } from './link-stars.js';
import { opticsGroups, type OpticsGroups } from './optics-groups.js';
import { DISTORTION_TERMS, type Distortion } from './shared-distortion.js';

/** Stars of all frames together, and of one frame: more links cost time and memory, and bring nothing. */
const MAX_LINKS = 500_000;
const [LEAST_STARS, MOST_STARS] = [40, 300];
/** Radii of the two rounds of linking. */
const WIDE_RADIUS_PX = 2.5;
const NARROW_RADIUS_PX = 1.5;
/** Error of a catalogue position: 60 mas at its epoch of 1991, and 35 years of proper motions good to 2.5 mas; of a poor one. */
const CATALOGUE_SIGMA = (0.1 / 3600) * DEG_TO_RAD;
const POOR_SIGMA = (0.5 / 3600) * DEG_TO_RAD;
const ROBUST_STEPS = 2;
/** Links that a distortion of second and of third order takes. */
const LINKS_OF_ORDER = [0, 0, 40, 80] as const;

/** How many stars of each of so many frames are looked at. */
export const mostStars = (frames: number): number =>
  Math.min(MOST_STARS, Math.max(LEAST_STARS, Math.floor(MAX_LINKS / frames)));

export class AdjustmentState {
  readonly #frames: readonly AdjustFrame[];
  readonly #catalogue: CatalogueStars | undefined;
  readonly #models: readonly FrameModel[];
  readonly #optics: OpticsGroups;
  readonly #moveGiven: boolean;
  readonly #moved: Float64Array[];
  #priors: readonly FramePrior[];
  readonly #points: readonly FramePoints[];
  #distortions: Distortion[];
  /** Number in the catalogue list of each node, -1 for none. */
  #listed!: StarLinks['catalogue'];
  #rows!: LinkRows;
  /** 1 / sigma^2 of each node before anything is doubted. */
  #nodeBelieved!: Float64Array;
  #nodeWeight!: Float64Array;
  /** Places of the nodes as they are believed. */
  #nodes!: { x: Float64Array; y: Float64Array; z: Float64Array };
  /** Of the nodes where they are now, and how the catalogue draws them. */
  #standNow: Pick<SystemNodes, 'axes' | 'pull'> | undefined;
  /** Where links are found, and stand while one step after the other is solved behind them. */
  readonly #memory = new SamplePasses();
  /** What the next robust step would find, where choosing the distortion has found it already. */
  #chosen: SystemSolution | undefined;

  /** `starsAbout`: the catalogue's stars about frames where they lie by their WCS. */
  constructor(
    frames: readonly AdjustFrame[],
    starsAbout: (models: readonly FrameModel[]) => CatalogueStars | undefined,
    moveGiven: boolean,
  ) {
    this.#frames = frames;
    this.#moveGiven = moveGiven;
    const first = frames.map((frame) => new FrameModel(frame));
    this.#catalogue = starsAbout(first);
    this.#optics = opticsGroups(frames, first);
    this.#models = frames.map((frame, f) =>
      frame.origin === 'given' ? first[f] : new FrameModel(frame, this.#optics.scale[this.#optics.of[f]]),
    );
    const moved = new Float64Array(FRAME_TERMS * frames.length);
    this.#moved = frames.map((_, f) => moved.subarray(FRAME_TERMS * f, FRAME_TERMS * (f + 1)));
    this.#priors = frames.map((frame, f) => firstPrior(frame, this.#models[f].unit));
    this.#points = pointsOf(frames, this.#models);
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
    this.#link(true, WIDE_RADIUS_PX);
    const links = this.#linksOfOptics();
    this.#setOrders((o) => (links[o] >= LINKS_OF_ORDER[3] ? 3 : links[o] >= LINKS_OF_ORDER[2] ? 2 : 1));
  }

  /** Links by the places found so far; how far given frames came then says how far they are believed. */
  linkNarrow(): void {
    if (this.#moveGiven) {
      const links = new Int32Array(this.#frames.length);
      const { start } = this.#rows;
      for (let f = 0; f < links.length; f++) links[f] = start[f + 1] - start[f];
      this.#priors = learntPriors(this.#frames, links, this.#moved, this.#priors);
    }
    this.#link(false, NARROW_RADIUS_PX);
  }

  #link(given: boolean, radius: number): void {
    const { x, y, z, catalogue, ...links } = linkStars(
      this.#memory,
      this.#models,
      Int32Array.from(this.#points, ({ count }) => count),
      (f) => ({
        directions: this.#placed(f, given),
        uncertain: given && this.#frames[f].origin === 'given' && this.#moveGiven,
      }),
      this.#catalogue,
      radius,
    );
    this.#listed = catalogue;
    this.#nodes = { x, y, z };
    this.#nodeBelieved = new Float64Array(catalogue.length);
    for (let n = 0; n < catalogue.length; n++)
      if (catalogue[n] >= 0)
        this.#nodeBelieved[n] = 1 / (this.#catalogue!.poor[catalogue[n]] ? POOR_SIGMA : CATALOGUE_SIGMA) ** 2;
    this.#nodeWeight = this.#nodeBelieved.slice();
    const sigma = (f: number) => this.#frames[f].stars.sigma;
    this.#rows = linkRows(this.#memory, this.#models, this.#points, links, sigma);
    this.#standNow = undefined;
  }

  #placed(f: number, given: boolean): Directions {
    if (given) return this.#points[f].given;
    return this.#points[f].directions(this.#models[f], this.#distortionOf(f).terms);
  }

  /** Robust steps from where things stand. */
  settle(): void {
    for (let step = 0; step < ROBUST_STEPS; step++) {
      const solution = this.#chosen ?? this.#memory.within(() => this.#system().solve(this.#distortions));
      this.#chosen = undefined;
      this.#take(solution);
      doubtLinks(this.#rows, solution.residual);
      doubtNodes(this.#stand(), this.#nodeBelieved);
    }
  }

  #setOrders(of: (optics: number) => 1 | 2 | 3): void {
    this.#distortions = this.#distortions.map(({ terms }, o) => ({ order: of(o), terms }));
  }

  #linksOfOptics(): Int32Array {
    const links = new Int32Array(this.#optics.count);
    const { start } = this.#rows;
    this.#optics.of.forEach((o, f) => (links[o] += start[f + 1] - start[f]));
    return links;
  }

  /** The order of each distortion that the Bayesian information criterion prefers (Schwarz 1978, Ann. Stat. 6, 461). */
  chooseDistortion(): void {
    this.#memory.within(() => this.#choose());
  }

  #choose(): void {
    const links = this.#linksOfOptics();
    const best = this.#distortions.map(() => ({ order: 1 as 1 | 2 | 3, score: Infinity }));
    const numbers = [0, 0, 6, 14];
    const system = this.#system();
    let last: Pick<SystemSolution, 'frames' | 'optics'> | undefined;
    let solutions: { readonly orders: readonly number[]; readonly solution: SystemSolution }[] = [];
    for (const order of [1, 2, 3] as const) {
      const orders = best.map((_, o): 1 | 2 | 3 => (links[o] >= LINKS_OF_ORDER[order] ? order : 1));
      const solution = system.solve(
        this.#distortions.map(({ terms }, o) => ({ order: orders[o], terms })),
        last,
      );
      last = { frames: solution.frames, optics: solution.optics };
      const costs = opticsCosts(this.#rows, this.#stand(), solution, this.#optics.of, this.#optics.count);
      best.forEach((choice, o) => {
        const score = costs[o] + numbers[order] * Math.log(2 * Math.max(1, links[o]));
        if (orders[o] === order && score < choice.score) best[o] = { order, score };
      });
      // no later order brings back one that has been beaten
      solutions = [...solutions, { orders, solution }].filter((of) =>
        of.orders.every((own, o) => own === best[o].order),
      );
    }
    this.#setOrders((o) => best[o].order);
    this.#chosen = solutions[0]?.solution;
  }

  /** The nodes as they stand, with what is believed of their places. */
  #stand(): SystemNodes {
    if (!this.#standNow) {
      const axes = this.#axes();
      this.#standNow = { axes, pull: this.#pull(axes) };
    }
    return { ...this.#standNow, weight: this.#nodeWeight };
  }

  /** The nodes and their axes, as `planeBasis` has them. */
  #axes(): NodeAxes {
    const { x, y, z } = this.#nodes;
    const [east, north] = [new Float64Array(3 * x.length), new Float64Array(3 * x.length)];
    for (let n = 0; n < x.length; n++) {
      const across = Math.hypot(x[n], y[n]);
      const ex = across > 0 ? -y[n] / across : 0;
      const ey = across > 0 ? x[n] / across : 1;
      east[3 * n] = ex;
      east[3 * n + 1] = ey;
      north[3 * n] = -z[n] * ey;
      north[3 * n + 1] = z[n] * ex;
      north[3 * n + 2] = x[n] * ey - y[n] * ex;
    }
    return { x, y, z, east, north };
  }

  /** From the nodes to the catalogue's places. */
  #pull({ x, y, z, east, north }: NodeAxes): Float64Array {
    const catalogue = this.#listed;
    const stars = this.#catalogue;
    const pull = new Float64Array(2 * catalogue.length);
    for (let n = 0; n < catalogue.length && stars; n++) {
      const c = catalogue[n];
      if (c < 0) continue;
      const dx = stars.x[c] - x[n];
      const dy = stars.y[c] - y[n];
      const dz = stars.z[c] - z[n];
      pull[2 * n] = east[3 * n] * dx + east[3 * n + 1] * dy + east[3 * n + 2] * dz;
      pull[2 * n + 1] = north[3 * n] * dx + north[3 * n + 1] * dy + north[3 * n + 2] * dz;
    }
    return pull;
  }

  /** What is to be solved as things stand, in memory that is to be given back. */
  #system(): AdjustSystem {
    return new AdjustSystem(
      this.#rows,
      this.#stand(),
      this.#frames.map((_, f) => ({
        plane: this.#models[f].plane,
        optics: this.#optics.of[f],
        prior: this.moves(f) ? this.#priors[f] : undefined,
        moved: this.#moved[f],
      })),
      this.#distortions.length,
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
    const { x, y, z, east, north } = this.#stand().axes;
    for (let n = 0; n < x.length; n++) {
      const de = nodes[2 * n];
      const dn = nodes[2 * n + 1];
      x[n] += de * east[3 * n] + dn * north[3 * n];
      y[n] += de * east[3 * n + 1] + dn * north[3 * n + 1];
      z[n] += de * east[3 * n + 2] + dn * north[3 * n + 2];
      const length = Math.hypot(x[n], y[n], z[n]);
      x[n] /= length;
      y[n] /= length;
      z[n] /= length;
    }
    this.#standNow = undefined;
  }

  /** What it has come to so far. */
  get outcome(): AdjustedFrames {
    return {
      frames: this.#frames,
      models: this.#models,
      catalogue: this.#catalogue,
      links: { catalogue: this.#listed },
      rows: this.#rows,
      nodeWeight: this.#nodeWeight,
      nodes: this.#nodes,
      placed: (frame, given) => this.#placed(frame, given),
      points: this.#points,
      bases: (frame) => this.#points[frame].bases(this.#models[frame], this.#distortionOf(frame).terms),
    };
  }
}

/** The stars of all frames; where they came with lies in three arrays, not in three of each frame. */
function pointsOf(frames: readonly AdjustFrame[], models: readonly FrameModel[]): FramePoints[] {
  const most = mostStars(frames.length);
  const counts = frames.map(({ stars }) => Math.min(stars.count, most));
  const all = directionsOf(counts.reduce((sum, count) => sum + count, 0));
  let end = 0;
  return frames.map(({ stars }, f) => {
    const [from, to] = [end, (end += counts[f])];
    const [x, y, z] = [all.x, all.y, all.z].map((of) => of.subarray(from, to));
    return new FramePoints(models[f], stars, counts[f], { x, y, z });
  });
}
