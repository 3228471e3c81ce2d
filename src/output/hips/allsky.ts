// All tiles of order 3 in one picture, each 64 pixels wide, 27 in a row: what viewers show before anything else has come.
import { writePng } from '../png-writer.js';
import { TILE_SIDE } from './tile-set.js';

const SMALL = 64;
const PER_ROW = 27;
const TILES = 768;
const WIDTH = PER_ROW * SMALL;
const HEIGHT = Math.ceil(TILES / PER_ROW) * SMALL;

/** 8-bit pixels, one or three channels and alpha, `[HEIGHT, WIDTH, channels]`; tiles that are not put stay transparent. */
export class Allsky {
  readonly #data: Uint8Array;

  constructor(private readonly channels: 2 | 4) {
    this.#data = new Uint8Array(WIDTH * HEIGHT * channels);
  }

  /** Puts tile `number`, pixels as in its PNG, reduced by the mean of 8 x 8. */
  put(number: number, pixels: Uint8Array): void {
    const { channels } = this;
    const k = TILE_SIDE / SMALL;
    const [x0, y0] = [(number % PER_ROW) * SMALL, Math.floor(number / PER_ROW) * SMALL];
    for (let y = 0; y < SMALL; y++) {
      for (let x = 0; x < SMALL; x++) {
        const sums = new Array<number>(channels).fill(0);
        for (let j = 0; j < k; j++) {
          for (let i = 0; i < k; i++) {
            const at = ((y * k + j) * TILE_SIDE + x * k + i) * channels;
            const alpha = pixels[at + channels - 1];
            for (let c = 0; c < channels - 1; c++) sums[c] += pixels[at + c] * alpha;
            sums[channels - 1] += alpha;
          }
        }
        const alpha = sums[channels - 1];
        const to = ((y0 + y) * WIDTH + x0 + x) * channels;
        for (let c = 0; c < channels - 1; c++)
          this.#data[to + c] = alpha > 0 ? Math.round(sums[c] / alpha) : 0;
        this.#data[to + channels - 1] = Math.round(alpha / k ** 2);
      }
    }
  }

  async write(file: string): Promise<void> {
    const width = WIDTH * this.channels;
    const rows = Array.from({ length: HEIGHT }, (_, y) => this.#data.subarray(y * width, (y + 1) * width));
    await writePng(file, { width: WIDTH, height: HEIGHT, channels: this.channels, depth: 8 }, rows);
  }
}
