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
    const limit = radius * radius;
    const used = this.#bucketsAround(x, y, z);
    for (let b = 0; b < used; b++) {
      for (let node = this.#head[this.#buckets[b]]; node >= 0; node = this.#next[node]) {
        const chord2 = this.#chord2(node, x, y, z);
        if (chord2 <= limit) visit(node, chord2);
      }
    }
  }

  /** The star nearest to a direction within `radius`, -1 where there is none; a direction that is none (NaN) has none. */
  nearest(x: number, y: number, z: number, radius: number): number {
    let best = -1;
    let least = radius * radius;
    const used = this.#bucketsAround(x, y, z);
    for (let b = 0; b < used; b++) {
      for (let node = this.#head[this.#buckets[b]]; node >= 0; node = this.#next[node]) {
        const chord2 = this.#chord2(node, x, y, z);
        if (!(chord2 <= least) || (chord2 === least && best >= 0)) continue;
        least = chord2;
        best = node;
      }
    }
    return best;
  }

  #chord2(node: number, x: number, y: number, z: number): number {
    const dx = this.x[node] - x;
    const dy = this.y[node] - y;
    const dz = this.z[node] - z;
    return dx * dx + dy * dy + dz * dz;
  }

  /** Fills `#buckets` with those of the cells about a direction, of each axis its own and the nearer neighbour; returns how many. */
  #bucketsAround(x: number, y: number, z: number): number {
    const c = this.#cell;
    const i = Math.floor(x / c);
    const j = Math.floor(y / c);
    const k = Math.floor(z / c);
    const besideI = x / c - i < 0.5 ? i - 1 : i + 1;
    const besideJ = y / c - j < 0.5 ? j - 1 : j + 1;
    const besideK = z / c - k < 0.5 ? k - 1 : k + 1;
    let used = 0;
    for (let corner = 0; corner < 8; corner++) {
      const bucket = this.#bucket(
        corner & 4 ? besideI : i,
        corner & 2 ? besideJ : j,
        corner & 1 ? besideK : k,
      );
      // two cells may share a bucket
      let known = 0;
      while (known < used && this.#buckets[known] !== bucket) known++;
      if (known === used) this.#buckets[used++] = bucket;
    }
    return used;
  }
}
