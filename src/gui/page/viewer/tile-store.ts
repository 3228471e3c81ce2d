// Tiles of a layer on their way from the server: asked for once, a few at a time, the oldest forgotten when too many lie about.
import type { ImageInfo, ImageLayer } from '../../api.js';
import { askNumbers } from '../client.js';

export interface TileData {
  readonly width: number;
  readonly height: number;
  /** One array a plane, first FITS row first. */
  readonly planes: readonly Float32Array[];
}

const MOST_TILES = 400;
const AT_ONCE = 6;

export class TileStore {
  readonly #tiles = new Map<string, TileData>();
  readonly #wanted = new Map<string, { level: number; x: number; y: number }>();
  readonly #asking = new Set<string>();
  readonly #stop = new AbortController();

  constructor(
    private readonly image: ImageInfo,
    private readonly layer: ImageLayer,
    private readonly arrived: () => void,
  ) {}

  /** The tile if it is there; otherwise it is asked for. */
  get(level: number, x: number, y: number): TileData | undefined {
    const key = `${level}/${x}/${y}`;
    const tile = this.#tiles.get(key);
    if (tile) {
      // The map's order is the order of last use.
      this.#tiles.delete(key);
      this.#tiles.set(key, tile);
    } else if (!this.#asking.has(key)) this.#wanted.set(key, { level, x, y });
    return tile;
  }

  /** Without asking. */
  peek(level: number, x: number, y: number): TileData | undefined {
    return this.#tiles.get(`${level}/${x}/${y}`);
  }

  /** Asks for what was wanted since the last call; what was wanted before that and is no more on the screen is not. */
  fetch(): void {
    for (const [key, place] of this.#wanted) {
      if (this.#asking.size >= AT_ONCE) break;
      this.#wanted.delete(key);
      this.#asking.add(key);
      void this.#ask(key, place);
    }
    this.#wanted.clear();
  }

  close(): void {
    this.#stop.abort();
  }

  async #ask(key: string, place: { level: number; x: number; y: number }): Promise<void> {
    try {
      const { width, height, data } = await askNumbers('image/tile', {
        query: { path: this.image.path, hdu: this.layer.hdu, ...place },
        signal: this.#stop.signal,
      });
      const size = width * height;
      const planes = Array.from({ length: this.layer.planes }, (_, p) =>
        data.subarray(p * size, (p + 1) * size),
      );
      this.#tiles.set(key, { width, height, planes });
      for (const oldest of this.#tiles.keys()) {
        if (this.#tiles.size <= MOST_TILES) break;
        this.#tiles.delete(oldest);
      }
    } catch {
      // A tile that did not come leaves the coarser one in its place and is asked for again when the view moves.
    } finally {
      this.#asking.delete(key);
      if (!this.#stop.signal.aborted) this.arrived();
    }
  }
}
