// Overlapping stacks of one mosaic blended band by band: what is coarse goes over widely from one to the next, what is fine at once.
import { type MaskedLevel, expandedAt, reduce, reduceMasked } from './pyramid.js';

/** One stack over the area that is blended: NaN where it is blank, and what it counts for, at least 0. */
export interface BandInput {
  readonly values: Float32Array;
  readonly weights: Float32Array;
}

/**
 * The blend of `stacks` over `nx` x `ny` pixels, both multiples of 2^bands; NaN where none counts. After Burt & Adelson 1983 (ACM Trans. Graphics 2, 217):
 * the Laplacian pyramid of each stack, its bands averaged by the Gaussian pyramid of its share in the sum of all weights, the blended bands summed up. Blanks have
 * no part in any level. Light that differs by a constant or slowly goes over within some 2^bands pixels; where one stack lies alone it is as it was.
 * `stacks` is gone through twice. Memory: ten arrays of the area, however many stacks.
 */
export async function blendBands(
  stacks: () => AsyncIterable<BandInput>,
  nx: number,
  ny: number,
  bands: number,
): Promise<Float32Array> {
  const total = new Float32Array(nx * ny);
  for await (const { weights } of stacks()) for (let k = 0; k < total.length; k++) total[k] += weights[k];
  const sums = Array.from({ length: bands + 1 }, (_, k) => {
    const size = (nx >> k) * (ny >> k);
    return { nx: nx >> k, ny: ny >> k, values: new Float32Array(size), mask: new Float32Array(size) };
  });
  for await (const { values, weights } of stacks()) {
    let share: Float32Array = weights.map((w, k) => (w > 0 ? w / total[k] : 0));
    let level: MaskedLevel = { nx, ny, values, mask: share.map((s) => (s > 0 ? 1 : 0)) };
    for (let k = 0; k <= bands; k++) {
      const coarser = k < bands ? reduceMasked(level) : undefined;
      addBand(sums[k], level, share, coarser);
      if (!coarser) break;
      share = reduce(share, level.nx, level.ny);
      level = coarser;
    }
  }
  for (let k = bands; k >= 0; k--) {
    const { values, mask } = sums[k];
    for (let at = 0; at < values.length; at++) {
      if (!(mask[at] > 0)) continue;
      const coarse = k < bands ? expandedAt(sums[k + 1], at % sums[k].nx, Math.floor(at / sums[k].nx)) : 0;
      values[at] = values[at] / mask[at] + coarse;
    }
  }
  return sums[0].values.map((value, k) => (total[k] > 0 ? value : NaN));
}

/** Adds the band of one stack: what its level shows beyond the coarser one, by its share. */
function addBand(
  sum: MaskedLevel,
  level: MaskedLevel,
  share: Float32Array,
  coarser: MaskedLevel | undefined,
): void {
  for (let y = 0, at = 0; y < level.ny; y++) {
    for (let x = 0; x < level.nx; x++, at++) {
      if (!(share[at] > 0 && level.mask[at] > 0)) continue;
      const coarse = coarser ? expandedAt(coarser, x, y) : 0;
      sum.values[at] += share[at] * (level.values[at] - coarse);
      sum.mask[at] += share[at];
    }
  }
}
