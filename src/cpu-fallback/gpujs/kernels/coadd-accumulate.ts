// gpu.js kernel of contracts/coadd-accumulate.ts.
import type { coaddAccumulate as contract } from '../../../compute/contracts/coadd-accumulate.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { CHUNK } from '../tiles.js';

/** running + slope * sample + step where the sample is valid. */
const addToRunning: DeviceKernel = {
  name: 'coadd-accumulate',
  arguments: { samples: 'Array', running: 'Array', slope: 'Float', step: 'Float' },
  output: [CHUNK],
  code: function (
    this: DeviceThis,
    samples: Float32Array,
    running: Float32Array,
    slope: number,
    step: number,
  ) {
    const v = samples[this.thread.x];
    let sum = running[this.thread.x];
    if (v > this.constants.blankLimit) sum = sum + (slope * v + step);
    return sum;
  },
};

/** Adds one slot of the cube, weighted, to running sums; see the contract. */
export async function coaddAccumulate(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: {
    cube: Float32Array;
    frame_weights: Float32Array;
    sum: Float32Array;
    weight: Float32Array;
    used: Uint32Array;
  },
  turn: () => Promise<void>,
): Promise<void> {
  const samples = new Float32Array(CHUNK);
  const running = new Float32Array(CHUNK);
  const add = (target: Float32Array | Uint32Array, slope: number, step: number) => {
    running.set(target);
    const sums = engine.launch(addToRunning, [samples, running, slope, step]) as Float32Array;
    target.set(sums.subarray(0, target.length));
  };
  for (let c = 0; c < p.planes; c++) {
    const plane = p.slot * p.planes + c;
    const w = b.frame_weights[plane];
    for (let start = 0; start < p.pixels; start += CHUNK) {
      const end = Math.min(p.pixels, start + CHUNK);
      const [from, to] = [c * p.pixels + start, c * p.pixels + end];
      samples.set(b.cube.subarray(plane * p.pixels + start, plane * p.pixels + end));
      add(b.sum.subarray(from, to), w, 0);
      add(b.weight.subarray(from, to), 0, w);
      add(b.used.subarray(from, to), 0, 1);
      await turn();
    }
  }
}
