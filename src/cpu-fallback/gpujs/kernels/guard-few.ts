// gpu.js kernel of contracts/guard-few.ts.
import {
  GUARD_STEP_NOISE,
  type GuardBuffers,
  MEDIAN_VARIANCE,
} from '../../../compute/contracts/guard-buffers.js';
import { GUARD_AROUND, GUARD_NEAR, type guardFew as contract } from '../../../compute/contracts/guard-few.js';
import { BLANK_VALUE, BLOCK_SIZE } from '../../../compute/constants.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { cutTile, TILE, TILE_CONSTANTS, TILE_STRIDE, tileCorners } from '../tiles.js';

/** -1, 0 or 1 for every sample of a tile: on which side of the median it is to go. A tile begins with a block. */
const sidesOfTile: DeviceKernel = {
  name: 'guard-few',
  arguments: {
    samples: 'Array',
    medians: 'Array',
    weights: 'Array',
    variance: 'Float',
    kappaLow: 'Float',
    kappaHigh: 'Float',
    slope: 'Float',
    medianVariance: 'Float',
    stepNoise: 'Float',
    nearPart: 'Float',
    aroundPart: 'Float',
  },
  output: [TILE, TILE],
  constants: { ...TILE_CONSTANTS, block: BLOCK_SIZE },
  code: function (
    this: DeviceThis,
    samples: Float32Array,
    medians: Float32Array,
    weights: Float32Array,
    variance: number,
    kappaLow: number,
    kappaHigh: number,
    slope: number,
    medianVariance: number,
    stepNoise: number,
    nearPart: number,
    aroundPart: number,
  ) {
    const limit = this.constants.blankLimit;
    const stride = this.constants.stride;
    const block = this.constants.block;
    const at = (this.thread.y + this.constants.halo) * stride + this.thread.x + this.constants.halo;
    const inX = this.thread.x % block;
    const inY = this.thread.y % block;
    const v = samples[at];
    const m = medians[at];
    let d = 0;
    let sum = 0;
    let count = 0;
    for (let j = -1; j <= 1; j++) {
      for (let i = -1; i <= 1; i++) {
        const mq = medians[at + j * stride + i];
        const vq = samples[at + j * stride + i];
        let counts = 1;
        if (inX + i < 0 || inX + i >= block || inY + j < 0 || inY + j >= block || mq <= limit) counts = 0;
        if (counts === 1 && (i === 0 || j === 0)) d = Math.max(d, Math.abs(m - mq));
        if (counts === 1 && vq > limit) {
          sum = sum + (vq - mq);
          count = count + 1;
        }
      }
    }
    const r = v - m;
    let side = 0;
    if (v > limit && m > limit) {
      let kappa = kappaLow;
      let sign = -1;
      if (r > 0) {
        kappa = kappaHigh;
        sign = 1;
      }
      const unsure = medianVariance / weights[at];
      const step = Math.max(0, d - stepNoise * Math.sqrt(unsure));
      const bound = kappa * Math.sqrt(variance + unsure) + slope * step;
      if (Math.abs(r) > bound) side = sign;
      if (Math.abs(r) > nearPart * bound && (sign * sum) / count > aroundPart * bound) side = sign;
    }
    return side;
  },
};

/** Moves one slot of the cube down by one, without what stands alone; see the contract. */
export async function guardFew(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: GuardBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  const { width, height, planes } = p;
  const pixels = width * height;
  const tiles = [0, 1, 2].map(() => new Float32Array(TILE_STRIDE * TILE_STRIDE));
  for (let c = 0; c < planes; c++) {
    const source = ((p.slot + 1) * planes + c) * pixels;
    const target = source - planes * pixels;
    const plane = (data: Float32Array, start: number) => ({ data, start, width, height });
    for (const [x, y] of tileCorners(width, height)) {
      cutTile(plane(b.cube, source), x, y, tiles[0]);
      cutTile(plane(b.median, c * pixels), x, y, tiles[1]);
      cutTile(plane(b.weight, c * pixels), x, y, tiles[2]);
      const sides = engine.launch(sidesOfTile, [
        ...tiles,
        1 / b.frame_weights[p.slot * planes + c],
        p.kappaLow,
        p.kappaHigh,
        p.slope,
        MEDIAN_VARIANCE,
        GUARD_STEP_NOISE,
        GUARD_NEAR,
        GUARD_AROUND,
      ]) as readonly Float32Array[];
      for (let j = 0; j < Math.min(TILE, height - y); j++) {
        for (let i = 0; i < Math.min(TILE, width - x); i++) {
          const pixel = (y + j) * width + x + i;
          const at = c * pixels + pixel;
          const n = b.used[at];
          const spared = n < 3 || n > p.maxSamples || 2 * (b.rejected_low[at] + b.rejected_high[at] + 1) >= n;
          const side = spared ? 0 : sides[j][i];
          b.cube[target + pixel] = side === 0 ? b.cube[source + pixel] : BLANK_VALUE;
          if (side < 0) b.rejected_low[at]++;
          if (side > 0) b.rejected_high[at]++;
        }
      }
      await turn();
    }
  }
}
