// Twin of contracts/guard-trails.ts.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE } from '../../compute/constants.js';
import { type GuardBuffers, guardLimit } from '../../compute/contracts/guard-buffers.js';
import {
  type guardTrails as contract,
  TRAIL_ASIDE,
  TRAIL_ASIDE_MOST,
  TRAIL_NEED,
  TRAIL_SLOPE_BITS,
  TRAIL_SLOPES,
  TRAIL_WINDOW,
} from '../../compute/contracts/guard-trails.js';
import type { ParamsOf } from '../../compute/params.js';

type TrailParams = ParamsOf<typeof contract.params>;

/** A part of a plane, end excluded. */
interface Block {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Whether a pixel, by its place in the block, is one; none outside. */
type Mask = (x: number, y: number) => boolean;

/** Takes trails out of one slot of the cube; see the contract. */
export function guardTrails(p: TrailParams, b: GuardBuffers): void {
  for (let c = 0; c < p.planes; c++) {
    for (let y0 = 0; y0 < p.height; y0 += BLOCK_SIZE) {
      for (let x0 = 0; x0 < p.width; x0 += BLOCK_SIZE) {
        const x1 = Math.min(x0 + BLOCK_SIZE, p.width);
        const y1 = Math.min(y0 + BLOCK_SIZE, p.height);
        guardBlock(p, b, c, { x0, y0, x1, y1 });
      }
    }
  }
}

function guardBlock(p: TrailParams, b: GuardBuffers, c: number, block: Block): void {
  const { x0, y0, x1, y1 } = block;
  const bright = maskOf(block, (x, y) => standsOut(p, b, c, block, x, y));
  const trail = maskOf(block, (x, y) => bright(x, y) && isOnLine(bright, block, x, y));
  const near = maskOf(block, (x, y) => {
    for (let j = -p.reach; j <= p.reach; j++) {
      for (let i = -p.reach; i <= p.reach; i++) {
        if (i * i + j * j <= p.reach * p.reach && trail(x + i, y + j)) return true;
      }
    }
    return false;
  });
  const pixels = p.width * p.height;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      if (!near(x - x0, y - y0)) continue;
      const pixel = y * p.width + x;
      const at = c * pixels + pixel;
      const sample = (p.slot * p.planes + c) * pixels + pixel;
      const v = b.cube[sample];
      if (!(v > BLANK_LIMIT && b.median[at] > BLANK_LIMIT) || b.used[at] < 3) continue;
      if (2 * (b.rejected_low[at] + b.rejected_high[at] + 1) >= b.used[at]) continue;
      b.cube[sample] = BLANK_VALUE;
      if (v < b.median[at]) b.rejected_low[at]++;
      else b.rejected_high[at]++;
    }
  }
}

function maskOf({ x0, y0, x1, y1 }: Block, is: Mask): Mask {
  const [nx, ny] = [x1 - x0, y1 - y0];
  const mask = Uint8Array.from({ length: nx * ny }, (_, k) => (is(k % nx, Math.floor(k / nx)) ? 1 : 0));
  return (x, y) => x >= 0 && y >= 0 && x < nx && y < ny && mask[y * nx + x] === 1;
}

function standsOut(
  p: TrailParams,
  b: GuardBuffers,
  c: number,
  { x0, y0, x1, y1 }: Block,
  inX: number,
  inY: number,
): boolean {
  const pixels = p.width * p.height;
  const [x, y] = [x0 + inX, y0 + inY];
  const pixel = y * p.width + x;
  const at = c * pixels + pixel;
  const v = b.cube[(p.slot * p.planes + c) * pixels + pixel];
  const m = b.median[at];
  if (!(v > BLANK_LIMIT && m > BLANK_LIMIT) || b.used[at] < 3) return false;
  let d = 0;
  for (const [i, j] of [
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ]) {
    const inside = x + i >= x0 && x + i < x1 && y + j >= y0 && y + j < y1;
    const q = b.median[at + j * p.width + i];
    if (inside && q > BLANK_LIMIT) d = Math.max(d, Math.abs(m - q));
  }
  const w = b.frame_weights[p.frame * p.planes + c];
  return v - m > guardLimit(p.kappa, 1 / w, b.weight[at], p.slope, d);
}

function isOnLine(bright: Mask, { x0, y0, x1, y1 }: Block, x: number, y: number): boolean {
  const within = (value: number, end: number) => Math.min(Math.max(value, 0), end - 1);
  /** Of a window, or of the one beside it. */
  const count = (along: 'x' | 'y', j: number, start: number, aside: number): number => {
    let sum = 0;
    for (let k = start; k < start + TRAIL_WINDOW; k++) {
      const across = ((j * k + TRAIL_SLOPES / 2) >> TRAIL_SLOPE_BITS) + aside;
      const [qx, qy] = along === 'x' ? [x + k, y + across] : [x + across, y + k];
      if (aside === 0 ? bright(qx, qy) : bright(within(qx, x1 - x0), within(qy, y1 - y0))) sum++;
    }
    return sum;
  };
  for (const along of ['x', 'y'] as const) {
    for (let j = -TRAIL_SLOPES; j < TRAIL_SLOPES; j++) {
      for (let start = 1 - TRAIL_WINDOW; start <= 0; start += (TRAIL_WINDOW - 1) / 2) {
        if (count(along, j, start, 0) < TRAIL_NEED) continue;
        if (count(along, j, start, -TRAIL_ASIDE) > TRAIL_ASIDE_MOST) continue;
        if (count(along, j, start, TRAIL_ASIDE) <= TRAIL_ASIDE_MOST) return true;
      }
    }
  }
  return false;
}
