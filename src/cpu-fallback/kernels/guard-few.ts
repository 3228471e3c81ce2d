// Twin of contracts/guard-few.ts.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE } from '../../compute/constants.js';
import { type GuardBuffers, guardLimit } from '../../compute/contracts/guard-buffers.js';
import { GUARD_AROUND, GUARD_NEAR, type guardFew as contract } from '../../compute/contracts/guard-few.js';
import type { ParamsOf } from '../../compute/params.js';

type GuardParams = ParamsOf<typeof contract.params>;

/** Moves one slot of the cube down by one, without what stands alone; see the contract. */
export function guardFew(p: GuardParams, b: GuardBuffers): void {
  const pixels = p.width * p.height;
  for (let c = 0; c < p.planes; c++) {
    const source = ((p.slot + 1) * p.planes + c) * pixels;
    const target = source - p.planes * pixels;
    for (let i = 0, at = c * pixels; i < pixels; i++, at++) {
      const v = b.cube[source + i];
      const n = b.used[at];
      const spared = n < 3 || n > p.maxSamples || 2 * (b.rejected_low[at] + b.rejected_high[at] + 1) >= n;
      const known = v > BLANK_LIMIT && b.median[at] > BLANK_LIMIT;
      const side = spared || !known ? 0 : sideOf(p, b, c, i, source);
      b.cube[target + i] = side === 0 ? v : BLANK_VALUE;
      if (side < 0) b.rejected_low[at]++;
      if (side > 0) b.rejected_high[at]++;
    }
  }
}

/** -1 or 1 where the sample is to go, by its side of the median; else 0. */
function sideOf(p: GuardParams, b: GuardBuffers, c: number, i: number, source: number): number {
  const plane = c * p.width * p.height;
  const [x, y] = [i % p.width, Math.floor(i / p.width)];
  const [x0, y0] = [x - (x % BLOCK_SIZE), y - (y % BLOCK_SIZE)];
  const [x1, y1] = [Math.min(x0 + BLOCK_SIZE, p.width), Math.min(y0 + BLOCK_SIZE, p.height)];
  const m = b.median[plane + i];
  const r = b.cube[source + i] - m;
  let d = 0;
  let sum = 0;
  let count = 0;
  for (let qy = Math.max(y0, y - 1); qy <= Math.min(y1 - 1, y + 1); qy++) {
    for (let qx = Math.max(x0, x - 1); qx <= Math.min(x1 - 1, x + 1); qx++) {
      const q = qy * p.width + qx;
      const mq = b.median[plane + q];
      if (!(mq > BLANK_LIMIT)) continue;
      if (qx === x || qy === y) d = Math.max(d, Math.abs(m - mq));
      const vq = b.cube[source + q];
      if (!(vq > BLANK_LIMIT)) continue;
      sum += vq - mq;
      count++;
    }
  }
  const w = b.frame_weights[p.slot * p.planes + c];
  const kappa = r > 0 ? p.kappaHigh : p.kappaLow;
  const limit = guardLimit(kappa, 1 / w, b.weight[plane + i], p.slope, d);
  const side = Math.sign(r);
  const alone = Math.abs(r) > limit;
  const among = Math.abs(r) > GUARD_NEAR * limit && (side * sum) / count > GUARD_AROUND * limit;
  return alone || among ? side : 0;
}
