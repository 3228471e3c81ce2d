// gpu.js kernel of contracts/guard-few.ts.
import {
  GUARD_STEP_NOISE,
  type GuardBuffers,
  MEDIAN_VARIANCE,
} from '../../../compute/contracts/guard-buffers.js';
import {
  GUARD_AROUND,
  GUARD_NEAR,
  type guardFew as contract,
  PAIR_KAPPA,
  PAIR_STEP_NOISE,
} from '../../../compute/contracts/guard-few.js';
import { BLANK_VALUE, BLOCK_SIZE } from '../../../compute/constants.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { cutTile, TILE, TILE_CONSTANTS, TILE_STRIDE, tileCorners } from '../tiles.js';

/** -1, 0 or 1 for every sample of a tile: on which side of what it is compared with it is to go; `pairs` is 1 where its pixel has two samples. A tile begins with a block. */
const sidesOfTile: DeviceKernel = {
  name: 'guard-few',
  arguments: {
    samples: 'Array',
    medians: 'Array',
    weights: 'Array',
    pairs: 'Array',
    variance: 'Float',
    kappaLow: 'Float',
    kappaHigh: 'Float',
    slope: 'Float',
    pairSlope: 'Float',
    medianVariance: 'Float',
    stepNoise: 'Float',
    nearPart: 'Float',
    aroundPart: 'Float',
    pairKappa: 'Float',
    pairStepNoise: 'Float',
  },
  output: [TILE, TILE],
  constants: { ...TILE_CONSTANTS, block: BLOCK_SIZE },
  code: function (
    this: DeviceThis,
    samples: Float32Array,
    medians: Float32Array,
    weights: Float32Array,
    pairs: Float32Array,
    variance: number,
    kappaLow: number,
    kappaHigh: number,
    slope: number,
    pairSlope: number,
    medianVariance: number,
    stepNoise: number,
    nearPart: number,
    aroundPart: number,
    pairKappa: number,
    pairStepNoise: number,
  ) {
    const limit = this.constants.blankLimit;
    const stride = this.constants.stride;
    const block = this.constants.block;
    const at = (this.thread.y + this.constants.halo) * stride + this.thread.x + this.constants.halo;
    const inX = this.thread.x % block;
    const inY = this.thread.y % block;
    const v = samples[at];
    const isPair = pairs[at];
    let m = medians[at];
    if (isPair === 1) m = 2 * m - v;
    let d = 0;
    let own = 0;
    let sum = 0;
    let count = 0;
    for (let j = -1; j <= 1; j++) {
      for (let i = -1; i <= 1; i++) {
        let mq = medians[at + j * stride + i];
        const vq = samples[at + j * stride + i];
        let counts = 1;
        if (inX + i < 0 || inX + i >= block || inY + j < 0 || inY + j >= block || mq <= limit) counts = 0;
        if (isPair === 1) {
          if (pairs[at + j * stride + i] !== 1 || vq <= limit) counts = 0;
          mq = 2 * mq - vq;
        }
        if (counts === 1 && (i === 0 || j === 0)) {
          d = Math.max(d, Math.abs(m - mq));
          own = Math.max(own, Math.abs(v - vq));
        }
        if (counts === 1 && vq > limit) {
          sum = sum + (vq - mq);
          count = count + 1;
        }
      }
    }
    const r = v - m;
    let side = 0;
    if (v > limit && medians[at] > limit) {
      let kappa = kappaLow;
      let sign = -1;
      if (r > 0) {
        kappa = kappaHigh;
        sign = 1;
      }
      let unsure = medianVariance / weights[at];
      let least = stepNoise;
      let steps = slope;
      if (isPair === 1) {
        unsure = 1 / (weights[at] - 1 / variance);
        least = pairStepNoise * stepNoise;
        kappa = pairKappa * kappa;
        steps = pairSlope;
      }
      const step = Math.max(0, d - least * Math.sqrt(unsure));
      const bound = kappa * Math.sqrt(variance + unsure) + steps * step;
      const around = (sign * sum) / count;
      if (Math.abs(r) > bound) side = sign;
      if (Math.abs(r) > nearPart * bound && around > aroundPart * bound) side = sign;
      if (isPair === 1 && side < 0) {
        const ownStep = Math.max(0, own - least * Math.sqrt(variance));
        const ofBrighter = pairKappa * kappaHigh * Math.sqrt(variance + unsure) + pairSlope * ownStep;
        if (Math.abs(r) > ofBrighter) side = 0;
        if (Math.abs(r) > nearPart * ofBrighter && around > aroundPart * ofBrighter) side = 0;
      }
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
  const tiles = [0, 1, 2, 3].map(() => new Float32Array(TILE_STRIDE * TILE_STRIDE));
  const pairs = Float32Array.from(b.used, (n) => (n === 2 ? 1 : 0));
  for (let c = 0; c < planes; c++) {
    const source = ((p.slot + 1) * planes + c) * pixels;
    const target = source - planes * pixels;
    const plane = (data: Float32Array, start: number) => ({ data, start, width, height });
    for (const [x, y] of tileCorners(width, height)) {
      cutTile(plane(b.cube, source), x, y, tiles[0]);
      cutTile(plane(b.median, c * pixels), x, y, tiles[1]);
      cutTile(plane(b.weight, c * pixels), x, y, tiles[2]);
      cutTile(plane(pairs, c * pixels), x, y, tiles[3]);
      const sides = engine.launch(sidesOfTile, [
        ...tiles,
        1 / b.frame_weights[p.slot * planes + c],
        p.kappaLow,
        p.kappaHigh,
        p.slope,
        p.pairSlope,
        MEDIAN_VARIANCE,
        GUARD_STEP_NOISE,
        GUARD_NEAR,
        GUARD_AROUND,
        PAIR_KAPPA,
        PAIR_STEP_NOISE,
      ]) as readonly Float32Array[];
      for (let j = 0; j < Math.min(TILE, height - y); j++) {
        for (let i = 0; i < Math.min(TILE, width - x); i++) {
          const pixel = (y + j) * width + x + i;
          const at = c * pixels + pixel;
          const n = b.used[at];
          const gone = b.rejected_low[at] + b.rejected_high[at];
          const spared =
            n < (p.pairSlope < 0 ? 3 : 2) || n > p.maxSamples || 2 * (gone + 1) >= Math.max(n, 3);
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
