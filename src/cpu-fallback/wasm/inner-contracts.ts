// The kernels of this backend: those of the port, of which warp-cfa is done as one that only it has, and one more for steps of a program that it does as one.
import { defineContract, type KernelContract } from '../../compute/contract.js';
import { contracts, kernelStems, type KernelStem } from '../../compute/contracts/index.js';
import { clippingParams, stackBuffers } from '../../compute/contracts/stack-buffers.js';

/** Words of a sum. */
export const SUM_WORDS = 2;

interface CountsParams {
  readonly sumsCounts: number;
  readonly planes: number;
  readonly width: number;
  readonly rows: number;
}

/** Numbers of the results of these rows. */
const resultsLength = ({ planes, width, rows }: Omit<CountsParams, 'sumsCounts'>) => planes * width * rows;

/** Words of one kind of counts. */
export const countsLength = (params: CountsParams) => (params.sumsCounts ? SUM_WORDS : resultsLength(params));

/** Sums are added to, maps written whole. */
const countsRole = <N extends string>(name: N) =>
  ({ name, element: 'u32', access: 'update', length: countsLength, touched: countsLength }) as const;

/**
 * stack-median over a cube whose first slot is blank, guard-few for every slot, and a clipping stack over the cube less its last slot. `slots` counts frames.
 * Leaves the cube to nobody: its first slot is not looked at, and the others hold what the guard left of them. The kappas and the slopes of the guard have its name,
 * `median_weights` are those of stack-median, with one of the blank slot first, `guard_weights` those of guard-few, as are its counts. With `sumsCounts` 1 all counts are
 * only added up: to two words each, lower first, in place of maps. Where it does the warps itself it does so in strips of `stripRows` rows of a block,
 * and `regionBytes` is the largest of theirs; else these are those of a block, and 0. A call does `rows` rows of the cell from `firstRow` on, whole blocks but at the cell's end, and its
 * results are `[planes, rows, width]`.
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
    stripRows: 'u32',
    regionBytes: 'u32',
    firstRow: 'u32',
    rows: 'u32',
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
      if (role.name.startsWith('rejected_')) return countsRole(role.name);
      return role.access === 'write' ? ({ ...role, length: resultsLength } as unknown as typeof role) : role;
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

/**
 * warp-cfa of a window in one of two forms. `isStored` 0: float32 samples, as there. 1: as its file has them, big-endian int16 without padding; then
 * `hasBlank`, `blank`, `scale` and `zero` are those of decode, and with `fixes` 1 the others those of fix-hot-pixels with step 2, which comes between both.
 * `regionBytes` is what `regionBytes` (kernel-passes.ts) says of the map.
 */
const warpWindow = defineContract({
  stem: 'warp-window',
  params: {
    ...contracts['warp-cfa'].params,
    isStored: 'u32',
    hasBlank: 'u32',
    blank: 'i32',
    scale: 'f32',
    zero: 'f32',
    fixes: 'u32',
    originX: 'u32',
    originY: 'u32',
    threshold00: 'f32',
    threshold01: 'f32',
    threshold10: 'f32',
    threshold11: 'f32',
    isolation: 'f32',
    blanks: 'u32',
    regionBytes: 'u32',
  },
  buffers: contracts['warp-cfa'].buffers.map((role) =>
    role.name !== 'cfa'
      ? role
      : {
          ...role,
          name: 'window',
          length: (p) =>
            p.isStored ? Math.ceil((p.windowWidth * p.windowHeight) / 2) : p.windowWidth * p.windowHeight,
        },
  ),
  threads: contracts['warp-cfa'].threads,
  stencil: contracts['warp-cfa'].stencil,
});

const inner = { 'guarded-stack': guardedStack, 'warp-window': warpWindow } as const;

/** Of each the contract is the port's or, where that has none, this backend's. */
export type WasmStem = Exclude<KernelStem, 'warp-cfa'> | keyof typeof inner;

export const wasmStems: readonly WasmStem[] = [
  ...kernelStems.filter((stem) => stem !== 'warp-cfa'),
  ...(Object.keys(inner) as (keyof typeof inner)[]),
];

const all = { ...contracts, ...inner };

export const contractOf = (stem: WasmStem): KernelContract => all[stem] as unknown as KernelContract;
