// A layer of a FITS file as tiles at every power of two. What is coarse is held in memory, within a fixed budget; what is finer is read
// from the file when it is asked for. Nothing is written to disk.
import { planeGeometry, type FitsFile, type FitsHdu } from '../../fits/hdu.js';
import { readWindow } from '../../fits/read/read-window.js';

export const TILE_SIZE = 256;
/** Memory that the coarse levels of one layer may take; the finest of them is at most this, all together a third more. */
const OVERVIEW_BYTES = 64 * 2 ** 20;
/** Samples of a band that is read at once while the overview is made. */
const BAND_SAMPLES = 2 ** 21;

interface Level {
  readonly nx: number;
  readonly ny: number;
  readonly planes: readonly Float32Array[];
}

export interface Tile {
  readonly width: number;
  readonly height: number;
  /** `[planes, height, width]`, NaN where blank; first FITS row first. */
  readonly data: Float32Array;
}

export class Pyramid {
  readonly nx: number;
  readonly ny: number;
  readonly planes: number;
  /** Finest level that is held in memory. */
  readonly base: number;
  #levels: Promise<readonly Level[]> | undefined;

  constructor(
    private readonly file: FitsFile,
    private readonly hdu: FitsHdu & Required<Pick<FitsHdu, 'image'>>,
  ) {
    ({ nx: this.nx, ny: this.ny, planes: this.planes } = planeGeometry(hdu.image));
    let base = 0;
    while (4 * this.planes * this.#width(base) * this.#height(base) > OVERVIEW_BYTES) base++;
    this.base = base;
  }

  /** Levels from the full image to one that fits a tile. */
  get levels(): number {
    return 1 + Math.max(0, Math.ceil(Math.log2(Math.max(this.nx, this.ny) / TILE_SIZE)));
  }

  #width = (level: number): number => Math.ceil(this.nx / 2 ** level);
  #height = (level: number): number => Math.ceil(this.ny / 2 ** level);

  /** Tile `tx`, `ty` of a level, or undefined where there is none. */
  async tile(level: number, tx: number, ty: number): Promise<Tile | undefined> {
    const [nx, ny] = [this.#width(level), this.#height(level)];
    const [x0, y0] = [tx * TILE_SIZE, ty * TILE_SIZE];
    if (level >= this.levels || x0 >= nx || y0 >= ny) return undefined;
    const [width, height] = [Math.min(TILE_SIZE, nx - x0), Math.min(TILE_SIZE, ny - y0)];
    const data = new Float32Array(this.planes * width * height);
    if (level < this.base) {
      const factor = 2 ** level;
      const [left, bottom] = [x0 * factor, y0 * factor];
      const window = {
        x0: left,
        y0: bottom,
        width: Math.min(width * factor, this.nx - left),
        height: Math.min(height * factor, this.ny - bottom),
      };
      for (let plane = 0; plane < this.planes; plane++) {
        const pixels = await readWindow(this.file, this.hdu, { plane, ...window });
        const part = data.subarray(plane * width * height, (plane + 1) * width * height);
        binInto(pixels, window.width, window.height, factor, part, width);
      }
      return { width, height, data };
    }
    const { planes } = await this.overview(level);
    planes.forEach((source, plane) => {
      for (let y = 0; y < height; y++) {
        const from = (y0 + y) * nx + x0;
        data.set(source.subarray(from, from + width), (plane * height + y) * width);
      }
    });
    return { width, height, data };
  }

  /** Pixels of the full image from the file. */
  window(plane: number, x0: number, y0: number, width: number, height: number): Promise<Float32Array> {
    return readWindow(this.file, this.hdu, { plane, x0, y0, width, height });
  }

  /** A level that is held in memory, the finest or a coarser one. */
  async overview(level: number): Promise<Level> {
    this.#levels ??= this.#build();
    return (await this.#levels)[level - this.base];
  }

  async #build(): Promise<readonly Level[]> {
    const factor = 2 ** this.base;
    const [nx, ny] = [this.#width(this.base), this.#height(this.base)];
    const planes = Array.from({ length: this.planes }, () => new Float32Array(nx * ny));
    const bandRows = Math.max(1, Math.floor(BAND_SAMPLES / this.nx / factor));
    for (const [plane, target] of planes.entries()) {
      for (let y = 0; y < ny; y += bandRows) {
        const rows = Math.min(bandRows, ny - y);
        const height = Math.min(rows * factor, this.ny - y * factor);
        const window = { plane, x0: 0, y0: y * factor, width: this.nx, height };
        const pixels = await readWindow(this.file, this.hdu, window);
        binInto(pixels, this.nx, height, factor, target.subarray(y * nx, (y + rows) * nx), nx);
      }
    }
    const levels: Level[] = [{ nx, ny, planes }];
    for (let level = this.base + 1; level < this.levels; level++) {
      const below = levels[levels.length - 1];
      const [width, height] = [this.#width(level), this.#height(level)];
      levels.push({
        nx: width,
        ny: height,
        planes: below.planes.map((source) => {
          const target = new Float32Array(width * height);
          binInto(source, below.nx, below.ny, 2, target, width);
          return target;
        }),
      });
    }
    return levels;
  }
}

/** Means of boxes of `factor` x `factor` samples, blanks left out; boxes at the last column and row hold fewer. */
export function binInto(
  source: Float32Array,
  width: number,
  height: number,
  factor: number,
  target: Float32Array,
  targetWidth: number,
): void {
  if (factor === 1) {
    target.set(source);
    return;
  }
  const rows = Math.ceil(height / factor);
  for (let y = 0; y < rows; y++) {
    const bottom = Math.min(height, (y + 1) * factor);
    for (let x = 0; x < targetWidth; x++) {
      const right = Math.min(width, (x + 1) * factor);
      let [sum, count] = [0, 0];
      for (let j = y * factor; j < bottom; j++) {
        for (let i = x * factor; i < right; i++) {
          const value = source[j * width + i];
          if (value === value) {
            sum += value;
            count++;
          }
        }
      }
      target[y * targetWidth + x] = count > 0 ? sum / count : NaN;
    }
  }
}
