// Points of a plane in square buckets: neighbours and nearest points without looking at all of them.

export class PointGrid {
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #side: number;
  readonly #nx: number;
  readonly #ny: number;
  readonly #x0: number;
  readonly #y0: number;
  readonly #first: Int32Array;
  readonly #members: Int32Array;
  readonly #distances = new Float64Array(64);

  /** About two points a bucket. The arrays are kept. */
  constructor(x: Float64Array, y: Float64Array) {
    this.#x = x;
    this.#y = y;
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < x.length; i++) {
      x0 = Math.min(x0, x[i]);
      x1 = Math.max(x1, x[i]);
      y0 = Math.min(y0, y[i]);
      y1 = Math.max(y1, y[i]);
    }
    const area = Math.max((x1 - x0) * (y1 - y0), Number.MIN_VALUE);
    const side = x.length < 2 ? 1 : Math.sqrt((2 * area) / x.length);
    // points on a line have no area: their extent then sets the side
    this.#side = Math.max(side, (x1 - x0) / 1000, (y1 - y0) / 1000, Number.MIN_VALUE) || 1;
    this.#x0 = x.length === 0 ? 0 : x0;
    this.#y0 = x.length === 0 ? 0 : y0;
    this.#nx = x.length === 0 ? 1 : Math.floor((x1 - x0) / this.#side) + 1;
    this.#ny = x.length === 0 ? 1 : Math.floor((y1 - y0) / this.#side) + 1;
    this.#first = new Int32Array(this.#nx * this.#ny + 1);
    const bucket = Int32Array.from(x, (_, i) => this.#row(y[i]) * this.#nx + this.#column(x[i]));
    for (const b of bucket) this.#first[b + 1]++;
    for (let b = 0; b < this.#nx * this.#ny; b++) this.#first[b + 1] += this.#first[b];
    this.#members = new Int32Array(x.length);
    const next = this.#first.slice();
    bucket.forEach((b, i) => (this.#members[next[b]++] = i));
  }

  #column(x: number): number {
    return Math.min(Math.max(Math.floor((x - this.#x0) / this.#side), 0), this.#nx - 1);
  }

  #row(y: number): number {
    return Math.min(Math.max(Math.floor((y - this.#y0) / this.#side), 0), this.#ny - 1);
  }

  /** The point nearest to (x, y) within `radius`, -1 when there is none. */
  nearest(x: number, y: number, radius: number): number {
    let best = -1;
    let least = radius * radius;
    const i1 = this.#column(x + radius);
    const j1 = this.#row(y + radius);
    for (let j = this.#row(y - radius); j <= j1; j++) {
      for (let i = this.#column(x - radius); i <= i1; i++) {
        const b = j * this.#nx + i;
        for (let m = this.#first[b]; m < this.#first[b + 1]; m++) {
          const k = this.#members[m];
          const d = (this.#x[k] - x) ** 2 + (this.#y[k] - y) ** 2;
          if (d <= least) {
            least = d;
            best = k;
          }
        }
      }
    }
    return best;
  }

  /** Up to `count` (at most 63) points nearest to point `of`, itself left out, within `radius`; nearest first into `out`. Returns how many. */
  neighbours(of: number, count: number, radius: number, out: Int32Array): number {
    const x = this.#x[of];
    const y = this.#y[of];
    const distances = this.#distances;
    const [ci, cj] = [this.#column(x), this.#row(y)];
    let found = 0;
    for (let ring = 0; ring <= Math.max(this.#nx, this.#ny); ring++) {
      // all of this ring lies at least (ring - 1) buckets away
      const near = (ring - 1) * this.#side;
      if (near > radius || (found === count && near > 0 && near * near >= distances[count - 1])) break;
      for (let j = Math.max(0, cj - ring); j <= Math.min(this.#ny - 1, cj + ring); j++) {
        const inner = Math.abs(j - cj) < ring;
        for (let i = ci - ring; i <= ci + ring; i += inner ? 2 * ring : 1) {
          if (i < 0 || i >= this.#nx) continue;
          const b = j * this.#nx + i;
          for (let m = this.#first[b]; m < this.#first[b + 1]; m++) {
            const k = this.#members[m];
            const d = (this.#x[k] - x) ** 2 + (this.#y[k] - y) ** 2;
            if (k === of || d > radius * radius || (found === count && d >= distances[count - 1])) continue;
            let at = found < count ? found++ : count - 1;
            for (; at > 0 && distances[at - 1] > d; at--) {
              distances[at] = distances[at - 1];
              out[at] = out[at - 1];
            }
            distances[at] = d;
            out[at] = k;
          }
        }
      }
    }
    return found;
  }
}
