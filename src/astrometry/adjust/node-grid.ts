// Stars of the sky under their numbers, found again by direction: cells of space in a hash table that grows.

export class NodeGrid {
  count = 0;
  x = new Float64Array(1024);
  y = new Float64Array(1024);
  z = new Float64Array(1024);
  readonly #cell: number;
  #next = new Int32Array(1024);
  #head = new Int32Array(4096).fill(-1);
  readonly #buckets = new Int32Array(8);

  /** `reach`, radians: no search goes farther. */
  constructor(reach: number) {
    this.#cell = 2 * reach;
  }

  /** A new star at a direction; returns its number. */
  add(x: number, y: number, z: number): number {
    if (this.count === this.x.length) this.#grow();
    const node = this.count++;
    this.x[node] = x;
    this.y[node] = y;
    this.z[node] = z;
    this.#insert(node);
    return node;
  }

  #insert(node: number): void {
    const c = this.#cell;
    const bucket = this.#bucket(
      Math.floor(this.x[node] / c),
      Math.floor(this.y[node] / c),
      Math.floor(this.z[node] / c),
    );
    this.#next[node] = this.#head[bucket];
    this.#head[bucket] = node;
  }

  #bucket(i: number, j: number, k: number): number {
    const h = Math.imul(i, 0x8da6b343) ^ Math.imul(j, 0xd8163841 | 0) ^ Math.imul(k, 0xcb1ab31f | 0);
    return (h ^ (h >>> 15)) & (this.#head.length - 1);
  }

  #grow(): void {
    const size = 2 * this.x.length;
    const wider = (values: Float64Array<ArrayBuffer>) => {
      const out = new Float64Array(size);
      out.set(values);
      return out;
    };
    [this.x, this.y, this.z] = [wider(this.x), wider(this.y), wider(this.z)];
    this.#next = new Int32Array(size);
    this.#head = new Int32Array(4 * size).fill(-1);
    for (let node = 0; node < this.count; node++) this.#insert(node);
  }

  /** Calls `visit` with each star within `radius` (at most the reach) and the square of its chord. */
  near(x: number, y: number, z: number, radius: number, visit: (node: number, chord2: number) => void): void {
    const c = this.#cell;
    const limit = radius * radius;
    // of each axis the cell of the place and the neighbour that is nearer
    const side = (value: number) => {
      const at = Math.floor(value / c);
      return [at, value / c - at < 0.5 ? at - 1 : at + 1];
    };
    const [is, js, ks] = [side(x), side(y), side(z)];
    let used = 0;
    for (const i of is) {
      for (const j of js) {
        for (const k of ks) {
          const bucket = this.#bucket(i, j, k);
          // two cells may share a bucket
          if (this.#buckets.subarray(0, used).includes(bucket)) continue;
          this.#buckets[used++] = bucket;
          for (let node = this.#head[bucket]; node >= 0; node = this.#next[node]) {
            const [dx, dy, dz] = [this.x[node] - x, this.y[node] - y, this.z[node] - z];
            const chord2 = dx * dx + dy * dy + dz * dz;
            if (chord2 <= limit) visit(node, chord2);
          }
        }
      }
    }
  }

  /** The star nearest to a direction within `radius`, -1 where there is none. */
  nearest(x: number, y: number, z: number, radius: number): number {
    let best = -1;
    let least = Infinity;
    this.near(x, y, z, radius, (node, chord2) => {
      if (chord2 >= least) return;
      least = chord2;
      best = node;
    });
    return best;
  }
}
