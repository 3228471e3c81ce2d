// A line of marks looked at closely: where exactly it runs, how wide and how long it is, or that it is none.
import type { CoarseImage } from '../stars/matched-filter.js';

/** A line in samples of the coarse image: x nx + y ny = offset. */
export interface CoarseLine {
  readonly nx: number;
  readonly ny: number;
  readonly offset: number;
}

/** All lengths in samples of the coarse image. */
export interface CoarseStrip extends CoarseLine {
  /** Ends along (ny, -nx). */
  readonly from: number;
  readonly to: number;
  readonly halfWidth: number;
  readonly snr: number;
}

/** Samples along a piece of a line. */
const PIECE = 8;
/** Parts of a sample across. */
const FINE = 2;
/** Samples to either side of the line that are looked at; beyond SKY_FROM they are sky. */
const REACH = 24;
const SKY_FROM = 14;
/** Samples to either side in which the middle of the light is sought. */
const CORE = 4;
/** A piece brighter than this many deviations counts as that: stars. */
const CLIP = 3;
/** Least height of the profile over its noise, and least length in samples. */
const LEAST_SNR = 12;
const LEAST_LENGTH = 130;
/** The strip ends where the profile falls below this share of its height. */
const RIM_SHARE = 0.015;
const RIM_SIGMA = 2.5;
/** Samples to either side, the outer half of which a piece is compared with. */
const BESIDE = 12;
/** Pieces to either side that are looked at together with one for where the trail ends, and the share of a trail's pieces that must show it. */
const TOGETHER = 2;
const SHOWN_SIGMA = 2.5;
const SHOWN_SHARE = 0.6;
/** A quarter of its pieces may have less than this share of the median's light. */
const EVEN = 0.25;
/** Pieces beyond the last that shows it, where a trail may be too faint to tell. */
const MORE_PIECES = 1;
/** An end fewer than this many pieces from that of the line is at that. */
const NEAR_END = 3;

const ACROSS = 2 * REACH * FINE + 1;

/** Pieces `[piece, across]` along a line: means of the samples, NaN where there are none. */
interface Pieces {
  readonly count: number;
  readonly start: number;
  readonly means: Float32Array;
}

/** The strip that runs within `slack` samples of the line at its ends; undefined where none does. */
export function measureStrip(coarse: CoarseImage, near: CoarseLine, slack: number): CoarseStrip | undefined {
  const rough = cut(coarse, near);
  if (rough.count * PIECE < LEAST_LENGTH) return undefined;
  const aligned = align(rough, near, slack);
  const first = cut(coarse, aligned);
  const lit = litPieces(first);
  if (!lit) return undefined;
  const line = centre(partOf(first, lit), aligned);
  const profile = profileOf(partOf(cut(coarse, line), lit));
  if (!profile) return undefined;
  const [from, to] = [lit.from - MORE_PIECES, lit.to + MORE_PIECES];
  return {
    ...line,
    offset: line.offset + (profile.low + profile.high) / 2,
    // an end that is nearly that of the frame is
    from: first.start + PIECE * (lit.from < NEAR_END ? -1 : from),
    to: first.start + PIECE * (lit.to > first.count - NEAR_END ? first.count + 1 : to),
    halfWidth: (profile.high - profile.low) / 2,
    snr: profile.snr,
  };
}

/** Pieces `from` to `to - 1`. */
interface PieceRange {
  readonly from: number;
  readonly to: number;
}

function partOf({ start, means }: Pieces, { from, to }: PieceRange): Pieces {
  const end = Math.min(to, means.length / ACROSS);
  return {
    count: end - from,
    start: start + from * PIECE,
    means: means.subarray(from * ACROSS, end * ACROSS),
  };
}

/** Means of the samples about a line, piece by piece. */
function cut({ data, width, x0, x1, y0, y1 }: CoarseImage, { nx, ny, offset }: CoarseLine): Pieces {
  const corners = [
    [x0, y0],
    [x1 - 1, y0],
    [x0, y1 - 1],
    [x1 - 1, y1 - 1],
  ].map(([x, y]) => x * ny - y * nx);
  const lowest = Math.min(...corners);
  const most = Math.ceil((Math.max(...corners) - lowest + 1) / PIECE);
  const sums = new Float32Array(most * ACROSS);
  const counts = new Uint16Array(most * ACROSS);
  const isSteep = Math.abs(nx) > Math.abs(ny);
  // along the axis that the line is nearer to, then across
  const [a0, a1, b0, b1] = isSteep ? [y0, y1, x0, x1] : [x0, x1, y0, y1];
  const [na, nb] = isSteep ? [ny, nx] : [nx, ny];
  const reach = (REACH + 0.25) / Math.abs(nb);
  for (let a = a0; a < a1; a++) {
    const middle = (offset - a * na) / nb;
    const last = Math.min(b1 - 1, Math.floor(middle + reach));
    for (let b = Math.max(b0, Math.ceil(middle - reach)); b <= last; b++) {
      const x = isSteep ? b : a;
      const y = isSteep ? a : b;
      const across = Math.round(FINE * (x * nx + y * ny - offset)) + REACH * FINE;
      const piece = Math.floor((x * ny - y * nx - lowest) / PIECE);
      if (across < 0 || across >= ACROSS) continue;
      sums[piece * ACROSS + across] += data[y * width + x];
      counts[piece * ACROSS + across]++;
    }
  }
  // only pieces whose middle lies in the frame
  const within = (piece: number) => {
    const t = lowest + (piece + 0.5) * PIECE;
    const [x, y] = [offset * nx + t * ny, offset * ny - t * nx];
    return x >= x0 && x < x1 && y >= y0 && y < y1;
  };
  let first = 0;
  while (first < most && !within(first)) first++;
  let end = first;
  while (end < most && within(end)) end++;
  const means = new Float32Array((end - first) * ACROSS);
  for (let k = 0; k < means.length; k++) means[k] = sums[first * ACROSS + k] / counts[first * ACROSS + k];
  return { count: end - first, start: lowest + first * PIECE, means };
}

/** The line about which the pieces, less their sky, add up to most, to within a sample. */
function align(pieces: Pieces, line: CoarseLine, slack: number): CoarseLine {
  const { count, start } = pieces;
  const clipped = clippedPieces(pieces);
  const most = Math.min(Math.ceil(slack * FINE), REACH * FINE - 2 * FINE);
  const middle = REACH * FINE;
  let best = -Infinity;
  let ends = [0, 0];
  for (let from = -most; from <= most; from += FINE) {
    for (let to = -most; to <= most; to += FINE) {
      let sum = 0;
      for (let t = 0; t < count; t++) {
        const across = Math.round(from + ((to - from) * (t + 0.5)) / count);
        sum += clipped[t * ACROSS + middle + across];
      }
      if (sum <= best) continue;
      best = sum;
      ends = [from / FINE, to / FINE];
    }
  }
  return moved(line, [start, ends[0]], [start + count * PIECE, ends[1]]);
}

/** The line that passes `across` from `line` at two places along it. */
function moved(
  line: CoarseLine,
  ...places: readonly [readonly [along: number, across: number], readonly [along: number, across: number]]
): CoarseLine {
  const [[xa, ya], [xb, yb]] = places.map(([along, across]) => [
    (line.offset + across) * line.nx + along * line.ny,
    (line.offset + across) * line.ny - along * line.nx,
  ]);
  const length = Math.hypot(xb - xa, yb - ya);
  const [nx, ny] = [-(yb - ya) / length, (xb - xa) / length];
  return { nx, ny, offset: xa * nx + ya * ny };
}

/** The line through the middle of the light about it, by the medians of both halves of its pieces. */
function centre({ count, start, means }: Pieces, line: CoarseLine): CoarseLine {
  const centres: number[] = [];
  const middle = REACH * FINE;
  for (let t = 0; t < count; t++) {
    const row = means.subarray(t * ACROSS, (t + 1) * ACROSS);
    const sky = medianOfValid(row);
    let [sum, moment] = [0, 0];
    for (let u = -CORE * FINE; u <= CORE * FINE; u++) {
      const light = row[middle + u] - sky;
      if (!(light > 0)) continue;
      sum += light;
      moment += light * u;
    }
    centres.push(sum > 0 ? moment / (sum * FINE) : 0);
  }
  const half = count >> 1;
  const [low, high] = [centres.slice(0, half), centres.slice(count - half)].map((of) =>
    medianOfValid(Float32Array.from(of)),
  );
  const quarter = (half * PIECE) / 2;
  return moved(line, [start + quarter, low], [start + count * PIECE - quarter, high]);
}

/** Pieces over their sky in units of their scatter, smoothed over two samples across and clipped. */
function clippedPieces({ count, means }: Pieces): Float32Array {
  const out = new Float32Array(count * ACROSS);
  const heights = new Float64Array(ACROSS);
  const scatter = scatterOf(means);
  for (let t = 0; t < count; t++) {
    const row = means.subarray(t * ACROSS, (t + 1) * ACROSS);
    const sky = medianOfValid(row);
    for (let u = 0; u < ACROSS; u++) heights[u] = Math.min(Math.max((row[u] - sky) / scatter, -CLIP), CLIP);
    for (let u = 0; u < ACROSS; u++) {
      let sum = 0;
      let n = 0;
      for (let v = Math.max(0, u - FINE); v <= Math.min(ACROSS - 1, u + FINE); v++) {
        if (!(heights[v] === heights[v])) continue;
        sum += heights[v];
        n++;
      }
      out[t * ACROSS + u] = n > 0 ? sum / n : 0;
    }
  }
  return out;
}

/** Half the distance of the middle two thirds of the values that there are. */
function scatterOf(values: Float32Array): number {
  const sorted = sortedValid(values);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))];
  return at(0.5) - at(0.16) || 1;
}

function medianOfValid(values: Float32Array): number {
  const sorted = sortedValid(values);
  return sorted.length > 0 ? sorted[sorted.length >> 1] : 0;
}

/** A copy of the values that there are, ascending. */
function sortedValid(values: Float32Array): Float32Array {
  const valid = new Float32Array(values.length);
  let count = 0;
  for (let k = 0; k < values.length; k++) if (values[k] === values[k]) valid[count++] = values[k];
  return valid.subarray(0, count).sort();
}

/** Where the light of the line begins and ends across it; undefined where there is no ridge. */
function profileOf({ count, means }: Pieces): { low: number; high: number; snr: number } | undefined {
  const profile = new Float32Array(ACROSS);
  const column = new Float32Array(count);
  const skies = Float32Array.from({ length: count }, (_, t) =>
    medianOfValid(means.subarray(t * ACROSS, (t + 1) * ACROSS)),
  );
  for (let u = 0; u < ACROSS; u++) {
    let n = 0;
    for (let t = 0; t < count; t++) {
      const v = means[t * ACROSS + u];
      if (v === v) column[n++] = v - skies[t];
    }
    profile[u] = medianOfValid(column.subarray(0, n));
  }
  const sky = Float32Array.from(profile.filter((_, u) => Math.abs(u - REACH * FINE) >= SKY_FROM * FINE));
  const level = medianOfValid(sky);
  const noise = scatterOf(sky);
  let peak = REACH * FINE;
  for (let u = (REACH - 4) * FINE; u <= (REACH + 4) * FINE; u++) if (profile[u] > profile[peak]) peak = u;
  const height = profile[peak] - level;
  if (height < LEAST_SNR * noise) return undefined;
  const limit = level + Math.max(RIM_SIGMA * noise, RIM_SHARE * height);
  let [low, high] = [peak, peak];
  while (low > 0 && profile[low - 1] > limit) low--;
  while (high < ACROSS - 1 && profile[high + 1] > limit) high++;
  // as wide as what is looked at: no trail
  if (low < (REACH - SKY_FROM) * FINE || high > (REACH + SKY_FROM) * FINE) return undefined;
  return { low: low / FINE - REACH - 0.5, high: high / FINE - REACH + 0.5, snr: height / noise };
}

/** Where along the line there is light beyond that beside it; undefined where too little of it has any. */
function litPieces({ count, means }: Pieces): PieceRange | undefined {
  const light = new Float32Array(count);
  const beside = new Float32Array(count);
  for (let t = 0; t < count; t++) {
    const median = (from: number, to: number) => {
      const at = t * ACROSS + REACH * FINE;
      return medianOfValid(means.subarray(at + from * FINE, at + to * FINE + 1));
    };
    const [below, above] = [median(-BESIDE, -BESIDE / 2), median(BESIDE / 2, BESIDE)];
    light[t] = median(-1, 1) - (below + above) / 2;
    beside[t] = below - above;
  }
  const sigma = scatterOf(beside);
  const shown = Float32Array.from({ length: count }, (_, t) => {
    const near = light.subarray(Math.max(0, t - TOGETHER), Math.min(count, t + TOGETHER + 1));
    const sum = near.reduce((total, of) => total + of, 0);
    return sum > SHOWN_SIGMA * sigma * Math.sqrt(near.length) ? 1 - SHOWN_SHARE : -SHOWN_SHARE;
  });
  // the run with the greatest sum: Kadane
  let [best, from, to, sum, begin] = [0, 0, 0, 0, 0];
  for (let t = 0; t < count; t++) {
    if (sum <= 0) [sum, begin] = [0, t];
    sum += shown[t];
    if (sum > best) [best, from, to] = [sum, begin, t + 1];
  }
  if ((to - from) * PIECE < LEAST_LENGTH) return undefined;
  // a row of stars has gaps, a trail has none
  const sorted = light.slice(from, to).sort();
  const least = EVEN * sorted[sorted.length >> 1];
  if (!(sorted[sorted.length >> 2] > least)) return undefined;
  // pieces that only their neighbours' light has brought in
  for (let t = 0; t < TOGETHER; t++) {
    if (light[from] < least) from++;
    if (light[to - 1] < least) to--;
  }
  return { from, to };
}
