// Where to look, in which order: what the session has learnt, then rings around the hint, then the sky in tiles.
import { DEG_TO_RAD } from '../../wcs/angles.js';
import { unitVector, vectorSeparationDeg, type UnitVector } from '../../wcs/sphere.js';
import { placesFor, type Learnt } from './session-memory.js';
import type { Parity, SolveHint } from '../solve-types.js';

/** A round of pattern matching: which patterns, of how many stars (times the expected number), how alike they must be. */
export interface Pass {
  readonly corners: 3 | 4;
  readonly skyNeighbours: number;
  readonly imageNeighbours: number;
  readonly starFactor: 1 | 1.8;
  readonly tolerance: number;
}

export interface SearchStep {
  readonly centre: UnitVector;
  /** Farthest that the middle of the image may be from `centre`, degrees. */
  readonly radiusDeg: number;
  readonly scaleArcsec: number;
  /** Relative. */
  readonly scaleTolerance: number;
  readonly parity?: Parity;
  readonly passes: readonly Pass[];
  /** log10 of the chance, counting all hypotheses tried, below which a solution is believed. */
  readonly accept: number;
  /** The region is worth keeping for the next frame. */
  readonly keep: boolean;
}

// The image side has more neighbours a star: it is there that stars are missing or false.
const QUADS: Pass = { corners: 4, skyNeighbours: 4, imageNeighbours: 7, starFactor: 1, tolerance: 0.008 };
const TRIANGLES: Pass = { corners: 3, skyNeighbours: 5, imageNeighbours: 8, starFactor: 1, tolerance: 0.006 };
const MORE_QUADS: Pass = { ...QUADS, skyNeighbours: 5, imageNeighbours: 8, starFactor: 1.8 };
const MORE_TRIANGLES: Pass = { ...TRIANGLES, skyNeighbours: 6, imageNeighbours: 10, starFactor: 1.8 };
const ALL_PASSES = [QUADS, TRIANGLES, MORE_QUADS, MORE_TRIANGLES] as const;

/** Believed where there is a place to look at, and where there is none. Wrong solutions reached -3.9 at best in 660 trials. */
const ACCEPT_HINTED = -7;
const ACCEPT_BLIND = -9;
/** With place, scale and parity learnt from other frames. */
const ACCEPT_LEARNT = -5.5;
/** Focal lengths in headers are nominal; a Seestar's is 0.8 % off. */
const HINT_TOLERANCE = 0.05;
/** Optics do not change in a session, but for focus and temperature. */
const LEARNT_TOLERANCE = 0.005;
const RINGS_DEG = [2, 5, 10] as const;
/** Tiles of a wider search. */
const TILE_RADIUS_DEG = 8;
/** Scales to try where nothing is known, by factors: from long focal lengths to lenses. */
const SCALE_FACTOR = 1.5;
const UNKNOWN_SCALES: readonly ScaleRange[] = Array.from({ length: 12 }, (_, i) => ({
  scaleArcsec: 0.8 * SCALE_FACTOR ** i,
  scaleTolerance: Math.sqrt(SCALE_FACTOR) - 1,
}));

/** Only what the session has learnt: the cheap retry of a frame that failed before. */
export function learntSteps(hint: SolveHint, learnt: Learnt | undefined): SearchStep[] {
  if (!learnt) return [];
  return placesFor(learnt, hint).map(({ centre, radiusDeg }) => ({
    centre,
    radiusDeg,
    scaleArcsec: learnt.scaleArcsec,
    scaleTolerance: LEARNT_TOLERANCE,
    parity: learnt.parity,
    passes: ALL_PASSES,
    accept: ACCEPT_LEARNT,
    keep: true,
  }));
}

/** All steps of a search, in order of falling hope: learnt places, the search at the learnt scale, the search as if nothing had been
 * learnt, near the hint as if its scale were wrong. */
export function* searchSteps(
  hint: SolveHint,
  learnt: Learnt | undefined,
  maxRadiusDeg: number,
): Generator<SearchStep> {
  for (const step of learntSteps(hint, learnt)) yield { ...step, passes: [QUADS, TRIANGLES] };
  if (learnt) {
    const scale = { scaleArcsec: learnt.scaleArcsec, scaleTolerance: 2 * LEARNT_TOLERANCE };
    yield* ringSteps(hint, [scale], maxRadiusDeg);
    yield* tileSteps(hint, [scale], learnt.lastCentre, maxRadiusDeg);
  }
  // headers of two telescopes may look alike, and what was learnt may be wrong
  const scales = scaleRanges(hint);
  yield* ringSteps(hint, scales, maxRadiusDeg);
  yield* otherScaleSteps(hint);
  yield* tileSteps(hint, scales, learnt?.lastCentre ?? [1, 0, 0], maxRadiusDeg);
}

/** Where the session says that the frame ought to be, and within the first ring around the hint: what is left to try where others like it were not found. */
export function* nearSteps(hint: SolveHint, learnt: Learnt | undefined): Generator<SearchStep> {
  yield* learntSteps(hint, learnt);
  yield* ringSteps(hint, scaleRanges(hint), RINGS_DEG[0]);
}

/** Rings around the hint. */
function* ringSteps(
  { pointing }: SolveHint,
  scales: readonly ScaleRange[],
  maxRadiusDeg: number,
): Generator<SearchStep> {
  if (!pointing) return;
  const centre = unitVector(pointing.raDeg, pointing.decDeg);
  for (const [ring, radiusDeg] of RINGS_DEG.entries()) {
    if (radiusDeg > maxRadiusDeg && ring > 0) break;
    const passes = ring === 2 ? [QUADS, MORE_QUADS] : ALL_PASSES;
    for (const scale of scales)
      yield { centre, radiusDeg, ...scale, passes, accept: ACCEPT_HINTED, keep: true };
  }
}

/** Near the hint at scales that the header denies: a reducer, a Barlow lens or binning that it does not know of. */
function* otherScaleSteps({ pointing, scaleArcsec }: SolveHint): Generator<SearchStep> {
  if (!pointing || scaleArcsec === undefined) return;
  const centre = unitVector(pointing.raDeg, pointing.decDeg);
  for (const scale of UNKNOWN_SCALES)
    yield { centre, radiusDeg: RINGS_DEG[0], ...scale, passes: [QUADS], accept: ACCEPT_BLIND, keep: false };
}

/** Tiles of the sky, from `last` on where there is no hint. */
function* tileSteps(
  { pointing }: SolveHint,
  scales: readonly ScaleRange[],
  last: UnitVector,
  maxRadiusDeg: number,
): Generator<SearchStep> {
  const reach = pointing ? maxRadiusDeg : 180;
  if (reach <= RINGS_DEG[RINGS_DEG.length - 1]) return;
  const from = pointing ? unitVector(pointing.raDeg, pointing.decDeg) : last;
  for (const tile of skyTiles(from)) {
    if (vectorSeparationDeg(tile, from) > reach) return;
    for (const scale of scales) {
      yield {
        centre: tile,
        radiusDeg: TILE_RADIUS_DEG,
        ...scale,
        passes: [QUADS],
        accept: ACCEPT_BLIND,
        keep: false,
      };
    }
  }
}

type ScaleRange = Pick<SearchStep, 'scaleArcsec' | 'scaleTolerance'>;

function scaleRanges({ scaleArcsec }: SolveHint): readonly ScaleRange[] {
  if (scaleArcsec !== undefined) return [{ scaleArcsec, scaleTolerance: HINT_TOLERANCE }];
  return UNKNOWN_SCALES;
}

/** Directions whose circles of the tile radius cover the sky, nearest to `from` first. */
function skyTiles(from: UnitVector): UnitVector[] {
  // rows and columns 1.4 radii apart: the diagonal of such a square is twice the radius
  const step = 1.4 * TILE_RADIUS_DEG;
  const rows = Math.ceil(180 / step);
  const tiles: UnitVector[] = [];
  for (let row = 0; row < rows; row++) {
    const dec = -90 + ((row + 0.5) * 180) / rows;
    const columns = Math.max(1, Math.ceil((360 * Math.cos(dec * DEG_TO_RAD)) / step));
    for (let column = 0; column < columns; column++) tiles.push(unitVector((column * 360) / columns, dec));
  }
  return tiles.sort((a, b) => vectorSeparationDeg(a, from) - vectorSeparationDeg(b, from));
}
