// Whether two frames really show the same stars: a hypothesis from one pattern, looked at closer and closer. A false one is the worst that can happen.
import { log10BinomialTail } from '../solver/binomial-tail.js';
import type { Brightest, MatchField } from './match-field.js';
import { applied, fitMap, type FittedMap, type Parity, type PlaneMap, type PointPair } from './plane-map.js';

/** Match radii in pixels: of the hypothesis, whose pattern may be small; of the map through its matches, twice; of the final map. */
const FIRST_RADIUS_PX = 8;
const JUDGED_RADIUS_PX = 3;
const LAST_RADIUS_PX = 2;
/** Believed: so many stars in place, and log10 of the chance of that, all hypotheses counted in. */
export const MIN_SHARED_STARS = 10;
const ACCEPT = -7;
/** Of the stars of the poorer frame that the other shows too, this share must be found there. Random fields share a few percent. */
const MIN_SHARE = 0.3;
/** Axes of two frames of one sky differ by refraction and distortion alone. */
const MAX_SHEAR = 0.02;
/** A map shifted by less than `ECHO_REACH_PX` that matches half as many stars: double images, grids of defects, the crowd of a cluster. */
const ECHO_REACH_PX = 300;
const ECHO_SHARE = 0.5;
/** A camera's defects stand still: frames at rest relative to each other must share this much of the richer one's stars. */
const AT_REST_PX = 2;
const AT_REST_SHARE = 0.8;
/** Least error of a centroid relative to another frame's. */
export const SCATTER_FLOOR_PX = 0.05;

export interface Hypothesis {
  readonly map: PlaneMap;
  readonly parity: Parity;
  /** Hypotheses tried so far, this one included. */
  readonly tests: number;
}

/** Numbers of the same star in the one frame and in the other. */
export type SharedStar = readonly [from: number, to: number];

export interface FieldMatch {
  readonly parity: Parity;
  readonly shared: readonly SharedStar[];
  /** Pixels from the middle of the one frame -> of the other. */
  readonly fit: FittedMap;
  /** Decimal logarithm of the odds against so many stars agreeing by chance. */
  readonly logOdds: number;
}

/** The shared stars when the hypothesis stands up to all looks; undefined when it is none, 'uncertain' for more stars than by chance that prove nothing. */
export function judgeMatch(
  from: MatchField,
  to: MatchField,
  { map, parity, tests }: Hypothesis,
): FieldMatch | 'uncertain' | undefined {
  const near = look(from, to, 'judged', map, FIRST_RADIUS_PX);
  if (near.shared.length < MIN_SHARED_STARS / 2) return undefined;
  let fit = fitMap(pairsOf(from, to, near.shared), parity, SCATTER_FLOOR_PX);
  let seen = near;
  for (let step = 0; step < 2; step++) {
    if (!fit) return undefined;
    seen = look(from, to, 'judged', fit.map, JUDGED_RADIUS_PX);
    if (seen.shared.length < MIN_SHARED_STARS / 2) return undefined;
    fit = fitMap(pairsOf(from, to, seen.shared), parity, SCATTER_FLOOR_PX);
  }
  if (!fit || seen.shared.length < MIN_SHARED_STARS) return undefined;
  const { width, height } = to.field;
  const chance = Math.min(0.5, (to.judged.count * Math.PI * JUDGED_RADIUS_PX ** 2) / (width * height));
  // the pattern itself, and what a map can adapt to, prove nothing
  const logChance = log10BinomialTail(seen.inside, seen.shared.length - 4, chance) + Math.log10(tests);
  if (logChance > ACCEPT) return undefined;
  if (!standsOut(from, to, seen, fit.map)) return 'uncertain';
  for (let step = 0; step < 2; step++) {
    const { shared } = look(from, to, 'fitted', fit.map, LAST_RADIUS_PX);
    if (shared.length < MIN_SHARED_STARS) return undefined;
    const next: FittedMap | undefined = fitMap(pairsOf(from, to, shared), parity, SCATTER_FLOOR_PX);
    if (!next || shear(next.map) > MAX_SHEAR) return undefined;
    fit = next;
    seen = { ...seen, shared };
  }
  return { parity, shared: seen.shared, fit, logOdds: -logChance };
}

interface Look {
  readonly shared: readonly SharedStar[];
  /** Stars of the one frame that the map puts into the other. */
  readonly inside: number;
}

/** Stars of `from` that find one of `to` where the map puts them; of several that find the same, the nearest. */
function look(
  from: MatchField,
  to: MatchField,
  among: 'judged' | 'fitted',
  map: PlaneMap,
  radius: number,
): Look {
  const best = new Map<number, readonly [number, number]>();
  let inside = 0;
  const { grid }: Brightest = to[among];
  for (let s = 0; s < from[among].count; s++) {
    const [x, y] = applied(map, from.field.x[s], from.field.y[s]);
    if (!shows(to, x, y)) continue;
    inside++;
    const other = grid.nearest(x, y, radius);
    if (other < 0) continue;
    const distance = Math.hypot(to.field.x[other] - x, to.field.y[other] - y);
    const rival = best.get(other);
    if (!rival || distance < rival[1]) best.set(other, [s, distance]);
  }
  return { shared: Array.from(best, ([other, [s]]) => [s, other] as const), inside };
}

function shows({ field }: MatchField, x: number, y: number): boolean {
  return Math.abs(x) <= field.width / 2 && Math.abs(y) <= field.height / 2;
}

function pairsOf(from: MatchField, to: MatchField, shared: readonly SharedStar[]): PointPair[] {
  return shared.map(([s, o]) => [from.field.x[s], from.field.y[s], to.field.x[o], to.field.y[o]]);
}

/** Chance assumes stars anywhere. What is not anywhere (clusters, defects, double images) is told by what else the frames show. */
function standsOut(from: MatchField, to: MatchField, { shared, inside }: Look, map: PlaneMap): boolean {
  const back = inverse(map);
  let theirs = 0;
  for (let o = 0; o < to.judged.count; o++)
    if (shows(from, ...applied(back, to.field.x[o], to.field.y[o]))) theirs++;
  if (shared.length < MIN_SHARE * Math.min(inside, theirs)) return false;
  if (atRest(from, map) && shared.length < AT_REST_SHARE * Math.max(inside, theirs)) return false;
  return strongestEcho(from, to, map) < ECHO_SHARE * shared.length;
}

function inverse([a, b, c, d, e, f]: PlaneMap): PlaneMap {
  const det = a * e - b * d;
  return [e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det];
}

function atRest({ field: { width, height } }: MatchField, map: PlaneMap): boolean {
  return [-1, 1].every((i) =>
    [-1, 1].every((j) => {
      const [x, y] = [(i * width) / 2, (j * height) / 2];
      const [u, v] = applied(map, x, y);
      return Math.hypot(u - x, v - y) < AT_REST_PX;
    }),
  );
}

/** Most stars that any other shift of the map within reach would put in their places, to the radius that the map is judged by. */
function strongestEcho(from: MatchField, to: MatchField, map: PlaneMap): number {
  const side = Math.ceil((2 * ECHO_REACH_PX) / JUDGED_RADIUS_PX);
  const votes = new Int32Array(side * side);
  const bin = (d: number) => Math.floor((d + ECHO_REACH_PX) / JUDGED_RADIUS_PX);
  for (let s = 0; s < from.judged.count; s++) {
    const [x, y] = applied(map, from.field.x[s], from.field.y[s]);
    for (let o = 0; o < to.judged.count; o++) {
      const [dx, dy] = [to.field.x[o] - x, to.field.y[o] - y];
      if (Math.max(Math.abs(dx), Math.abs(dy)) >= ECHO_REACH_PX) continue;
      if (Math.hypot(dx, dy) > 2 * JUDGED_RADIUS_PX) votes[bin(dy) * side + bin(dx)]++;
    }
  }
  let most = 0;
  for (let j = 0; j + 1 < side; j++) {
    for (let i = 0; i + 1 < side; i++) {
      const at = j * side + i;
      most = Math.max(most, votes[at] + votes[at + 1] + votes[at + side] + votes[at + side + 1]);
    }
  }
  return most;
}

/** How far from a similarity: difference of the axes' lengths, and cosine between them. */
function shear([a, b, , d, e]: PlaneMap): number {
  const [p, q] = [Math.hypot(a, d), Math.hypot(b, e)];
  return Math.max(Math.abs(Math.log(p / q)), Math.abs(a * b + d * e) / (p * q));
}
