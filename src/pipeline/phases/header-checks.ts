// Whether the stars of a frame stand where the WCS in its header puts them: many programs write the mount's word as a WCS, and that may be anything.
import { builtInCatalogue } from '../../astrometry/catalogue/built-in-catalogue.js';
import { log10BinomialTail } from '../../astrometry/solver/binomial-tail.js';
import { MIN_STARS } from '../../astrometry/solver/search/frame-search.js';
import type { Solution, SolveResult } from '../../astrometry/solver/solve-types.js';
import { starsInPlace } from '../../astrometry/solver/stars-in-place.js';
import { votePlace } from '../../astrometry/solver/vote-place.js';
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

/** A vote takes as long as a search; it reaches as far as the search for a frame whose header says only where the mount pointed. */
const VOTES_IN_VAIN = 3;
const VOTE_RADIUS_DEG = 10;

type Place = NonNullable<FrameRecord['pointing']>;
type SolvedFrame = SolveResult & { readonly solved: true };

export type HeaderVerdict =
  | { readonly kind: 'stands' | 'unknown' }
  | { readonly kind: 'wrong'; readonly solution: Solution; readonly distancePx: number };

/** How a header looks by itself, whatever else the session holds. */
export interface HeaderLook {
  /** Its stars are where it says. */
  readonly stands: boolean;
  /** Frame and catalogue show enough of them for a search. */
  readonly searchable: boolean;
}

/** Of the frames of one session, in their order: later ones are searched for only where that has told something of earlier ones. */
export class HeaderChecks {
  #stands = 0;
  #inVain = 0;
  #votesInVain = 0;
  /** From where the last wrong header put its frame to where that is: a mount that errs does so all night. */
  #off: Place | undefined;
  readonly #distances: number[] = [];

  /** `search` finds a frame by its stars: near a place, or where its header puts it. `searchAhead` may begin the latter, for it is likely to be asked for. */
  constructor(
    private readonly search: (record: FrameRecord, stars: StarList, near?: Place) => Promise<SolveResult>,
    private readonly searchAhead: (record: FrameRecord, stars: StarList) => void = () => undefined,
  ) {}

  /** Of frames in any order. @throws CatalogueError when the catalogue cannot be used. */
  async look(record: FrameRecord, wcs: CelestialWcs, stars: StarList): Promise<HeaderLook> {
    if (stars.count < MIN_STARS) return { stands: false, searchable: false };
    const { epoch } = solveHint(record);
    const image = solveImage(record, stars);
    const place = starsInPlace(await builtInCatalogue(), image, epoch, wcs, WCS_LIE_PX);
    const stands = log10BinomialTail(place.judged, place.agree, place.chance) < STANDS_LOG_CHANCE;
    // where the catalogue has too few stars, no search finds them
    const searchable = place.known >= MIN_STARS;
    if (!stands && searchable) this.searchAhead(record, stars);
    return { stands, searchable };
  }

  /** Of frames in their order. @throws CatalogueError when the catalogue cannot be used; what the search throws. */
  async judge(
    record: FrameRecord,
    wcs: CelestialWcs,
    stars: StarList,
    looked: HeaderLook | Promise<HeaderLook> = this.look(record, wcs, stars),
  ): Promise<HeaderVerdict> {
    const { stands, searchable } = await looked;
    if (stands) return this.#stand();
    if (!searchable || this.#isHopeless()) return { kind: 'unknown' };
    const found = await this.#find(record, wcs, stars);
    if (!found) {
      this.#inVain++;
      return { kind: 'unknown' };
    }
    const distancePx = wcsDistancePx(wcs, found.wcs, record.width, record.height);
    if (distancePx <= WCS_LIE_PX) return this.#stand();
    this.#distances.push(distancePx);
    this.#off = offBy(wcs, found.wcs, record);
    return { kind: 'wrong', solution: found, distancePx };
  }

  /** As far from where the header says as the frame before was, near there, or where its stars and those of the catalogue vote for. */
  async #find(record: FrameRecord, wcs: CelestialWcs, stars: StarList): Promise<SolvedFrame | undefined> {
    const said = middleOf(wcs, record);
    const before = said &&
      this.#off && { raDeg: said.raDeg + this.#off.raDeg, decDeg: said.decDeg + this.#off.decDeg };
    for (const place of before ? [before, undefined] : [undefined]) {
      const found = await this.search(record, stars, place);
      if (found.solved) return found;
    }
    if (this.#votesInVain >= VOTES_IN_VAIN) return undefined;
    const { epoch } = solveHint(record);
    const voted = votePlace(await builtInCatalogue(), solveImage(record, stars), epoch, wcs, VOTE_RADIUS_DEG);
    const found = voted && (await this.search(record, stars, voted));
    if (found?.solved) return found;
    this.#votesInVain++;
    return undefined;
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

function middleOf(wcs: CelestialWcs, { width, height }: FrameRecord): Place | undefined {
  const sky = wcs.pixelToSky((width + 1) / 2, (height + 1) / 2);
  return sky ? { raDeg: sky[0], decDeg: sky[1] } : undefined;
}

/** Degrees of right ascension and declination. */
function offBy(said: CelestialWcs, found: CelestialWcs, record: FrameRecord): Place | undefined {
  const [from, to] = [middleOf(said, record), middleOf(found, record)];
  return from && to && { raDeg: to.raDeg - from.raDeg, decDeg: to.decDeg - from.decDeg };
}
