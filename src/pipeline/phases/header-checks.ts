// Whether the stars of a frame stand where the WCS in its header puts them: many programs write the mount's word as a WCS, and that may be anything.
import { builtInCatalogue } from '../../astrometry/catalogue/built-in-catalogue.js';
import { log10BinomialTail } from '../../astrometry/solver/binomial-tail.js';
import { MIN_STARS } from '../../astrometry/solver/frame-search.js';
import type { Solution, SolveResult } from '../../astrometry/solver/solve-types.js';
import { starsInPlace } from '../../astrometry/solver/stars-in-place.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { wcsDistancePx, WCS_LIE_PX } from '../tiles/placed-wrongly.js';
import { solveHint, solveImage } from './solve.js';

/** So many stars in place by chance once in ten thousand frames: most headers are right, and one that is not is found out by its neighbours' stars. */
const STANDS_LOG_CHANCE = -4;
/** Searches in vain, each up to a tenth of a second of work, until headers are taken at their word: while no star of the session was recognised, and in all. */
const VAIN_AT_FIRST = 6;
const VAIN_IN_ALL = 12;
/** From this share of wrong headers on, what the stars say nothing of is not believed either. */
const DOUBTFUL_SHARE = 0.1;

export type HeaderVerdict =
  | { readonly kind: 'stands' | 'unknown' }
  | { readonly kind: 'wrong'; readonly solution: Solution; readonly distancePx: number };

/** Of the frames of one session, in their order: later ones are searched for only where that has told something of earlier ones. */
export class HeaderChecks {
  #stands = 0;
  #inVain = 0;
  readonly #distances: number[] = [];

  /** `search` finds a frame near its pointing by its stars. */
  constructor(private readonly search: (record: FrameRecord, stars: StarList) => Promise<SolveResult>) {}

  /** @throws CatalogueError when the catalogue cannot be used; what the search throws. */
  async judge(record: FrameRecord, wcs: CelestialWcs, stars: StarList): Promise<HeaderVerdict> {
    if (stars.count < MIN_STARS) return { kind: 'unknown' };
    const image = solveImage(record, stars);
    const { epoch } = solveHint(record);
    const place = starsInPlace(await builtInCatalogue(), image, epoch, wcs, WCS_LIE_PX);
    if (log10BinomialTail(place.judged, place.agree, place.chance) < STANDS_LOG_CHANCE) return this.#stand();
    // where the catalogue has too few stars, no search finds them
    if (place.known < MIN_STARS || this.#isHopeless()) return { kind: 'unknown' };
    const found = await this.search(record, stars);
    if (!found.solved) {
      this.#inVain++;
      return { kind: 'unknown' };
    }
    const distancePx = wcsDistancePx(wcs, found.wcs, record.width, record.height);
    if (distancePx <= WCS_LIE_PX) return this.#stand();
    this.#distances.push(distancePx);
    return { kind: 'wrong', solution: found, distancePx };
  }

  /** How far wrong headers are off, pixels of their frames; Infinity beyond the horizon. */
  get distances(): readonly number[] {
    return this.#distances;
  }

  /** Whether so many headers are wrong that those which nothing is known of are not to be believed. */
  get doubtsUnknown(): boolean {
    const wrong = this.#distances.length;
    return wrong > 0 && wrong >= DOUBTFUL_SHARE * (wrong + this.#stands);
  }

  #stand(): HeaderVerdict {
    this.#stands++;
    return { kind: 'stands' };
  }

  #isHopeless(): boolean {
    const told = this.#stands + this.#distances.length > 0;
    return this.#inVain >= (told ? VAIN_IN_ALL : VAIN_AT_FIRST);
  }
}
