// The passes each kernel is made of, how their work is cut, and what scratch they need. What a unit is says the pass itself (assembly/).
import { TRAIL_SLOPES } from '../../compute/contracts/guard-trails.js';
import { LANCZOS_TABLE_SIZE, WARP_LANCZOS3 } from '../../compute/contracts/warp.js';
import { BLOCK_SIZE, MAP_STRIDE } from '../../compute/constants.js';
import type { KernelStem } from '../../compute/contracts/index.js';
import type { CubeShape } from './cube-shape.js';
import type { WasmStem } from './inner-contracts.js';
import { rowsInHand, stripBytes } from './strips.js';

type Params = Readonly<Record<string, number>>;

/** One export of the module over its units; the next pass starts when all units are done. */
export interface Pass {
  readonly name: string;
  /** The kernel whose time it is, where that is not the one that it belongs to. */
  readonly stem?: KernelStem;
  /** An export that is called before it for each unit, with the same call and scratch, and the kernel whose time that is; units of a chunk come one by one. */
  readonly before?: { readonly name: string; readonly stem: KernelStem };
  readonly units: (p: Params) => number;
  /** Units that a worker takes at once: enough to make taking cheap, and few enough to share the work evenly. */
  readonly grain: (p: Params) => number;
  /** Bytes of scratch of one worker. */
  readonly scratch?: (p: Params) => number;
}

/** A pass over what is none of a kernel's: its job is these words. */
export interface PlainStep {
  readonly pass: Pass;
  readonly params: Params;
  readonly words: readonly number[];
}

/** What a kernel needs beside its buffers: a table that a pass makes from the input `from`. */
export interface DerivedTable extends Pass {
  readonly from: string;
  readonly bytes: (p: Params) => number;
  readonly needed: (p: Params) => boolean;
  /** Tells apart the tables that different parameters make of one input. */
  readonly variant?: (p: Params) => string;
}

export interface KernelPasses {
  readonly passes: readonly Pass[];
  /** Tables made from one input by an export of the table's name, and kept while that input stands unchanged. */
  readonly derived?: readonly DerivedTable[];
  /** Elements [start, end) of an `update` role that are written whole whatever they held; without it, none. */
  readonly overwrites?: (role: string, p: Params) => readonly [number, number] | undefined;
  /** Shape of the cube of a kernel that knows of its blank blocks (blank-blocks.ts); before all others run they are written. */
  readonly cube?: (p: Params) => CubeShape;
  /** Of a kernel that may do warps itself before it looks at their cube (waiting-warps.ts): the pass that does, and where in its scratch it leaves the samples. */
  readonly warped?: { readonly pass: Pass; readonly samplesAt: (p: Params) => number };
  /** Elements [start, end) of a role that are not looked at; what stands there does not matter. */
  readonly ignores?: (role: string, p: Params) => readonly [number, number] | undefined;
  /**
   * A parameter: calls that follow each other, alike but for this one, which rises by one each time, become one call of the only pass. It does them one
   * after the other unit by unit, which must be independent of one another throughout.
   */
  readonly joinedBy?: string;
}

/** Pixels of a chunk of rows: threads share windows of some ten thousand, as deep cells have them. */
const CHUNK_PIXELS = 8192;
/** The same of drizzle, which takes longer. */
const DROP_PIXELS = 4096;
/** Samples of a chunk of a stack. */
const CHUNK_SAMPLES = 65536;
/** Pixels of a unit of the stacks and the coadd. */
const RUN = 64;
/** Blocks of the cell, of all planes one after the other. */
const blocksOf = (p: Params, height = p.height) =>
  p.planes * Math.ceil(height / BLOCK_SIZE) * Math.ceil(p.width / BLOCK_SIZE);
/** A row of a block, five numbers a pixel: assembly/guard/guard-scratch.ts. */
const GUARD_ROW = 4 * 5 * BLOCK_SIZE;
/** Lists of a row, then sums of one colour: assembly/warp/warp-scratch.ts. */
const CFA_SCRATCH = BLOCK_SIZE * (20 * 4 + 52 + 9 * 4) + 1024;
/** Rows of a window whose defects are marked at once. */
export const MARKED_ROWS = 32;
/** Pixels of the part of a window that a block needs beside those that its positions span: the reach of the taps and what lies aside, twice, and up to whole eights. */
const REGION_RIM = 2 * (6 + 1) + 2 + 8 + 3;
/** Bytes of a plane of the part of a window that rows of a block take their taps from: assembly/warp/warp-region.ts. */
const WARP_REGION = 112 * 15 * 64 + 64;
/** Of a row of a block, weights and sums of a plane there: assembly/warp/warp-interior.ts. */
const INTERIOR_ROW = BLOCK_SIZE * (48 + 32);
/** Rows of a chunk of the warp: a part of a row of blocks. */
const WARP_ROWS = BLOCK_SIZE / 2;

const rows = (name: string, scratch?: number): Pass => ({
  name,
  units: (p) => p.height,
  grain: (p) => Math.ceil(CHUNK_PIXELS / p.width),
  ...(scratch !== undefined && { scratch: () => scratch }),
});

/** Samples of all planes, one after the other. */
const runs = (name: string): Pass => ({
  name,
  units: (p) => Math.ceil((p.planes * p.pixels) / RUN),
  grain: () => CHUNK_PIXELS / RUN,
});

/** Records, tile, its weights and slots, and five times four lists of vectors, in eights with four to spare: assembly/stack/stack-scratch.ts. */
const stackScratch = (p: Params) =>
  640 + p.slots * 4 * RUN + 8 * p.slots + 16 + 5 * 4 * 16 * (8 * Math.ceil(p.slots / 8) + 4);

/** A stack's, addresses, counts and lists; then what is known of a plane, or of all where these take turns, with rows of the guard: assembly/guard/guarded-stack.ts. */
const guardedScratch = (p: Params) =>
  stackScratch(p) +
  (16 + 32 + 8 * BLOCK_SIZE + 12 * p.slots + 16) +
  (p.stripRows < BLOCK_SIZE ? p.planes : 1) * (64 + 52 * p.slots + GUARD_ROW * rowsInHand(p.stripRows));

/** Samples of warps begin on a cache line behind it. */
const warpedAt = (p: Params) => 64 * Math.ceil(guardedScratch(p) / 64);

const stack = (name: string): KernelPasses => ({
  passes: [
    {
      name,
      units: (p) => p.planes * Math.ceil(p.pixels / RUN),
      grain: (p) => Math.ceil(CHUNK_SAMPLES / (RUN * p.slots)),
      scratch: stackScratch,
    },
  ],
});

/** A warp writes the whole of its slot of the cube, or says which blocks of it are blank. */
const intoSlot = (planesOf: (p: Params) => number): Pick<KernelPasses, 'overwrites' | 'cube'> => ({
  overwrites: (role, p) => {
    const slot = planesOf(p) * p.cellWidth * p.cellHeight;
    return role === 'cube' ? [p.slot * slot, (p.slot + 1) * slot] : undefined;
  },
  cube: (p) => ({ width: p.cellWidth, height: p.cellHeight, planes: planesOf(p), slots: p.slots }),
});

const lanczosPhases: DerivedTable = {
  name: 'lanczosPhases',
  from: 'lanczos',
  units: () => 1,
  grain: () => 1,
  // assembly/warp/lanczos-phases.ts.
  bytes: () => (LANCZOS_TABLE_SIZE / 4 + 1) * 64,
  needed: (p) => p.kernel === WARP_LANCZOS3,
};

/** Of a part of a window with so many pixels along each axis at most: a call of warp-cfa, four rows, a plane for each colour, the least of every four rows, and room for taps that are read but not used. */
function latticeBytes(width: number, height: number): number {
  const side = Math.min(width, height);
  const squares = 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const green = side * (Math.floor((width + height) / 2) + 1);
  // Where taps are missing those from the start of a plane are read, six rows of them: of blue as of green.
  const beyond = 6 * Math.max(side, Math.ceil(width / 2)) + 16;
  return 256 + 16 * width + 4 * (squares + green + Math.ceil(height / 4) + beyond);
}

/** Bytes of scratch for the parts of a window that the blocks of a pixel map need, one after the other, or of any map: assembly/warp-cfa/cfa-region.ts. */
export function regionBytes(map: Float32Array | undefined, p: Params): number {
  if (!map) return latticeBytes(p.windowWidth, p.windowHeight);
  let x = 0;
  let y = 0;
  for (let at = 0; at < map.length; at += MAP_STRIDE) {
    const ofX = reachFrom(map, at + 2);
    const ofY = reachFrom(map, at + 11);
    // Of others nothing is made, and they may be anything.
    if (!mayReach(map[at] + map[at + 2], ofX, p.frameWidth)) continue;
    if (!mayReach(map[at + 1] + map[at + 11], ofY, p.frameHeight)) continue;
    x = Math.max(x, ofX);
    y = Math.max(y, ofY);
  }
  const side = (reach: number, size: number) => Math.min(size, Math.ceil(2 * reach) + REGION_RIM);
  return latticeBytes(side(x, p.windowWidth), side(y, p.windowHeight));
}

/** How far positions of a block lie from its centre at most, along the axis of these coefficients: assembly/warp/warp-positions.ts. */
function reachFrom(map: Float32Array, coefficients: number): number {
  let reach = 1;
  for (let i = 1; i < 9; i++) reach += Math.abs(map[coefficients + i]);
  return reach;
}

/** As there: false for what is no number. */
const mayReach = (centre: number, reach: number, size: number) =>
  centre + reach >= -0.5 && centre - reach <= size - 0.5;

export const kernelPasses: Readonly<Record<WasmStem, KernelPasses>> = {
  decode: { passes: [rows('decode')] },
  calibrate: { passes: [runs('calibrate')] },
  'fix-hot-pixels': { passes: [rows('fixHotPixels', 64)] },
  'demosaic-bilinear': { passes: [rows('demosaicBilinear')] },
  'demosaic-edge-aware': { passes: [rows('demosaicGreen'), rows('demosaicColours')] },
  warp: {
    passes: [
      {
        name: 'warp',
        units: (p) => p.cellHeight,
        grain: () => WARP_ROWS,
        // Lists of a row, then sums per plane and weights: assembly/warp/warp-scratch.ts.
        scratch: (p) =>
          BLOCK_SIZE * (20 * 4 + p.planes * 52 + 48) + 512 + 64 + p.planes * WARP_REGION + INTERIOR_ROW,
      },
    ],
    derived: [
      lanczosPhases,
      {
        name: 'leastOfRows',
        from: 'planes',
        units: (p) => p.planes * p.windowHeight,
        grain: (p) => Math.ceil(CHUNK_PIXELS / p.windowWidth),
        bytes: (p) => 4 * p.planes * p.windowHeight,
        needed: (p) => p.kernel === WARP_LANCZOS3,
        variant: (p) => `${p.windowWidth} x ${p.windowHeight}`,
      },
    ],
    ...intoSlot((p) => p.planes),
  },
  'warp-window': {
    passes: [
      {
        name: 'warpWindow',
        units: (p) => Math.ceil(p.cellHeight / BLOCK_SIZE) * Math.ceil(p.cellWidth / BLOCK_SIZE),
        grain: () => 1,
        scratch: (p) => CFA_SCRATCH + p.regionBytes,
      },
    ],
    derived: [
      { ...lanczosPhases, name: 'windowPhases' },
      {
        name: 'markDefects',
        stem: 'fix-hot-pixels',
        from: 'window',
        units: (p) => Math.ceil(p.windowHeight / MARKED_ROWS),
        grain: () => 1,
        bytes: (p) => 4 * p.windowHeight * Math.ceil(p.windowWidth / 32),
        // A call of fix-hot-pixels and its list, then rows with those around them: assembly/frame/mark-defects.ts.
        scratch: (p) => 192 + 4 * p.windowWidth * (MARKED_ROWS + 6),
        needed: (p) => p.fixes !== 0,
      },
    ],
    ...intoSlot(() => 3),
  },
  'guard-few': {
    passes: [
      {
        name: 'guardFew',
        units: (p) => blocksOf(p),
        grain: () => 1,
        scratch: () => GUARD_ROW * BLOCK_SIZE,
      },
    ],
    joinedBy: 'slot',
  },
  'guard-trails': {
    passes: [
      {
        name: 'guardTrails',
        units: (p) => blocksOf(p),
        grain: () => CHUNK_PIXELS / BLOCK_SIZE ** 2,
        // Three maps of a block within a rim of 48, and counts of lines: assembly/guard/guard-trails.ts.
        scratch: () => 3 * (BLOCK_SIZE + 96) ** 2 + 8 * TRAIL_SLOPES * (3 * BLOCK_SIZE + 8) + 16,
      },
    ],
  },
  'guarded-stack': {
    passes: [
      {
        name: 'guardedStack',
        units: (p) => blocksOf(p, p.rows),
        grain: () => 1,
        scratch: guardedScratch,
      },
    ],
    warped: {
      pass: {
        name: 'stackStrip',
        before: { name: 'warpStrips', stem: 'warp-cfa' },
        units: (p) => (blocksOf(p, p.rows) / p.planes) * (BLOCK_SIZE / p.stripRows),
        grain: (p) => BLOCK_SIZE / p.stripRows,
        scratch: (p) =>
          warpedAt(p) + p.slots * p.planes * stripBytes(p.stripRows) + CFA_SCRATCH + p.regionBytes,
      },
      samplesAt: warpedAt,
    },
    ignores: (role, p) => (role === 'cube' ? [0, p.planes * p.pixels] : undefined),
    overwrites: (role, p) =>
      role !== 'cube' && p.sumsCounts === 0 ? [0, p.planes * p.rows * p.width] : undefined,
    cube: ({ width, pixels, planes, slots }) => ({ width, height: pixels / width, planes, slots: slots + 1 }),
  },
  'stack-mean': stack('stackMean'),
  'stack-median': stack('stackMedian'),
  'stack-kappa-sigma': stack('stackKappaSigma'),
  'stack-winsorised': stack('stackWinsorised'),
  'stack-linear-fit': stack('stackLinearFit'),
  'stack-mad': stack('stackMad'),
  'stack-esd': stack('stackEsd'),
  'stack-percentile': stack('stackPercentile'),
  'stack-min-max': stack('stackMinMax'),
  'coadd-accumulate': {
    passes: [
      {
        name: 'coaddAccumulate',
        units: (p) => p.planes * Math.ceil(p.pixels / RUN),
        grain: () => CHUNK_PIXELS / RUN,
      },
    ],
  },
  'coadd-normalise': { passes: [runs('coaddNormalise')] },
  'drop-rejected': { passes: [runs('dropRejected')] },
  // Polynomials of a block's columns, and the weights of a row: assembly/coadd/coadd-radial.ts.
  drizzle: {
    passes: [
      {
        name: 'drizzle',
        units: (p) => p.cellHeight,
        grain: (p) => Math.ceil(DROP_PIXELS / p.cellWidth),
      },
    ],
  },
  'coadd-radial': { passes: [rows('coaddRadial', 7 * 4 * BLOCK_SIZE)] },
};

/** Units of 4 KiB (assembly/fill.ts, assembly/sum-words.ts). */
const PAGE_BYTES = 4096;
const CHUNK_PAGES = 64;

/** Zeroes `bytes` bytes. */
export const fillPass: Pass = {
  name: 'fill',
  units: (p) => Math.ceil(p.bytes / PAGE_BYTES),
  grain: () => CHUNK_PAGES,
};

/** Adds up `words` words. */
export const sumPass: Pass = {
  name: 'sumWords',
  units: (p) => Math.ceil((4 * p.words) / PAGE_BYTES),
  grain: () => CHUNK_PAGES,
};
