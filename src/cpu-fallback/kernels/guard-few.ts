// Twin of contracts/guard-few.ts.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE } from '../../compute/constants.js';
import { type GuardBuffers, guardLimit } from '../../compute/contracts/guard-buffers.js';
import {
  GUARD_AROUND,
  GUARD_NEAR,
  type guardFew as contract,
  pairLimit,
} from '../../compute/contracts/guard-few.js';
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
      const gone = b.rejected_low[at] + b.rejected_high[at];
      const spared = n < (p.pairSlope < 0 ? 3 : 2) || n > p.maxSamples || 2 * (gone + 1) >= Math.max(n, 3);
      const known = v > BLANK_LIMIT && b.median[at] > BLANK_LIMIT;
      const side = spared || !known ? 0 : sideOf(p, b, c, i, source);
      b.cube[target + i] = side === 0 ? v : BLANK_VALUE;
      if (side < 0) b.rejected_low[at]++;
      if (side > 0) b.rejected_high[at]++;
    }
  }
}

/** -1 or 1 where the sample is to go, by its side of what it is compared with; else 0. */
function sideOf(p: GuardParams, b: GuardBuffers, c: number, i: number, source: number): number {
  const plane = c * p.width * p.height;
  const isPair = b.used[plane + i] === 2;
  const v = b.cube[source + i];
  const m = b.median[plane + i];
  const other = 2 * m - v;
  const r = isPair ? v - other : v - m;
  /** Greatest steps to the direct neighbours of what the sample is compared with, and of the slot itself. */
  let d = 0;
  let own = 0;
  let sum = 0;
  let count = 0;
  for (const q of around(p, i)) {
    const mq = b.median[plane + q];
    const vq = b.cube[source + q];
    const isKnown = vq > BLANK_LIMIT;
    if (isPair ? b.used[plane + q] !== 2 || !isKnown : !(mq > BLANK_LIMIT)) continue;
    const isDirect = q % p.width === i % p.width || Math.floor(q / p.width) === Math.floor(i / p.width);
    const otherQ = 2 * mq - vq;
    if (isDirect) d = Math.max(d, Math.abs(isPair ? other - otherQ : m - mq));
    if (isDirect) own = Math.max(own, Math.abs(v - vq));
    if (!isKnown) continue;
    sum += vq - (isPair ? otherQ : mq);
    count++;
  }
  const w = b.frame_weights[p.slot * p.planes + c];
  const all = b.weight[plane + i];
  const side = Math.sign(r);
  const kappa = r > 0 ? p.kappaHigh : p.kappaLow;
  const isBeyond = (limit: number) =>
    Math.abs(r) > limit || (Math.abs(r) > GUARD_NEAR * limit && (side * sum) / count > GUARD_AROUND * limit);
  if (!isPair) return isBeyond(guardLimit(kappa, 1 / w, all, p.slope, d)) ? side : 0;
  if (!isBeyond(pairLimit(kappa, 1 / w, 1 / (all - w), p.pairSlope, d))) return 0;
  return r < 0 && isBeyond(pairLimit(p.kappaHigh, 1 / (all - w), 1 / w, p.pairSlope, own)) ? 0 : side;
}

/** The pixels of the block within one of pixel `i`, itself included. */
function* around({ width, height }: GuardParams, i: number): Generator<number> {
  const [x, y] = [i % width, Math.floor(i / width)];
  const [x0, y0] = [x - (x % BLOCK_SIZE), y - (y % BLOCK_SIZE)];
  const [x1, y1] = [Math.min(x0 + BLOCK_SIZE, width), Math.min(y0 + BLOCK_SIZE, height)];
  for (let qy = Math.max(y0, y - 1); qy <= Math.min(y1 - 1, y + 1); qy++)
    for (let qx = Math.max(x0, x - 1); qx <= Math.min(x1 - 1, x + 1); qx++) yield qy * width + qx;
}
