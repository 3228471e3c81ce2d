// One cell from stacks of groups of frames: each group is integrated by itself, and the stacks are averaged by their weights.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { Cell } from '../planning/cells/cells.js';
import type { StackFade } from '../crop/altaz-fade.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import { integrateInParts, type IntegratedPart, type PartHooks } from './cell-parts.js';
import type { CellContext } from './integrate-cell.js';
import type { RejectedCounts, StackResult } from './programs/stack-program.js';

/** The groups of a run as the integration takes them. */
export interface StackGroups {
  readonly groups: readonly (readonly number[])[];
  /** In how many of them each frame is; its weight is divided by this already. */
  readonly counts: Uint32Array;
  /** How the stack of each group fades towards its borders; absent: none does. */
  readonly fades?: readonly (StackFade | undefined)[];
}

/** One stack over a cell, or over a part of it, and its group's number. */
export type WhenStacked = (group: number, part: IntegratedPart) => Promise<void>;

/** Rejects as `integrateInParts`. */
export async function integrateGroups(
  cell: Cell,
  planes: number,
  { groups, counts, fades = [] }: StackGroups,
  contextOf: () => CellContext,
  hooks: PartHooks,
  whenStacked: WhenStacked = () => Promise.resolve(),
): Promise<IntegratedPart[]> {
  const inCell = new Set(cell.frames);
  const sum = new StackSum(
    cell.rect,
    planes,
    fades.some((fade) => fade),
  );
  for (const [number, group] of groups.entries()) {
    const frames = Uint32Array.from(group.filter((f) => inCell.has(f)));
    if (frames.length === 0) continue;
    // a sample of a frame that stands in k groups is counted k times
    const share = frames.reduce((s, f) => s + 1 / counts[f], 0) / frames.length;
    const parts = await integrateInParts({ rect: cell.rect, frames }, undefined, contextOf, hooks);
    for (const part of parts) {
      sum.add(part.cell.rect, part.result, share, fades[number]);
      await whenStacked(number, part);
    }
  }
  return [{ cell, result: sum.result() }];
}

/** Weighted mean of stacks: the weights w are inverse variances, so that their sum is that of the mean; where stacks fade by a it is (sum a w)^2 / sum a^2 w. */
class StackSum {
  readonly #sum: Float64Array;
  readonly #weight: Float64Array;
  /** Sums of a^2 w, where stacks fade. */
  readonly #squares: Float64Array | undefined;
  readonly #used: Float32Array;
  #sampled: Float32Array | undefined;
  #maps: RejectedCounts<Float32Array> | undefined;
  readonly #rejected = { low: 0, high: 0 };

  constructor(
    private readonly rect: CellRect,
    private readonly planes: number,
    fades: boolean,
  ) {
    const length = planes * rect.width * rect.height;
    this.#sum = new Float64Array(length);
    this.#weight = new Float64Array(length);
    this.#squares = fades ? new Float64Array(length) : undefined;
    this.#used = new Float32Array(length);
  }

  add(part: CellRect, stack: StackResult, share: number, fade?: StackFade): void {
    const { width, height } = this.rect;
    const fades = fade && fadesOver(part, fade);
    this.#rejected.low += share * stack.rejected.low;
    this.#rejected.high += share * stack.rejected.high;
    const { rejectedMaps, sampled } = stack;
    if (sampled) this.#sampled ??= this.#used.map(() => 0);
    if (rejectedMaps) this.#maps ??= { low: this.#used.map(() => 0), high: this.#used.map(() => 0) };
    for (let plane = 0; plane < this.planes; plane++) {
      for (let y = 0; y < part.height; y++) {
        let from = (plane * part.height + y) * part.width;
        let to = (plane * height + part.y0 - this.rect.y0 + y) * width + part.x0 - this.rect.x0;
        for (let x = 0; x < part.width; x++, from++, to++) {
          if (rejectedMaps) {
            this.#maps!.low[to] += share * rejectedMaps.low[from];
            this.#maps!.high[to] += share * rejectedMaps.high[from];
          }
          if (sampled) this.#sampled![to] += share * sampled[from];
          const weight = stack.weight[from];
          if (!(stack.mean[from] > BLANK_LIMIT && weight > 0)) continue;
          const faded = fades ? fades[y * part.width + x] : 1;
          this.#sum[to] += faded * weight * stack.mean[from];
          this.#weight[to] += faded * weight;
          if (this.#squares) this.#squares[to] += faded * faded * weight;
          this.#used[to] += share * stack.used[from];
        }
      }
    }
  }

  result(): StackResult {
    const counts = (values: Float32Array) => Uint32Array.from(values, (v) => Math.round(v));
    return {
      mean: Float32Array.from(this.#sum, (sum, k) =>
        this.#weight[k] > 0 ? sum / this.#weight[k] : BLANK_VALUE,
      ),
      weight: Float32Array.from(this.#weight, (weight, k) =>
        this.#squares && weight > 0 ? weight ** 2 / this.#squares[k] : weight,
      ),
      // what has a weight has been sampled, be it by the share of one frame
      used: Uint32Array.from(this.#used, (v, k) => Math.max(this.#weight[k] > 0 ? 1 : 0, Math.round(v))),
      rejected: { low: Math.round(this.#rejected.low), high: Math.round(this.#rejected.high) },
      ...(this.#sampled && { sampled: counts(this.#sampled) }),
      ...(this.#maps && { rejectedMaps: { low: counts(this.#maps.low), high: counts(this.#maps.high) } }),
    };
  }
}

/** Factors of a stack's weights, `[height, width]`. */
function fadesOver({ x0, y0, width, height }: CellRect, fade: StackFade): Float64Array {
  const factors = new Float64Array(width * height);
  for (let k = 0; k < factors.length; k++) factors[k] = fade(x0 + (k % width), y0 + Math.floor(k / width));
  return factors;
}
