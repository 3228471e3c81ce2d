// The kernels of this backend: those of the port, and one that only it has, for steps of a program that it does as one.
import { defineContract, type KernelContract } from '../../compute/contract.js';
import { contracts, kernelStems, type KernelStem } from '../../compute/contracts/index.js';
import { clippingParams, stackBuffers } from '../../compute/contracts/stack-buffers.js';

/** Words of a sum. */
export const SUM_WORDS = 2;

interface CountsParams {
  readonly sumsCounts: number;
  readonly planes: number;
  readonly pixels: number;
}

/** Words of one kind of counts. */
export const countsLength = ({ sumsCounts, planes, pixels }: CountsParams) =>
  sumsCounts ? SUM_WORDS : planes * pixels;

/** Sums are added to, maps written whole. */
const countsRole = <N extends string>(name: N) =>
  ({ name, element: 'u32', access: 'update', length: countsLength, touched: countsLength }) as const;

/**
 * stack-median over a cube whose first slot is blank, guard-few for every slot, and a clipping stack over the cube less its last slot. `slots` counts frames.
 * Leaves the cube to nobody: its first slot is not looked at, and the others hold what the guard left of them. The kappas and the slopes of the guard have its name,
 * `median_weights` are those of stack-median, with one of the blank slot first, `guard_weights` those of guard-few, as are its counts. With `sumsCounts` 1 all counts are
 * only added up: to two words each, lower first, in place of maps.
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
    sumsCounts: 'u32',
  },
  buffers: [
    ...stackBuffers.map((role) => {
      if (role.name === 'cube')
        return {
          ...role,
          access: 'update',
          length: (p) => (p.slots + 1) * p.planes * p.pixels,
          // Few samples are taken out: as good as none are written.
          touched: (p) => p.slots * p.planes * p.pixels,
        } as typeof role;
      return role.name.startsWith('rejected_') ? countsRole(role.name) : role;
    }),
    {
      name: 'median_weights',
      element: 'f32',
      access: 'read',
      length: (p) => (p.slots + 1) * p.planes,
    },
    { name: 'guard_weights', element: 'f32', access: 'read', length: (p) => p.slots * p.planes },
    countsRole('guarded_low'),
    countsRole('guarded_high'),
  ],
  threads: (p) => [p.pixels, p.planes, 1],
  stencil: 1,
});

export type WasmStem = KernelStem | 'guarded-stack';

export const wasmStems: readonly WasmStem[] = [...kernelStems, guardedStack.stem as WasmStem];

export const contractOf = (stem: WasmStem): KernelContract =>
  (stem === 'guarded-stack' ? guardedStack : contracts[stem]) as unknown as KernelContract;
