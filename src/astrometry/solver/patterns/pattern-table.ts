// A hash table of patterns by their side ratios.
import { ratioCount, type Patterns } from './patterns.js';

/** Width of a bin of one ratio: a few times the tolerance, so that a search looks into few bins. */
const BIN: Readonly<Record<3 | 4, number>> = { 4: 0.03, 3: 0.015 };
/** Of a quad's five ratios the first four make the key; the fifth is compared. */
const KEY_RATIOS: Readonly<Record<3 | 4, number>> = { 4: 4, 3: 2 };

export class PatternTable {
  readonly patterns: Patterns;
  readonly #mask: number;
  readonly #first: Int32Array;
  readonly #members: Int32Array;

  constructor(patterns: Patterns) {
    this.patterns = patterns;
    let size = 16;
    while (size < 2 * patterns.count) size *= 2;
    this.#mask = size - 1;
    this.#first = new Int32Array(size + 1);
    const ratios = ratioCount(patterns.corners);
    const dimensions = KEY_RATIOS[patterns.corners];
    const bucket = new Int32Array(patterns.count);
    for (let p = 0; p < patterns.count; p++) {
      let key = 0;
      for (let d = 0; d < dimensions; d++) {
        key = mix(key, Math.floor(patterns.ratios[p * ratios + d] / BIN[patterns.corners]));
      }
      bucket[p] = key & this.#mask;
      this.#first[bucket[p] + 1]++;
    }
    for (let b = 0; b < size; b++) this.#first[b + 1] += this.#first[b];
    this.#members = new Int32Array(patterns.count);
    const next = this.#first.slice();
    bucket.forEach((b, p) => (this.#members[next[b]++] = p));
  }

  /**
   * Calls `visit` with each pattern whose ratios all differ from `ratios[at..]` by at most `tolerance` and whose longest side is within
   * [minSide, maxSide]. `visit` returns true to end the search, and so does the function.
   */
  search(
    ratios: Float32Array,
    at: number,
    tolerance: number,
    minSide: number,
    maxSide: number,
    visit: (pattern: number) => boolean,
  ): boolean {
    return this.#descend(0, 0, ratios, at, tolerance, minSide, maxSide, visit);
  }

  #descend(
    dimension: number,
    key: number,
    ratios: Float32Array,
    at: number,
    tolerance: number,
    minSide: number,
    maxSide: number,
    visit: (pattern: number) => boolean,
  ): boolean {
    const { corners } = this.patterns;
    if (dimension < KEY_RATIOS[corners]) {
      const bin = BIN[corners];
      const last = Math.floor((ratios[at + dimension] + tolerance) / bin);
      for (let b = Math.floor((ratios[at + dimension] - tolerance) / bin); b <= last; b++) {
        const next = mix(key, b);
        if (this.#descend(dimension + 1, next, ratios, at, tolerance, minSide, maxSide, visit)) return true;
      }
      return false;
    }
    const { longest, ratios: stored } = this.patterns;
    const count = ratioCount(corners);
    const bucket = key & this.#mask;
    for (let m = this.#first[bucket]; m < this.#first[bucket + 1]; m++) {
      const p = this.#members[m];
      if (longest[p] < minSide || longest[p] > maxSide) continue;
      let same = true;
      for (let r = 0; r < count && same; r++) {
        same = Math.abs(stored[p * count + r] - ratios[at + r]) <= tolerance;
      }
      if (same && visit(p)) return true;
    }
    return false;
  }
}

/** One more bin number into a 32-bit hash (multiplicative, Knuth's constant). */
function mix(key: number, bin: number): number {
  const k = Math.imul(key ^ (bin + 1), 0x9e3779b1);
  return k ^ (k >>> 15);
}
