// The program that takes one window from raw samples to one slot of a cell's sample cube.
import type { Handle, KernelCall, Op } from '../../../compute/backend.js';
import { contracts } from '../../../compute/contracts/index.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../../compute/contracts/decode.js';
import { LANCZOS_TABLE_SIZE, WARP_BILINEAR, WARP_LANCZOS3 } from '../../../compute/contracts/warp.js';
import { WARP_CUBIC } from '../../../compute/contracts/warp-cfa.js';
import type { KernelStem } from '../../../compute/contracts/index.js';
import { MAP_STRIDE } from '../../../compute/constants.js';
import { calibrateOps, type CalibrationWindow } from '../../calibration/frame-calibration.js';
import type { CellRect } from '../../planning/grid/pixel-map.js';
import { DEFECT_REACH } from '../windows/repair-defects.js';
import {
  levelCoordinates,
  levelData,
  type IntegrationFrame,
  type SensorLayout,
} from '../windows/integration-frame.js';
import type { WindowRect, WindowSamples } from '../windows/frame-window.js';

/**
 * Negative taps are left out where they outweigh the positive ones, that is where the result would lie below every sample it is made from: the dark
 * rings around bright stars. At half-pixel phases a flat sky has negative taps of 0.41 of the positive ones, so a lower limit (0.3 is common) would
 * turn the kernel into another one all over the sky: measured, it widens stars by 1 to 2 %.
 */
const CLAMP_THRESHOLD = 1;
/** A defect's neighbours show less than this part of its excess; a star of 1.5 px FWHM shows 0.29 of its peak one pixel away. */
const ISOLATION = 0.25;

export interface WarpSettings {
  /** Of mono, RGB and demosaiced planes. */
  readonly kernel: 'bilinear' | 'lanczos3';
  readonly demosaic: 'direct' | 'bilinear' | 'edge_aware';
  /** Of the sites of a CFA's colours, where no demosaicing comes before. */
  readonly cfaKernel: 'cubic' | 'bilinear' | 'lanczos3';
  /** Defects that are known by their place may have to be repaired. */
  readonly repairsDefects?: boolean;
}

/** Pixels a window needs around the mapped positions: the sum of the stencils that stand before and in the warp, and one for rounding. */
export function haloOf(settings: WarpSettings): number {
  const stencils = (kind: SensorLayout['kind']) =>
    warpStems(kind, settings).reduce((sum, stem) => sum + contracts[stem].stencil, 0);
  const repair = settings.repairsDefects ? DEFECT_REACH : 0;
  return repair + contracts['fix-hot-pixels'].stencil + Math.max(stencils('cfa'), stencils('mono')) + 1;
}

/** The kernels, one after the other, that take a window's samples onto the output grid. */
export function warpStems(
  kind: SensorLayout['kind'],
  { demosaic }: Pick<WarpSettings, 'demosaic'>,
): KernelStem[] {
  if (kind !== 'cfa') return ['warp'];
  if (demosaic === 'direct') return ['warp-cfa'];
  return [demosaic === 'bilinear' ? 'demosaic-bilinear' : 'demosaic-edge-aware', 'warp'];
}

/** True where samples go from the colours of the sensor onto the grid: what other warps read is as large as what they make of it. */
export function warpsAtOnce(kind: SensorLayout['kind'], settings: Pick<WarpSettings, 'demosaic'>): boolean {
  return warpStems(kind, settings)[0] === 'warp-cfa';
}

/** The same as calls, with what decides how they are built. */
export function warpCalls(kind: SensorLayout['kind'], settings: WarpSettings): KernelCall[] {
  return warpStems(kind, settings).map((stem) => ({
    stem,
    params: { kernel: KERNELS[stem === 'warp-cfa' ? settings.cfaKernel : settings.kernel] },
  }));
}

/** Handles of a cell that all its frames share. */
export interface CellHandles {
  readonly cube: Handle;
  readonly lanczos: Handle;
  readonly slots: number;
}

export interface FrameSlot {
  readonly frame: IntegrationFrame;
  readonly slot: number;
  readonly rect: WindowRect;
  readonly samples: WindowSamples;
  /** Masters under the window, where the frame is calibrated. */
  readonly masters?: CalibrationWindow;
  readonly map: Float32Array;
  /**
   * Takes the samples as the warp had them, `[planes, pixels]` of the window, and frees them later; without it they are freed. Defects are left out
   * of what is kept, not repaired: a median of neighbours is no sample.
   */
  readonly keep?: (image: Handle) => void;
}

/** Number of planes that a frame gives. */
export function planesOf(frame: Pick<IntegrationFrame, 'sensor'>): number {
  return frame.sensor.kind === 'mono' ? 1 : 3;
}

/** Adds the operations from upload to the written slot to `ops`, which it returns; every handle they allocate they free. */
export function frameProgram(
  cell: CellRect,
  handles: CellHandles,
  item: FrameSlot,
  settings: WarpSettings,
  ops: Op[] = [],
): Op[] {
  const { frame, rect } = item;
  const label = `slot ${item.slot}`;
  const size = rect.width * rect.height;
  const make = (name: string, length: number, element: 'f32' | 'u32' = 'f32'): Handle => {
    const handle = { label: `${label} ${name}`, element, length };
    ops.push({ op: 'alloc', handle });
    return handle;
  };
  const free = (handle: Handle) => ops.push({ op: 'free', handle });
  const { width, height, x0: originX, y0: originY } = rect;

  let image = uploadSamples(ops, make, free, item);
  if (item.masters) {
    const step = calibrateOps(image, item.masters, frame.sensor.kind === 'rgb' ? 3 : 1, label);
    ops.push(...step.ops);
    image = step.calibrated;
  }
  if (frame.hotPixelThresholds && frame.sensor.kind !== 'rgb') {
    const fixed = make('fixed', size);
    const [t00, t01, t10, t11] = frame.hotPixelThresholds;
    ops.push({
      op: 'kernel',
      stem: 'fix-hot-pixels',
      params: {
        width,
        height,
        originX,
        originY,
        step: frame.sensor.kind === 'cfa' ? 2 : 1,
        threshold00: t00,
        threshold01: t01,
        threshold10: t10,
        threshold11: t11,
        isolation: ISOLATION,
        blanks: item.keep ? 1 : 0,
      },
      buffers: { image, fixed },
    });
    free(image);
    image = fixed;
  }
  const stems = warpStems(frame.sensor.kind, settings);
  if (frame.sensor.kind === 'cfa' && stems.length > 1) {
    const planes = make('planes', 3 * size);
    ops.push({
      op: 'kernel',
      stem: stems[0],
      params: { width, height, originX, originY, pattern: frame.sensor.pattern },
      buffers: { cfa: image, planes },
    });
    free(image);
    image = planes;
  }
  warpInto(ops, make, free, cell, handles, item, image, settings);
  return ops;
}

type Make = (name: string, length: number, element?: 'f32' | 'u32') => Handle;

function uploadSamples(
  ops: Op[],
  make: Make,
  free: (handle: Handle) => void,
  { rect, samples }: FrameSlot,
): Handle {
  const size = rect.width * rect.height;
  if (samples.form === 'physical') {
    const image = make('image', samples.values.length);
    ops.push({ op: 'upload', handle: image, data: samples.values });
    return image;
  }
  const sampleBytes = samples.sampleType === SAMPLE_F32 ? 4 : samples.sampleType === SAMPLE_I16 ? 2 : 1;
  const words = Math.ceil((size * sampleBytes) / 4);
  const raw = make('raw', words, 'u32');
  ops.push({ op: 'upload', handle: raw, data: wholeWords(samples.bytes, words) });
  const image = make('image', size);
  ops.push({
    op: 'kernel',
    stem: 'decode',
    params: {
      width: rect.width,
      height: rect.height,
      rowSamples: rect.width,
      firstSample: 0,
      sampleType: samples.sampleType,
      hasBlank: samples.blank === undefined ? 0 : 1,
      blank: samples.blank ?? 0,
      scale: samples.scale,
      zero: samples.zero,
    },
    buffers: { raw, image },
  });
  free(raw);
  return image;
}

/** The bytes up to a whole number of 32-bit words, as uploads need them; what stands behind the samples nobody looks at. */
function wholeWords(bytes: Uint8Array, words: number): Uint8Array {
  const length = words * 4;
  if (bytes.byteLength === length) return bytes;
  if (bytes.byteOffset + length <= bytes.buffer.byteLength)
    return new Uint8Array(bytes.buffer, bytes.byteOffset, length);
  const padded = new Uint8Array(words * 4);
  padded.set(bytes);
  return padded;
}

const KERNELS = { bilinear: WARP_BILINEAR, lanczos3: WARP_LANCZOS3, cubic: WARP_CUBIC } as const;

function warpInto(
  ops: Op[],
  make: Make,
  free: (handle: Handle) => void,
  cell: CellRect,
  handles: CellHandles,
  { frame, rect, slot, map: mapData, keep }: FrameSlot,
  image: Handle,
  settings: WarpSettings,
): void {
  const count = planesOf(frame);
  const direct = frame.sensor.kind === 'cfa' && settings.demosaic === 'direct';
  const levelValues = levelData(frame.levels);
  // Edges are left out by counting pixels from the first that stays: the warp gives nothing outside of what it takes for the frame.
  const edges = frame.edges ?? { x: 0, y: 0 };
  const { centreX, centreY, invScale } = levelCoordinates(frame.nx, frame.ny);
  const map = make('map', mapData.length);
  const levels = make('levels', levelValues.length);
  ops.push(
    { op: 'upload', handle: map, data: mapFrom(mapData, edges) },
    { op: 'upload', handle: levels, data: levelValues },
    {
      op: 'kernel',
      stem: direct ? 'warp-cfa' : 'warp',
      params: {
        cellWidth: cell.width,
        cellHeight: cell.height,
        windowWidth: rect.width,
        windowHeight: rect.height,
        windowX: rect.x0 - edges.x,
        windowY: rect.y0 - edges.y,
        frameWidth: frame.nx - 2 * edges.x,
        frameHeight: frame.ny - 2 * edges.y,
        slot,
        slots: handles.slots,
        ...(direct
          ? { pattern: frame.sensor.pattern, kernel: KERNELS[settings.cfaKernel] }
          : { planes: count, kernel: KERNELS[settings.kernel], clampThreshold: CLAMP_THRESHOLD }),
        centreX: centreX - edges.x,
        centreY: centreY - edges.y,
        invScale,
      },
      buffers: {
        [direct ? 'cfa' : 'planes']: image,
        map,
        levels,
        lanczos: handles.lanczos,
        cube: handles.cube,
      },
    },
  );
  if (keep) keep(image);
  else free(image);
  free(map);
  free(levels);
}

/** A pixel map whose integer bases are counted from pixel (x, y) of the frame. */
function mapFrom(map: Float32Array, { x, y }: { x: number; y: number }): Float32Array {
  if (x === 0 && y === 0) return map;
  const moved = map.slice();
  for (let at = 0; at < moved.length; at += MAP_STRIDE) {
    moved[at] -= x;
    moved[at + 1] -= y;
  }
  return moved;
}

/** Length of the shared Lanczos table's handle. */
export const LANCZOS_LENGTH = LANCZOS_TABLE_SIZE * 3 + 2;
