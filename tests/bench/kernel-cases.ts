// What the bench of kernels computes: every kernel on a cell of a side, those that see all frames by the number of these.
import type { Handle } from '../../src/compute/backend.js';
import { radialTable } from '../../src/compute/contracts/coadd-radial.js';
import { type KernelStem, kernelStems } from '../../src/compute/contracts/index.js';
import { WARP_CUBIC } from '../../src/compute/contracts/warp-cfa.js';
import { lanczosTable, WARP_BILINEAR, WARP_LANCZOS3 } from '../../src/compute/contracts/warp.js';
import { esdCritical } from '../../src/compute/esd-critical.js';
import {
  cellBlocks,
  type Geometry,
  seededNormal,
  seededRandom,
  translation,
} from '../helpers/kernel-runs.js';

/** Numbers of frames. */
export const DEPTHS = [8, 16, 32, 64, 128, 256, 512] as const;
const FEW = [8, 16] as const;
const RGGB = 0b10_01_01_00;
const PLANES = 3;

export interface KernelCase {
  readonly stem: KernelStem;
  readonly label: string;
  readonly params: Readonly<Record<string, number>>;
  /** Input pixels (times planes) that one call takes. */
  readonly samples: number;
  /** The map turns the frame: a mere shift flatters whatever is looked up by position. */
  readonly turned?: boolean;
}

/** `wide`: stacks that fill a GPU, a cell of 32 slots or as many samples of more slots, not a quarter of the cell. */
export function kernelCases(side: number, wide = false): KernelCase[] {
  const pixels = side * side;
  const ofStack = (slots: number) => (wide ? Math.ceil((pixels * 32) / Math.max(32, slots)) : pixels / 4);
  const samples = pixels * PLANES;
  const image = { width: side, height: side, originX: 0, originY: 0 };
  const middle = { centreX: side / 2, centreY: side / 2 };
  const window = { windowWidth: side, windowHeight: side, windowX: 0, windowY: 0 };
  const warp = {
    ...{ ...window, ...middle, cellWidth: side, cellHeight: side, frameWidth: side, frameHeight: side },
    ...{ planes: PLANES, slot: 0, slots: 1, clampThreshold: 0.3, invScale: 2 / side },
  };
  const one = (
    stem: KernelStem,
    label: string,
    params: KernelCase['params'],
    taken = pixels,
  ): KernelCase => ({
    stem,
    label,
    params,
    samples: taken,
  });
  const cell = { width: side, height: side, planes: PLANES };
  const decode = { width: side, height: side, rowSamples: side, firstSample: 0, scale: 1, zero: 32768 };
  const thresholds = { threshold00: 100, threshold01: 100, threshold10: 100, threshold11: 100 };
  return [
    one('decode', 'decode int16', { ...decode, sampleType: 0, hasBlank: 0, blank: 0 }),
    one('calibrate', 'calibrate CFA', { pixels, planes: 1, biasScale: 0, darkScale: 1, hasFlat: 1 }),
    one('fix-hot-pixels', 'fix-hot-pixels CFA', {
      ...image,
      ...thresholds,
      step: 2,
      isolation: 0.5,
      blanks: 0,
    }),
    ...(['demosaic-bilinear', 'demosaic-edge-aware'] as const).map((stem) =>
      one(stem, stem, { ...image, pattern: RGGB }),
    ),
    ...['nearest', 'bilinear', 'lanczos3'].map((name, kernel) =>
      one('warp', `warp ${name}`, { ...warp, kernel }, samples),
    ),
    ...Object.entries({ cubic: WARP_CUBIC, bilinear: WARP_BILINEAR, lanczos3: WARP_LANCZOS3 }).map(
      ([name, kernel]) => one('warp-cfa', `warp-cfa ${name}`, { ...warp, kernel, pattern: RGGB }, samples),
    ),
    turned(one('warp', 'warp lanczos3 turned', { ...warp, kernel: WARP_LANCZOS3 }, samples)),
    ...Object.entries({ cubic: WARP_CUBIC, lanczos3: WARP_LANCZOS3 }).map(([name, kernel]) =>
      turned(one('warp-cfa', `warp-cfa ${name} turned`, { ...warp, kernel, pattern: RGGB }, samples)),
    ),
    one(
      'drizzle',
      'drizzle CFA',
      {
        ...{ ...window, ...middle, cellWidth: side, cellHeight: side, slot: 0, slots: 1, planes: PLANES },
        ...{ bayer: 1, pattern: RGGB, pixfrac: 0.8, invScale: 2 / side, invRadius: 1 / side },
      },
      samples,
    ),
    ...FEW.map((frames) =>
      one(
        'guard-few',
        `guard-few n=${frames}`,
        {
          ...{ ...cell, slots: frames + 1, slot: 0, maxSamples: 16 },
          ...{ kappaLow: 3, kappaHigh: 3, slope: 0.7, pairSlope: 0.7 },
        },
        samples,
      ),
    ),
    one(
      'guard-trails',
      'guard-trails n=8',
      { ...cell, slots: 8, slot: 0, frame: 0, kappa: 1.5, slope: 0.7, reach: 3 },
      samples,
    ),
    ...kernelStems
      .filter((stem) => stem.startsWith('stack-'))
      .flatMap((stem) =>
        DEPTHS.map((slots) =>
          one(stem, `${stem} n=${slots}`, {
            ...stackParams(stem),
            ...{ pixels: ofStack(slots), planes: 1, slots },
          }),
        ),
      )
      .map((stack) => ({ ...stack, samples: stack.params.pixels * stack.params.slots })),
    ...([8, 64] as const).map((slots) =>
      one(
        'drop-rejected',
        `drop-rejected n=${slots}`,
        { pixels: pixels / 4, planes: 1, slots },
        (pixels / 4) * slots,
      ),
    ),
    one(
      'coadd-radial',
      'coadd-radial',
      { ...cell, ...middle, slots: 1, slot: 0, invRadius: 1 / side },
      samples,
    ),
    one('coadd-accumulate', 'coadd-accumulate', { pixels, planes: PLANES, slots: 1, slot: 0 }, samples),
    one('coadd-normalise', 'coadd-normalise', { pixels, planes: PLANES }, samples),
  ];
}

const turned = (one: KernelCase): KernelCase => ({ ...one, turned: true });

/** Six degrees about the middle of the cell. */
function rotation(side: number): Geometry {
  const [cos, sin] = [Math.cos(Math.PI / 30), Math.sin(Math.PI / 30)];
  const middle = side / 2;
  return (x, y) => [
    middle + cos * (x - middle) - sin * (y - middle) + 0.37,
    middle + sin * (x - middle) + cos * (y - middle) + 0.61,
  ];
}

function stackParams(stem: KernelStem): Record<string, number> {
  const clip = { kappaLow: 3, kappaHigh: 3, maxIterations: 5, combine: 0 };
  if (stem === 'stack-mean' || stem === 'stack-median') return {};
  if (stem === 'stack-esd') return { mostPerMille: 300, combine: 0 };
  if (stem === 'stack-min-max') return { dropLow: 1, dropHigh: 1, combine: 0 };
  if (stem === 'stack-percentile') return { ...clip, kappaLow: 0.1, kappaHigh: 0.1, maxIterations: 1 };
  return clip;
}

const random = seededRandom(1);
const normal = seededNormal(1);

/** Of the noise below. */
const SIGMA = 20;

/** Normal noise with an outlier among a thousand samples, as cosmic rays and satellites leave them. */
function noise(length: number): Float32Array {
  noiseTable ??= Float32Array.from(
    { length: NOISE_PERIOD },
    () => 1000 + SIGMA * (normal() + (random() < 0.001 ? 25 : 0)),
  );
  const samples = new Float32Array(length);
  for (let at = 0; at < length; at += NOISE_PERIOD) samples.set(noiseTable.subarray(0, length - at), at);
  return samples;
}

/** No cell of the bench has a number of pixels that this divides: samples of one pixel are drawn apart. */
const NOISE_PERIOD = 1_000_003;
let noiseTable: Float32Array | undefined;

/** What stands in a buffer of a case; undefined: zeros will do. */
export function contentOf(
  { element, label, length }: Handle,
  { stem, params, turned }: KernelCase,
): Float32Array | Uint32Array | undefined {
  if (element === 'u32') return label === 'used' ? new Uint32Array(length).fill(params.slots - 1) : undefined;
  switch (label) {
    case 'map':
      return cellBlocks(
        params.cellWidth ?? params.width,
        params.cellHeight ?? params.height,
        turned ? rotation(params.cellWidth) : translation(0.37, 0.61),
      );
    case 'lanczos':
      return lanczosTable();
    case 'radial':
      return radialTable({ featherFraction: 0.8, power: 2, floor: 0.05 });
    case 'critical':
      return esdCritical(params.slots, 0.05);
    case 'levels':
      return Float32Array.from({ length }, (_, i) => (i % 7 === 0 ? 1 : 0));
    case 'frame_weights':
    case 'flat':
      return new Float32Array(length).fill(stem.startsWith('guard') ? 1 / SIGMA ** 2 : 1);
    case 'weight':
      return new Float32Array(length).fill(stem.startsWith('guard') ? params.slots / SIGMA ** 2 : 1);
    case 'median':
      return new Float32Array(length).fill(1000);
    case 'sum':
    case 'sums':
    case 'square':
      return undefined;
    default:
      return noise(length);
  }
}
