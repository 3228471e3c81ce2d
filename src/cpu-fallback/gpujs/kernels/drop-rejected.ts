// gpu.js kernel of contracts/drop-rejected.ts. A device function gives one number: each launch finds the slot of the next sample that goes.
import { BLANK_LIMIT, BLANK_VALUE } from '../../../compute/constants.js';
import type { dropRejected as contract } from '../../../compute/contracts/drop-rejected.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { STACK_PIXELS } from '../stack-code.js';

/** Slot of the first of the highest (`side` 1) or lowest (-1) valid samples; -1 without any. */
const extremeSlot: DeviceKernel = {
  name: 'drop-rejected',
  arguments: { cube: 'Array', slots: 'Integer', side: 'Float' },
  output: [STACK_PIXELS],
  constants: { pixels: STACK_PIXELS },
  code: function (this: DeviceThis, cube: Float32Array, slots: number, side: number) {
    const limit = this.constants.blankLimit;
    let found = -1;
    let extreme = 0;
    for (let s = 0; s < slots; s++) {
      const v = cube[s * this.constants.pixels + this.thread.x];
      if (v > limit) {
        if (found < 0 || side * v > extreme) {
          found = s;
          extreme = side * v;
        }
      }
    }
    return found;
  },
};

/** Blanks in the cube what a stack rejected; see the contract. */
export async function dropRejected(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: { cube: Float32Array; rejected_low: Uint32Array; rejected_high: Uint32Array },
  turn: () => Promise<void>,
): Promise<void> {
  const step = p.planes * p.pixels;
  const cube = new Float32Array(p.slots * STACK_PIXELS);
  for (let start = 0; start < step; start += STACK_PIXELS) {
    const size = Math.min(STACK_PIXELS, step - start);
    for (const [side, counts] of [[-1, b.rejected_low] as const, [1, b.rejected_high] as const]) {
      const most = counts.subarray(start, start + size).reduce((a, n) => Math.max(a, n), 0);
      for (let round = 0; round < most; round++) {
        cube.fill(BLANK_LIMIT);
        for (let s = 0; s < p.slots; s++) {
          const from = s * step + start;
          cube.set(b.cube.subarray(from, from + size), s * STACK_PIXELS);
        }
        const slots = engine.launch(extremeSlot, [cube, p.slots, side]) as Float32Array;
        for (let i = 0; i < size; i++) {
          if (counts[start + i] > round && slots[i] >= 0) b.cube[slots[i] * step + start + i] = BLANK_VALUE;
        }
        await turn();
      }
    }
  }
}
