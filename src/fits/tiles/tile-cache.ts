// Decoded tiles, least recently used out first, bounded in bytes: overlapping windows decode a tile once.

export type TilePixels = Int32Array | Float32Array | Float64Array;

export class TileCache {
  readonly #tiles = new Map<string, TilePixels>();
  #bytes = 0;

  constructor(readonly budgetBytes: number) {}

  /** Bytes held now; never above the budget. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): TilePixels | undefined {
    const pixels = this.#tiles.get(key);
    if (pixels) {
      // A Map keeps the order of insertion: put back last = most recently used.
      this.#tiles.delete(key);
      this.#tiles.set(key, pixels);
    }
    return pixels;
  }

  /** Keeps a tile, unless it alone would take more than a quarter of the budget. */
  put(key: string, pixels: TilePixels): void {
    if (pixels.byteLength > this.budgetBytes / 4 || this.#tiles.has(key)) return;
    this.#tiles.set(key, pixels);
    this.#bytes += pixels.byteLength;
    for (const [oldest, old] of this.#tiles) {
      if (this.#bytes <= this.budgetBytes) break;
      this.#tiles.delete(oldest);
      this.#bytes -= old.byteLength;
    }
  }

  clear(): void {
    this.#tiles.clear();
    this.#bytes = 0;
  }
}
