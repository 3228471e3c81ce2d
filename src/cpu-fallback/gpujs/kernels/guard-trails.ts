// gpu.js kernel of contracts/guard-trails.ts.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE } from '../../../compute/constants.js';
import {
  GUARD_STEP_NOISE,
  type GuardBuffers,
  MEDIAN_VARIANCE,
} from '../../../compute/contracts/guard-buffers.js';
import {
  type guardTrails as contract,
  TRAIL_ASIDE,
  TRAIL_ASIDE_MOST,
  TRAIL_NEED,
  TRAIL_SLOPES,
  TRAIL_WINDOW,
} from '../../../compute/contracts/guard-trails.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';

/** Blocks lie in the middle of arrays with a rim that windows do not leave: blank, or 0 where nothing stands out. */
const RIM = 48;
const STRIDE = BLOCK_SIZE + 2 * RIM;

const output = [BLOCK_SIZE, BLOCK_SIZE];
const place = { stride: STRIDE, rim: RIM };

/** 1 where a sample of the block stands out. */
const brightOfBlock: DeviceKernel = {
  name: 'guard-trails bright',
  arguments: {
    samples: 'Array',
    medians: 'Array',
    weights: 'Array',
    variance: 'Float',
    kappa: 'Float',
    slope: 'Float',
    medianVariance: 'Float',
    stepNoise: 'Float',
  },
  output,
  constants: place,
  code: function (
    this: DeviceThis,
    samples: Float32Array,
    medians: Float32Array,
    weights: Float32Array,
    variance: number,
    kappa: number,
    slope: number,
    medianVariance: number,
    stepNoise: number,
  ) {
    const limit = this.constants.blankLimit;
    const stride = this.constants.stride;
    const at = (this.thread.y + this.constants.rim) * stride + this.thread.x + this.constants.rim;
    const v = samples[at];
    const m = medians[at];
    let d = 0;
    if (medians[at - 1] > limit) d = Math.max(d, Math.abs(m - medians[at - 1]));
    if (medians[at + 1] > limit) d = Math.max(d, Math.abs(m - medians[at + 1]));
    if (medians[at - stride] > limit) d = Math.max(d, Math.abs(m - medians[at - stride]));
    if (medians[at + stride] > limit) d = Math.max(d, Math.abs(m - medians[at + stride]));
    let bright = 0;
    if (v > limit && m > limit && weights[at] > 0) {
      const unsure = medianVariance / weights[at];
      const step = Math.max(0, d - stepNoise * Math.sqrt(unsure));
      if (v - m > kappa * Math.sqrt(variance + unsure) + slope * step) bright = 1;
    }
    return bright;
  },
};

/** 1 where a pixel that stands out belongs to a line of such. */
const trailsOfBlock: DeviceKernel = {
  name: 'guard-trails lines',
  arguments: { bright: 'Array', spread: 'Array' },
  output,
  constants: {
    ...place,
    window: TRAIL_WINDOW,
    need: TRAIL_NEED,
    aside: TRAIL_ASIDE,
    asideMost: TRAIL_ASIDE_MOST,
    slopes: TRAIL_SLOPES,
  },
  code: function (this: DeviceThis, bright: Float32Array, spread: Float32Array) {
    const stride = this.constants.stride;
    const window = this.constants.window;
    const slopes = this.constants.slopes;
    const at = (this.thread.y + this.constants.rim) * stride + this.thread.x + this.constants.rim;
    let found = 0;
    if (bright[at] > 0) {
      for (let line = 0; line < 4 * slopes; line++) {
        let forward = 1;
        let sideways = stride;
        let j = line - slopes;
        if (line >= 2 * slopes) {
          forward = stride;
          sideways = 1;
          j = line - 3 * slopes;
        }
        const aside = this.constants.aside * sideways;
        for (let w = 0; w < 3; w++) {
          const start = 1 - window + (w * (window - 1)) / 2;
          let count = 0;
          for (let i = 0; i < window; i++) {
            const k = start + i;
            count = count + bright[at + k * forward + Math.floor((j * k + slopes / 2) / slopes) * sideways];
          }
          if (count >= this.constants.need) {
            let before = 0;
            let behind = 0;
            for (let i2 = 0; i2 < window; i2++) {
              const k = start + i2;
              const q = at + k * forward + Math.floor((j * k + slopes / 2) / slopes) * sideways;
              before = before + spread[q - aside];
              behind = behind + spread[q + aside];
            }
            if (before <= this.constants.asideMost && behind <= this.constants.asideMost) found = 1;
          }
        }
      }
    }
    return found;
  },
};

/** Takes trails out of one slot of the cube; see the contract. */
export async function guardTrails(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: GuardBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  const { width, height, planes } = p;
  const pixels = width * height;
  const tiles = [0, 1, 2].map(() => new Float32Array(STRIDE * STRIDE));
  const bright = new Float32Array(STRIDE * STRIDE);
  const spread = new Float32Array(STRIDE * STRIDE);
  for (let c = 0; c < planes; c++) {
    const source = (p.slot * planes + c) * pixels;
    const variance = 1 / b.frame_weights[p.frame * planes + c];
    for (let y0 = 0; y0 < height; y0 += BLOCK_SIZE) {
      for (let x0 = 0; x0 < width; x0 += BLOCK_SIZE) {
        const nx = Math.min(BLOCK_SIZE, width - x0);
        const ny = Math.min(BLOCK_SIZE, height - y0);
        tiles.forEach((tile) => tile.fill(BLANK_VALUE));
        for (let y = 0; y < ny; y++) {
          const row = (y0 + y) * width + x0;
          const to = (y + RIM) * STRIDE + RIM;
          tiles[0].set(b.cube.subarray(source + row, source + row + nx), to);
          tiles[1].set(b.median.subarray(c * pixels + row, c * pixels + row + nx), to);
          for (let x = 0; x < nx; x++) {
            // Where too few frames are nothing stands out.
            const at = c * pixels + row + x;
            tiles[2][to + x] = b.used[at] >= 3 ? b.weight[at] : 0;
          }
        }
        const args = [...tiles, variance, p.kappa, p.slope, MEDIAN_VARIANCE, GUARD_STEP_NOISE];
        const found = engine.launch(brightOfBlock, args) as readonly Float32Array[];
        found.forEach((row, y) => bright.set(row, (y + RIM) * STRIDE + RIM));
        spreadOut(found, nx, ny, spread);
        const trails = engine.launch(trailsOfBlock, [bright, spread]) as readonly Float32Array[];
        takeOut(p, b, c, x0, y0, trails);
        await turn();
      }
    }
  }
}

/** The block with its rim filled by the nearest of its pixels. */
function spreadOut(rows: readonly Float32Array[], nx: number, ny: number, spread: Float32Array): void {
  for (let y = 0; y < STRIDE; y++) {
    const row = rows[Math.min(Math.max(y - RIM, 0), ny - 1)];
    for (let x = 0; x < STRIDE; x++) spread[y * STRIDE + x] = row[Math.min(Math.max(x - RIM, 0), nx - 1)];
  }
}

/** Blanks and counts what lies within reach of a trail. */
function takeOut(
  p: ParamsOf<typeof contract.params>,
  b: GuardBuffers,
  c: number,
  x0: number,
  y0: number,
  trails: readonly Float32Array[],
): void {
  const near = new Uint8Array(BLOCK_SIZE * BLOCK_SIZE);
  trails.forEach((row, y) =>
    row.forEach((is, x) => {
      if (is === 0) return;
      for (let j = Math.max(0, y - p.reach); j <= Math.min(BLOCK_SIZE - 1, y + p.reach); j++) {
        for (let i = Math.max(0, x - p.reach); i <= Math.min(BLOCK_SIZE - 1, x + p.reach); i++) {
          if ((i - x) ** 2 + (j - y) ** 2 <= p.reach ** 2) near[j * BLOCK_SIZE + i] = 1;
        }
      }
    }),
  );
  const pixels = p.width * p.height;
  for (let j = 0; j < Math.min(BLOCK_SIZE, p.height - y0); j++) {
    for (let i = 0; i < Math.min(BLOCK_SIZE, p.width - x0); i++) {
      if (near[j * BLOCK_SIZE + i] === 0) continue;
      const pixel = (y0 + j) * p.width + x0 + i;
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
