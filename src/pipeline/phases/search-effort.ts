// How much each frame of a run is searched for: in full while none like it has failed, less with each that did.
import type { SearchTask } from '../../astrometry/solver/search/search-task.js';
import { opticsKey } from '../../astrometry/solver/search/session-memory.js';
import type { SolveHint, SolveImage } from '../../astrometry/solver/solve-types.js';
import { starsFound } from '../../astrometry/stars/brightest-stars.js';
import { angularSeparationDeg } from '../../astrometry/wcs/sphere.js';

/** Frames of one camera that point within this of each other look at one piece of sky: as far as the nearest search goes. */
const LIKE_DEG = 2;
/** Failures that cost no sister anything: one frame with a pointing may be a bad one; a search of the whole sky is too long for that. */
const FREE_FAILURES = { hinted: 1, blind: 0 };
/** Each failure more leaves this share of what a whole search has cost: a part of the sky is worth little where the whole was looked at in vain. */
const SHARE = 1 / 4;
/** As many of a kind are searched for in full before any that failed so must show more: the first one may have been a bad one. */
const FULL_SEARCHES = 2;
/** No search is shorter: a place that is known takes 15 ms, all that is tried within two degrees 150. */
const LEAST_BUDGET_MS = 200;
/** Frames of a kind that are looked for in vain in more sky than a mount's error explains. */
const WIDE_SEARCHES = 2;
/** A frame with so many times the stars of those that failed may be the one clear one. */
const RICHER = 1.2;

export interface Effort extends Pick<SearchTask, 'scope' | 'budgetMs'> {
  /** Frames of the kind that failed, where these have made the search a shorter one. */
  readonly afterFailures?: number;
}

/** Frames of one camera with pointings beside each other, or with none. */
interface Kind {
  readonly optics: string;
  readonly pointing: SolveHint['pointing'];
  failed: number;
  /** Searches in full, in vain: how many, the longest, and the stars of the richest frame. */
  failedInFull: number;
  longestMs: number;
  mostStars: number;
  failedWide: number;
}

export class SearchEffort {
  readonly #kinds: Kind[] = [];

  /**
   * For a frame with `ahead` others of its kind beside it that are searched for at the same time: they count as if they failed. With a pointing it is
   * searched for within two degrees at the least, whatever others have come to: that is worth its time where the frame is any better than they.
   */
  of(image: SolveImage, hint: SolveHint, budgetMs: number, ahead: number): Effort {
    const kind = this.#kindOf(image, hint);
    const failed = kind.failed + ahead;
    const excess = failed - (hint.pointing ? FREE_FAILURES.hinted : FREE_FAILURES.blind);
    if (excess <= 0) return { scope: 'whole', budgetMs };
    return {
      scope: hint.pointing ? 'near' : 'whole',
      budgetMs: Math.min(budgetMs, Math.max(LEAST_BUDGET_MS, SHARE ** excess * (kind.longestMs || budgetMs))),
      afterFailures: failed,
    };
  }

  /** Books a search that found nothing. */
  addFailure(image: SolveImage, hint: SolveHint, { afterFailures }: Effort, workMs = 0): void {
    const kind = this.#kindOf(image, hint);
    kind.failed++;
    if (afterFailures !== undefined) return;
    kind.failedInFull++;
    kind.longestMs = Math.max(kind.longestMs, workMs);
    kind.mostStars = Math.max(kind.mostStars, starsFound(image.stars));
  }

  /**
   * Of frames whose search was a short one, by their index: the richest of each kind, where it shows clearly more than those searched for in full, or
   * these are too few.
   */
  worthInFull(frames: readonly { readonly image: SolveImage; readonly hint: SolveHint }[]): number[] {
    const richest = new Map<Kind, number>();
    for (const [f, { image, hint }] of frames.entries()) {
      const kind = this.#kindOf(image, hint);
      const best = richest.get(kind);
      const enough = kind.failedInFull < FULL_SEARCHES ? 0 : RICHER * kind.mostStars;
      const least = best === undefined ? enough : starsFound(frames[best].image.stars);
      if (starsFound(image.stars) > least) richest.set(kind, f);
    }
    return [...richest.values()];
  }

  /** Whether one more frame of the kind is to be looked for far from where it points. */
  isWorthWide(image: SolveImage, hint: SolveHint): boolean {
    return this.#kindOf(image, hint).failedWide < WIDE_SEARCHES;
  }

  /** Books such a search that found nothing. */
  addWideFailure(image: SolveImage, hint: SolveHint): void {
    this.#kindOf(image, hint).failedWide++;
  }

  /** The same object for all frames of a kind. */
  kindOf(image: SolveImage, hint: SolveHint): object {
    return this.#kindOf(image, hint);
  }

  #kindOf(image: SolveImage, hint: SolveHint): Kind {
    const [optics, at] = [opticsKey(image, hint), hint.pointing];
    const isLike = ({ pointing }: Kind): boolean => {
      if (!pointing || !at) return !pointing && !at;
      return angularSeparationDeg(pointing.raDeg, pointing.decDeg, at.raDeg, at.decDeg) < LIKE_DEG;
    };
    let kind = this.#kinds.find((known) => known.optics === optics && isLike(known));
    if (!kind)
      this.#kinds.push(
        (kind = {
          optics,
          pointing: at,
          failed: 0,
          failedInFull: 0,
          longestMs: 0,
          mostStars: 0,
          failedWide: 0,
        }),
      );
    return kind;
  }
}
