// What is left for frames that the catalogue did not place one by one: their neighbours, then all of them together, then more sky.
import { setImmediate } from 'node:timers/promises';
import { frameGroups } from '../../astrometry/registration/frame-groups.js';
import { MIN_SHARED_STARS } from '../../astrometry/registration/judge-match.js';
import { MatchField } from '../../astrometry/registration/match-field.js';
import { placeByNeighbours, type NeighbourPlace } from '../../astrometry/registration/place-by-neighbours.js';
import {
  likeliest,
  type PlacedFrame,
  type SessionFrame,
} from '../../astrometry/registration/session-frame.js';
import { memberPlaces, virtualFrame } from '../../astrometry/registration/virtual-frame.js';
import { describeSolution } from '../../astrometry/solver/describe-solution.js';
import type { Solution, SolveHint, SolveImage, SolveResult } from '../../astrometry/solver/solve-types.js';
import { starsFound } from '../../astrometry/stars/brightest-stars.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { solveHint, solveImage } from './solve.js';

/** Placed frames that one frame is compared with in a round, and in all rounds together. */
const MAX_NEIGHBOURS = 12;
const MAX_COMPARISONS = 24;
/** Frames looked at for groups, the first of the session: once a group is placed, its neighbours are. */
const MAX_GROUPED = 300;
/** Fields held ready at a time: each takes a fraction of a megabyte. */
const MAX_FIELDS = 400;

export interface FailedFrame {
  readonly record: FrameRecord;
  readonly stars: StarList;
  readonly wcs?: CelestialWcs | undefined;
}

/** Solves star lists that are no single frames, and single ones in more sky than before. */
export interface WideSolver {
  solveGroup(image: SolveImage, hint: SolveHint): Promise<SolveResult>;
  solveWide(record: FrameRecord, stars: StarList): Promise<SolveResult | undefined>;
}

/**
 * Solutions of frames without `wcs`, by the index in `frames`: by star patterns shared with a placed neighbour, and on from frame to frame; then groups
 * of unplaced frames that overlap each other as one virtual frame; then each by itself in more sky. Deterministic but for the time budgets of `solver`.
 */
export async function placeFailed(
  frames: readonly FailedFrame[],
  solver: WideSolver,
  signal?: AbortSignal,
): Promise<Map<number, Solution>> {
  const found = new Map<number, Solution>();
  const session = new Session(frames, found, signal);
  await session.askNeighbours();
  await session.solveGroups(solver);
  await session.askNeighbours();
  // the richest first: of frames that are alike only a few are looked for
  const open = session
    .open()
    .sort((a, b) => starsFound(frames[b].stars) - starsFound(frames[a].stars) || a - b);
  for (const index of open) {
    const { record, stars } = frames[index];
    // a neighbour may have been found meanwhile
    if (found.has(index) || !solveHint(record).pointing) continue;
    const result = await solver.solveWide(record, stars);
    if (!result?.solved) continue;
    found.set(index, result);
    await session.askNeighbours();
  }
  return found;
}

class Session {
  readonly #frames: readonly FailedFrame[];
  readonly #found: Map<number, Solution>;
  readonly #start = performance.now();
  readonly #fields = new Map<number, MatchField>();
  /** Placed frames that each open frame was compared with, in vain. */
  readonly #asked = new Map<number, Set<number>>();

  readonly #turn: () => Promise<void>;

  constructor(frames: readonly FailedFrame[], found: Map<number, Solution>, signal: AbortSignal | undefined) {
    this.#frames = frames;
    this.#found = found;
    this.#turn = async () => {
      await setImmediate();
      signal?.throwIfAborted();
    };
  }

  /** Indices of the frames that are not placed yet and show enough stars. */
  open(): number[] {
    return [...this.#frames.keys()].filter((f) => this.#showsEnough(f) && !this.#placeOf(f));
  }

  #showsEnough(index: number): boolean {
    return this.#frames[index].stars.count >= MIN_SHARED_STARS;
  }

  #placeOf(index: number): CelestialWcs | undefined {
    return this.#frames[index].wcs ?? this.#found.get(index)?.wcs;
  }

  #frame(order: number): SessionFrame {
    const { record, stars } = this.#frames[order];
    const image = solveImage(record, stars);
    return { order, image, hint: solveHint(record), field: () => this.#field(order, image) };
  }

  #field(index: number, image: SolveImage): MatchField {
    let field = this.#fields.get(index);
    if (!field) {
      if (this.#fields.size >= MAX_FIELDS) this.#fields.clear();
      this.#fields.set(index, (field = new MatchField(image)));
    }
    return field;
  }

  #keep(index: number, place: NeighbourPlace | undefined): boolean {
    if (!place) return false;
    const { width, height } = this.#frames[index].record;
    const solution = describeSolution(place.wcs, width, height, place);
    if (solution) this.#found.set(index, { ...solution, ms: performance.now() - this.#start });
    return solution !== undefined;
  }

  /** As long as one more frame finds its place. */
  async askNeighbours(): Promise<void> {
    for (let more = true; more;) {
      more = false;
      const open = this.open();
      if (open.length === 0) return;
      const placed = [...this.#frames.keys()].flatMap((f): PlacedFrame[] => {
        const wcs = this.#placeOf(f);
        return wcs && this.#showsEnough(f) ? [{ ...this.#frame(f), wcs }] : [];
      });
      for (const index of open) {
        if (this.#keep(index, this.#ask(index, placed))) more = true;
        await this.#turn();
      }
    }
  }

  /** Neighbours asked before are not asked again. */
  #ask(index: number, placed: readonly PlacedFrame[]): NeighbourPlace | undefined {
    const asked = this.#asked.get(index) ?? new Set();
    this.#asked.set(index, asked);
    const frame = this.#frame(index);
    const left = MAX_COMPARISONS - asked.size;
    const neighbours = likeliest(frame, placed, MAX_NEIGHBOURS).filter(({ order }) => !asked.has(order));
    const chosen = neighbours.slice(0, Math.max(0, left));
    for (const { order } of chosen) asked.add(order);
    return placeByNeighbours(frame, chosen);
  }

  /** Unplaced frames that show the same stars, each group as one frame. */
  async solveGroups(solver: WideSolver): Promise<void> {
    const open = this.open().slice(0, MAX_GROUPED);
    const frames = open.map((index) => this.#frame(index));
    for (const group of await frameGroups(frames, this.#turn)) {
      const virtual = virtualFrame(frames, group);
      const result = await solver.solveGroup(virtual.image, virtual.hint);
      if (!result.solved) continue;
      const places = memberPlaces(frames, group, virtual, result);
      group.members.forEach((member, m) => this.#keep(open[member], places[m]));
    }
  }
}
