// What stands in one of the tiles over a pixel and not in the others: what their makers' rejection could not see, or left. Judged on the host, where each
// pixel of a tile has a weight of its own; tiles are few.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE } from '../../compute/constants.js';
import { GUARD_STEP_NOISE, MEDIAN_VARIANCE } from '../../compute/contracts/guard-buffers.js';
import { GUARD_AROUND, GUARD_NEAR } from '../../compute/contracts/guard-few.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import { selectMedian } from '../../photometry/select-median.js';
import type { TileSamples } from '../integrate/coadd-tiles.js';
import { pixelGroups } from './pixel-groups.js';

/** Pixels of a block under the same tiles; fewer do not tell how these tiles differ anyway, and are left as they are. */
const LEAST_PIXELS = 256;
/** Part of the light above the sky by which tiles may differ: gains by few stars, cores that are saturated in one. */
const FLUX_ERROR = 0.1;
/** Steps of one sample of a pair, as noisy as what they judge, count from this many times the noise on from which those of a median do. */
const PAIR_STEP_NOISE = 1.5;
/** Median absolute deviation of normal values to their standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** Whether the fainter of a pair is a hole is told by so many pixels at each side. */
const HOLE_REACH = 2;

export interface TileRejection {
  readonly kappaLow: number;
  readonly kappaHigh: number;
  /** As of the guard for few frames. */
  readonly guardSlope: number;
}

/** Numbers of samples taken out below and above, `[planes, pixels]`. */
export interface TilesRejected {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/**
 * In place: samples that stand alone become BLANK_VALUE, by the rule of the guard for few frames (contracts/guard-few.ts) with each pixel's own variance
 * 1 / w, at any number of tiles from two on. Residuals from the median of the tiles are taken about their median in the block (levels that a match leaves
 * different are no outliers), in units of their scatter there where that is larger than the stated noise, and the limit grows by FLUX_ERROR of the light
 * above the block's sky. The worst go first, and fewer than half of the samples of a pixel go. Of two, the fainter is what is right: the brighter one goes, judged by
 * the steps of the fainter, unless the fainter is a hole in its own surroundings that the brighter does not show. Blocks are those of BLOCK_SIZE, so the result does not depend on cells.
 */
export function rejectTiles(
  tiles: readonly TileSamples[],
  planes: number,
  { width, height }: { readonly width: number; readonly height: number },
  rule: TileRejection,
): TilesRejected {
  const length = planes * width * height;
  const rejected = { low: new Uint32Array(length), high: new Uint32Array(length) };
  if (tiles.length < 2) return rejected;
  for (let plane = 0; plane < planes; plane++) {
    for (let y0 = 0; y0 < height; y0 += BLOCK_SIZE) {
      for (let x0 = 0; x0 < width; x0 += BLOCK_SIZE) {
        const block = new Block(tiles, plane, [width, height], {
          x0,
          y0,
          nx: Math.min(BLOCK_SIZE, width - x0),
          ny: Math.min(BLOCK_SIZE, height - y0),
        });
        block.judge(rule, rejected);
      }
    }
  }
  return rejected;
}

interface Place {
  readonly x0: number;
  readonly y0: number;
  readonly nx: number;
  readonly ny: number;
}

/** One plane of one block under all its tiles; arrays are `[ny, nx]` of the block. */
class Block {
  readonly #size: number;
  readonly #values: readonly Float32Array[];
  /** Inverse variances; 0 where there is no sample. */
  readonly #inverse: readonly Float32Array[];
  /** What a pixel's samples are compared with: their median, of two the fainter; BLANK_VALUE where there are none. */
  readonly #reference: Float32Array;
  /** Per tile: what its sample is above the reference, less what is usual in the block; NaN where it is not compared. */
  readonly #residuals: readonly Float32Array[];
  /** Per tile: what the residual's noise is by the weights, and by the scatter in the block. */
  readonly #sigmas: readonly Float32Array[];

  constructor(
    private readonly tiles: readonly TileSamples[],
    private readonly plane: number,
    private readonly cell: readonly [number, number],
    private readonly place: Place,
  ) {
    this.#size = place.nx * place.ny;
    const each = (fill: number) => tiles.map(() => new Float32Array(this.#size).fill(fill));
    [this.#values, this.#inverse, this.#residuals, this.#sigmas] = [each(0), each(0), each(NaN), each(0)];
    this.#reference = new Float32Array(this.#size).fill(BLANK_VALUE);
    for (const [tile, { values, weight, inversePerWeight }] of tiles.entries()) {
      const factor = inversePerWeight?.[plane] ?? 1;
      for (let i = 0; i < this.#size; i++) {
        const k = this.#at(i);
        this.#values[tile][i] = values[k];
        this.#inverse[tile][i] = values[k] > BLANK_LIMIT ? weight[k] * factor : 0;
      }
    }
  }

  judge(rule: TileRejection, rejected: TilesRejected): void {
    const isKnown = (tile: number, i: number) => this.#inverse[tile][i] > 0;
    const groups = pixelGroups(this.#size, this.tiles.length, isKnown).filter(
      ({ members, pixels }) => members.length > 1 && pixels.length >= LEAST_PIXELS,
    );
    for (const { members, pixels } of groups) {
      if (members.length === 2) this.#comparePair(members as [number, number], pixels);
      else this.#compareMany(members, pixels);
    }
    for (const { members, pixels } of groups) {
      const sky = selectMedian(Float32Array.from(pixels, (i) => this.#reference[i]));
      for (const i of pixels) {
        const out =
          members.length === 2
            ? this.#ofPair(members as [number, number], i, sky, rule)
            : this.#ofMany(members, i, sky, rule);
        for (const { tile, isHigh } of out) {
          const k = this.#at(i);
          this.tiles[tile].values[k] = BLANK_VALUE;
          rejected[isHigh ? 'high' : 'low'][k]++;
        }
      }
    }
  }

  /** Index in the cell's planes of pixel i of the block. */
  #at(i: number): number {
    const { x0, y0, nx } = this.place;
    const [width, height] = this.cell;
    return (this.plane * height + y0 + Math.floor(i / nx)) * width + x0 + (i % nx);
  }

  #compareMany(members: readonly number[], pixels: readonly number[]): void {
    const samples = new Float32Array(members.length);
    for (const i of pixels) {
      let total = 0;
      for (const [m, tile] of members.entries()) {
        samples[m] = this.#values[tile][i];
        total += this.#inverse[tile][i];
      }
      const middle = medianOf(samples);
      this.#reference[i] = middle;
      for (const tile of members) {
        this.#residuals[tile][i] = this.#values[tile][i] - middle;
        this.#sigmas[tile][i] = Math.sqrt(1 / this.#inverse[tile][i] + MEDIAN_VARIANCE / total);
      }
    }
    for (const tile of members) takeUsual(this.#residuals[tile], this.#sigmas[tile], pixels);
  }

  #comparePair([a, b]: readonly [number, number], pixels: readonly number[]): void {
    for (const i of pixels) {
      this.#residuals[b][i] = this.#values[b][i] - this.#values[a][i];
      this.#sigmas[b][i] = Math.sqrt(1 / this.#inverse[a][i] + 1 / this.#inverse[b][i]);
    }
    takeUsual(this.#residuals[b], this.#sigmas[b], pixels);
    for (const i of pixels) {
      this.#residuals[a][i] = -this.#residuals[b][i];
      this.#sigmas[a][i] = this.#sigmas[b][i];
      // on the level of the first tile, so that neighbours in other tiles make no steps
      this.#reference[i] = this.#values[a][i] + Math.min(0, this.#residuals[b][i]);
    }
  }

  #ofMany(
    members: readonly number[],
    i: number,
    sky: number,
    { kappaLow, kappaHigh, guardSlope }: TileRejection,
  ) {
    const found: { tile: number; isHigh: boolean; excess: number }[] = [];
    for (const tile of members) {
      const off = this.#residuals[tile][i];
      const noise = (off > 0 ? kappaHigh : kappaLow) * this.#sigmas[tile][i];
      if (!(Math.abs(off) > GUARD_NEAR * noise)) continue;
      const total = members.reduce((sum, of) => sum + this.#inverse[of][i], 0);
      const limit = noise + this.#slack(this.#reference, i, MEDIAN_VARIANCE / total, sky, guardSlope);
      if (this.#standsAlone(tile, i, limit))
        found.push({ tile, isHigh: off > 0, excess: Math.abs(off) / limit });
    }
    const most = Math.ceil(members.length / 2) - 1;
    return found.sort((p, q) => q.excess - p.excess).slice(0, most);
  }

  #ofPair(
    [a, b]: readonly [number, number],
    i: number,
    sky: number,
    { kappaLow, kappaHigh, guardSlope }: TileRejection,
  ) {
    const [brighter, fainter] = this.#residuals[b][i] > 0 ? [b, a] : [a, b];
    const sigma = this.#sigmas[b][i];
    if (!(this.#residuals[brighter][i] > GUARD_NEAR * Math.min(kappaLow, kappaHigh) * sigma)) return [];
    const slack = (level: Float32Array, of: number) =>
      this.#slack(level, i, PAIR_STEP_NOISE ** 2 / this.#inverse[of][i], sky, guardSlope);
    const hole = kappaLow * sigma + slack(this.#values[brighter], brighter);
    if (this.#depth(fainter, i) - this.#depth(brighter, i) > hole) return [{ tile: fainter, isHigh: false }];
    const limit = kappaHigh * sigma + slack(this.#reference, fainter);
    return this.#standsAlone(brighter, i, limit) ? [{ tile: brighter, isHigh: true }] : [];
  }

  /** Whether a tile's sample is further off than `limit`, or half as far with its surroundings: the rims of trails. */
  #standsAlone(tile: number, i: number, limit: number): boolean {
    const residuals = this.#residuals[tile];
    const off = Math.abs(residuals[i]);
    if (!(off > GUARD_NEAR * limit)) return false;
    if (off > limit) return true;
    let [sum, count] = [0, 0];
    this.#around(i, 1, (q) => {
      if (Number.isNaN(residuals[q])) return;
      sum += residuals[q];
      count++;
    });
    return (Math.sign(residuals[i]) * sum) / count > GUARD_AROUND * limit;
  }

  /** What a sample may be off beside its noise: at stars, by the steps of `level` to the pixels beside, and where there is much light. */
  #slack(level: Float32Array, i: number, variance: number, sky: number, slope: number): number {
    const { nx } = this.place;
    let step = 0;
    this.#around(i, 1, (q) => {
      const isDirect = q % nx === i % nx || Math.floor(q / nx) === Math.floor(i / nx);
      if (isDirect && level[q] > BLANK_LIMIT) step = Math.max(step, Math.abs(level[i] - level[q]));
    });
    const steep = Math.max(0, step - GUARD_STEP_NOISE * Math.sqrt(variance));
    return slope * steep + FLUX_ERROR * Math.max(0, level[i] - sky);
  }

  /** How far a tile's sample lies below the median of the tile around it. */
  #depth(tile: number, i: number): number {
    const around: number[] = [];
    this.#around(i, HOLE_REACH, (q) => {
      if (this.#inverse[tile][q] > 0) around.push(this.#values[tile][q]);
    });
    return medianOf(around) - this.#values[tile][i];
  }

  /** Calls `visit` for the pixels of the block within `reach` of pixel i, itself included. */
  #around(i: number, reach: number, visit: (q: number) => void): void {
    const { nx, ny } = this.place;
    const [x, y] = [i % nx, Math.floor(i / nx)];
    for (let qy = Math.max(0, y - reach); qy <= Math.min(ny - 1, y + reach); qy++)
      for (let qx = Math.max(0, x - reach); qx <= Math.min(nx - 1, x + reach); qx++) visit(qy * nx + qx);
  }
}

/**
 * In place, for the pixels named: the median of the residuals is taken off them, and the sigmas are multiplied by the scatter of what is left in their
 * units, where that is larger than 1.
 */
function takeUsual(residuals: Float32Array, sigmas: Float32Array, pixels: readonly number[]): void {
  const offset = selectMedian(Float32Array.from(pixels, (i) => residuals[i]));
  for (const i of pixels) residuals[i] -= offset;
  const scatter =
    MAD_TO_SIGMA * selectMedian(Float32Array.from(pixels, (i) => Math.abs(residuals[i]) / sigmas[i]));
  if (scatter > 1) for (const i of pixels) sigmas[i] *= scatter;
}
