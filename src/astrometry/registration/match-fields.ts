// Relative registration: which stars of one frame are which of another, from the patterns that both show, without any catalogue.
import { correspondence } from '../solver/patterns/correspondence.js';
import { sidesOf } from '../solver/patterns/patterns.js';
import { judgeMatch, type FieldMatch } from './judge-match.js';
import type { MatchField } from './match-field.js';
import { applied, similarity, type Parity, type PlaneMap, type PointPair } from './plane-map.js';

/** Frames of one camera differ in scale by temperature and refraction alone, those of a pair of cameras by more. */
const SCALE_TOLERANCE = 0.02;
const RATIO_TOLERANCE = 0.008;
const MAX_CORNER_PX = 3;
/** Hypotheses after which frames have nothing in common, and those among them that were uncertain: a grid of defects yields no end of them. */
const MAX_TESTS = 4000;
const MAX_UNCERTAIN = 20;
const PARITIES: readonly Parity[] = [1, -1];

/**
 * The stars that `from` and `to` share, confirmed beyond chance; undefined when there are none. Frames of about one scale, any rotation, either parity.
 * Deterministic.
 */
export function matchFields(from: MatchField, to: MatchField): FieldMatch | undefined {
  const { patterns } = from;
  const { table } = to;
  const spent = () => tests >= MAX_TESTS || uncertain >= MAX_UNCERTAIN;
  const slack = SCALE_TOLERANCE + RATIO_TOLERANCE;
  let [tests, uncertain] = [0, 0];
  let found: FieldMatch | undefined;
  for (let p = 0; p < patterns.count && !found && !spent(); p++) {
    const own = patterns.stars.subarray(4 * p, 4 * (p + 1));
    const longest = patterns.longest[p];
    const [least, most] = [longest * (1 - slack), longest * (1 + slack)];
    table.search(patterns.ratios, 5 * p, RATIO_TOLERANCE, least, most, (q) => {
      const corners = cornersOf(from, to, own, table.patterns.stars.subarray(4 * q, 4 * (q + 1)));
      for (const parity of PARITIES) {
        const map = hypothesis(corners, parity);
        if (!map) continue;
        const verdict = judgeMatch(from, to, { map, parity, tests: ++tests });
        if (verdict === 'uncertain') uncertain++;
        else found = verdict;
        if (found) return true;
      }
      return spent();
    });
  }
  return found;
}

/** Corners of two patterns that look alike, each with its partner. */
function cornersOf(from: MatchField, to: MatchField, own: Int32Array, other: Int32Array): PointPair[] {
  const [ownSides, otherSides] = [new Float64Array(6), new Float64Array(6)];
  sidesOf(from.patternStars, own, ownSides);
  sidesOf(to.patternStars, other, otherSides);
  const partner = correspondence(4, ownSides, otherSides);
  return Array.from(own, (s, c): PointPair => {
    const o = other[partner[c]];
    return [from.patternStars.x[s], from.patternStars.y[s], to.patternStars.x[o], to.patternStars.y[o]];
  });
}

function hypothesis(corners: readonly PointPair[], parity: Parity): PlaneMap | undefined {
  const map = similarity(corners, parity, 0)?.map;
  if (!map || Math.abs(Math.hypot(map[0], map[3]) - 1) > SCALE_TOLERANCE) return undefined;
  for (const [x, y, u, v] of corners) {
    const [a, b] = applied(map, x, y);
    if (Math.hypot(a - u, b - v) > MAX_CORNER_PX) return undefined;
  }
  return map;
}
