// The kernels of this backend: those of the port, and one that only it has, for steps of a program that it does as one.
import { defineContract, type KernelContract } from '../../compute/contract.js';
import { contracts, kernelStems, type KernelStem } from '../../compute/contracts/index.js';
import { clippingParams, stackBuffers } from '../../compute/contracts/stack-buffers.js';

/**
 * stack-median over a cube whose first slot is blank, guard-few for every slot, and a clipping stack over the cube less its last slot. `slots` counts frames.
 * Leaves the cube to nobody: its first slot is not looked at, and the others hold what the guard left of them. The kappas and the slopes of the guard have its name,
 * `median_weights` are those of stack-median, with one of the blank slot first, `guard_weights` those of guard-few, as are its counts.
 */
const guardedStack = defineContract({
  stem: 'guarded-stack',
  params: {
    ...clippingParams,
    winsorise: 'u32',
    width: 'u32',
    maxSamples: 'u32',
    guardLow: 'f32',
    guardHigh: 'f32',
    slope: 'f32',
    pairSlope: 'f32',
  },
  buffers: [
    ...stackBuffers.map((role) =>
      role.name === 'cube'
        ? ({
            ...role,
            access: 'update',
            length: (p) => (p.slots + 1) * p.planes * p.pixels,
            // Few samples are taken out: as good as none are written.
            touched: (p) => p.slots * p.planes * p.pixels,
          } as typeof role)
        : role,
    ),
    {
      name: 'median_weights',
      element: 'f32',
      access: 'read',
      length: (p) => (p.slots + 1) * p.planes,
    },
    { name: 'guard_weights', element: 'f32', access: 'read', length: (p) => p.slots * p.planes },
    { name: 'guarded_low', element: 'u32', access: 'write', length: (p) => p.planes * p.pixels },
    { name: 'guarded_high', element: 'u32', access: 'write', length: (p) => p.planes * p.pixels },
  ],
  threads: (p) => [p.pixels, p.planes, 1],
  stencil: 1,
});

export type WasmStem = KernelStem | 'guarded-stack';

export const wasmStems: readonly WasmStem[] = [...kernelStems, guardedStack.stem as WasmStem];

export const contractOf = (stem: WasmStem): KernelContract =>
  (stem === 'guarded-stack' ? guardedStack : contracts[stem]) as unknown as KernelContract;
