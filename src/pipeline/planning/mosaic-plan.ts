// The plan of a run: output grid, cells, memory and disk, from where the frames lie. Pure, printable, made before anything is written.
import { BLOCK_SIZE } from '../../compute/constants.js';
import type { BackendLimits } from '../../compute/backend.js';
import type { RunConfig } from '../../config/table.js';
import { imageBytes, storesInt16, type FrameRecord } from '../../frames/frame-record.js';
import { CodedError } from '../../errors.js';
import { calibrates } from '../calibration/calibrates.js';
import { DRIZZLE_ARRAYS } from '../integrate/programs/drizzle-program.js';
import { haloOf, warpsAtOnce, type WarpSettings } from '../integrate/programs/frame-program.js';
import { RADIAL_ARRAYS } from '../integrate/programs/radial-program.js';
import type { Rejection } from '../integrate/programs/rejection.js';
import { guards, isStackedAtOnce, type StackSettings } from '../integrate/programs/stack-program.js';
import { GUARD_SLOPE } from '../../photometry/guard-slope.js';
import { blockSpans, joinedSpans, type BlockSpans } from './grid/block-spans.js';
import {
  CellBudgetError,
  planCells,
  type CellFrame,
  type CellOptions,
  type CellPlan,
} from './cells/cells.js';
import { keepsRadial, keepsSum } from './grid/keeps-sum.js';
import type { PlacedFrame } from './grid/placed-frame.js';
import { radialShape } from './grid/radial-shape.js';
import { extendGrid } from './grid/extend-grid.js';
import { frameExtent } from './grid/frame-extent.js';
import { frameMemoryBytes } from './frames/frame-memory.js';
import { CanvasError } from './grid/grid-projection.js';
import { outlineOnGrid, planOutputGrid, type OutputGrid } from './grid/output-grid.js';

export interface MosaicPlan {
  readonly grid: OutputGrid;
  /** Channels of the mosaic: 1 or 3. */
  readonly planes: number;
  readonly spans: readonly BlockSpans[];
  readonly cells: CellPlan;
  /** Bytes of the result's own arrays while they are made: values and weights per plane, coverage, rejected counts where asked for. */
  readonly canvasBytes: number;
  /** True where memory holds these, and their files are filled only for a run that goes on another time. */
  readonly holdsCanvas: boolean;
  /** Bytes of compressed inputs once expanded and of copies of tiles, an estimate from their headers. */
  readonly expandedInputBytes: number;
  /** Bytes of all final outputs. */
  readonly outputBytes: number;
  /** Peak memory that the run will take. */
  readonly memoryBytes: number;
  /** What of it this process takes: not the cells that lie in a device's memory. */
  readonly processBytes: number;
}

/** Memory of the process beside cells and canvas: runtime, code, headers, read buffers; measured 130 MB, with room for collection. */
export const BASE_MEMORY_BYTES = 256e6;
/** Share of what program and frames leave of the budget up to which a canvas stays in memory, where cells lie in that of a device: what is left takes their results alone, which the device would wait for. */
const HELD_SHARE = 1 / 2;
/** Share of what is left that one cell may plan with; the rest is what buffers that wait for the collector take. */
const CELL_SHARE = 0.8;

/** Raw samples that a device is sent before it has taken the first of them (`SAMPLES_IN_FLIGHT` of `integrate-cell.ts`), floats at most. */
const WINDOWS_UNDER_WAY_BYTES = 4 * 2 ** 24;

/** Windows of bias, dark and flat, and the calibrated samples. */
const CALIBRATION_ARRAYS = 4;

/** The run needs more memory than its budget. */
export class MemoryBudgetError extends CodedError {}

/** Operations before and in the warp, by the configuration. */
export function warpSettings(config: RunConfig): WarpSettings {
  return {
    kernel: config.warp_kernel,
    demosaic: config.demosaic_method,
    cfaKernel: config.cfa_warp_kernel,
    repairsDefects: config.learn_bad_pixels && config.hot_pixel_correction,
  };
}

/**
 * Rejection and combination, by the configuration. `slopes`: for the seeing of the frames, once it is known. Levels that were not matched would let
 * whole frames stand alone: nothing is guarded then. Tiles are judged on the host, which looks for no trails.
 */
export function stackSettings(
  config: RunConfig,
  slopes: Pick<StackSettings, 'guardSlope' | 'pairSlope'> = { guardSlope: GUARD_SLOPE },
): StackSettings {
  const mayGuard = config.stacking_normalize_method !== 'none';
  const mayTrail = mayGuard && !config.use_existing_master_tiles;
  const radial = radialShape(config);
  return {
    ...rejectionOf(config),
    combine: config.stacking_final_combine_method,
    mapsRejected: config.save_rejection_maps,
    kappaLow: config.stacking_kappa_low,
    kappaHigh: config.stacking_kappa_high,
    guardsFew: mayGuard && config.few_frames_guard,
    trailReach: mayTrail && config.large_scale_rejection ? config.large_scale_growth_px : 0,
    guardSlope: slopes.guardSlope,
    ...(slopes.pairSlope !== undefined && { pairSlope: slopes.pairSlope }),
    ...(radial && { radial }),
    ...(config.drizzle && { drizzle: { pixfrac: config.drizzle_pixfrac, scale: config.drizzle_scale } }),
  };
}

function rejectionOf(config: RunConfig): Rejection {
  const rejection = config.stacking_rejection_algorithm;
  switch (rejection) {
    case 'percentile_clip':
      return {
        rejection,
        shareLow: config.stacking_percentile_low,
        shareHigh: config.stacking_percentile_high,
      };
    case 'esd':
      return {
        rejection,
        significance: config.stacking_esd_significance,
        outlierShare: config.stacking_esd_outliers,
      };
    case 'min_max':
      return { rejection, dropLow: config.stacking_min_max_low, dropHigh: config.stacking_min_max_high };
    default:
      return { rejection };
  }
}

export interface MosaicPlanOptions {
  /** A grid that must stay and may only grow: of a mosaic that frames are added to. */
  readonly base?: OutputGrid;
  /** Groups of frames are stacked apart. */
  readonly stacksApart?: boolean;
}

/** Drops are looked for as far around a pixel as frames of its own scale need. */
const COARSEST_DROPS = 1.1;

function refuseCoarseDrops({ pixelArea = 1 }: OutputGrid, config: RunConfig): void {
  const ratio = Math.sqrt(pixelArea);
  if (config.drizzle && ratio > COARSEST_DROPS)
    throw new CanvasError('pipeline_drizzle_coarse', { ratio: Number(ratio.toFixed(2)) });
}

/** `frames` holds at least one, all with the same number of channels. @throws CanvasError, CellBudgetError, MemoryBudgetError. */
export function planMosaic(
  frames: readonly PlacedFrame[],
  config: RunConfig,
  limits: BackendLimits,
  options: MosaicPlanOptions = {},
): MosaicPlan {
  const { base } = options;
  const planes = frames[0].record.sensor.kind === 'mono' ? 1 : 3;
  const gridFrames = frames.map((frame) => frameExtent(frame, config));
  const grid = base
    ? extendGrid(base, gridFrames, config.canvas_max_megapixels)
    : planOutputGrid(gridFrames, {
        scaleMode: config.global_wcs_pixelscale_mode,
        orientation: config.global_wcs_orientation,
        angleDeg: config.global_wcs_angle_deg,
        projection: config.global_wcs_projection,
        scaleArcsec: config.global_wcs_scale_arcsec,
        scaleFactor: config.global_wcs_scale_factor * (config.drizzle ? config.drizzle_scale : 1),
        // drops fall on the grid itself
        mayBin: !config.drizzle,
        paddingPercent: config.global_wcs_padding_percent,
        resolution: config.global_wcs_res_override,
        maxMegapixels: config.canvas_max_megapixels,
      });
  refuseCoarseDrops(grid, config);
  const outlines = gridFrames.map((frame) => outlineOnGrid(frame, grid));
  const spans = joinedSpans(outlines.map((polygon) => blockSpans(polygon, grid.nx, grid.ny)));

  const canvasBytes = productBytes(grid, planes, config) + radialBytes(grid, planes, config);
  const budget = config.memory_budget_mb * 2 ** 20;
  // files that are to stay are filled as they come
  const removesFiles = config.cleanup_temp_artifacts && config.coadd_cleanup_memmap;
  const unheld = frames.reduce(
    (sum, { record }) => sum + frameMemoryBytes(record, frames.length),
    BASE_MEMORY_BYTES,
  );
  const mayHold =
    !limits.onHost &&
    config.coadd_use_memmap &&
    removesFiles &&
    canvasBytes <= (budget - unheld) * HELD_SHARE;
  const cellFrames = gridFrames.map(({ wcs, nx, ny }, i) => ({
    spans: spans[i],
    nx,
    ny,
    scale: wcs.pixelScaleArcsec((nx + 1) / 2, (ny + 1) / 2) / grid.scaleArcsec,
    rotation: rotationOf(outlines[i]),
  }));
  const cellsBeside = (fixed: number): { fixed: number; cells: CellPlan } => {
    const forCells = (budget - fixed) * CELL_SHARE;
    if (forCells <= 0) {
      throw new MemoryBudgetError(
        config.coadd_use_memmap ? 'pipeline_memory_budget' : 'pipeline_memory_budget_without_memmap',
        { needed: Math.ceil(fixed / 2 ** 20), budget: config.memory_budget_mb },
      );
    }
    const cells = planCells(grid, cellFrames, {
      planes,
      halo: haloOf(warpSettings(config)),
      guarded: guards(stackSettings(config)),
      ...stacking(frames, pixelsOfBlock(cellFrames), config, limits, options),
      extraResultArrays: config.drizzle ? DRIZZLE_ARRAYS : radialShape(config) ? RADIAL_ARRAYS : 0,
      keepsWindows: config.drizzle,
      windowPlanes: frames.some(({ record }) => takenAsPlanes(record, config)) ? planes : 1,
      extraWindowArrays: calibrates(config) ? CALIBRATION_ARRAYS : 0,
      hostArrays: hostArrays(planes, config, options),
      memoryBytes: Math.min(forCells, limits.maxResidentBytes),
      maxBufferBytes: limits.maxBufferBytes,
      onHost: limits.onHost,
      cellSizePx: config.cell_size_px,
    });
    return { fixed, cells };
  };
  // a canvas is not held at the price of the run
  const held = mayHold ? ifCellsFit(() => cellsBeside(unheld + canvasBytes)) : undefined;
  const { fixed, cells } = held ?? cellsBeside(config.coadd_use_memmap ? unheld : unheld + canvasBytes);
  return {
    grid,
    planes,
    spans,
    cells,
    canvasBytes,
    holdsCanvas: held !== undefined,
    expandedInputBytes: copiedInputBytes(
      frames.map(({ record }) => record),
      config,
    ),
    outputBytes: outputBytes(grid, planes, config),
    memoryBytes: fixed + cells.cellBytes / CELL_SHARE,
    processBytes:
      fixed + (limits.onHost ? cells.cellBytes / CELL_SHARE : besideDevice(cells, grid, canvasBytes)),
  };
}

/** Windows on their way to a device, and the results of a cell that come back while those of the one before are stored. */
function besideDevice({ cells }: CellPlan, { nx, ny }: OutputGrid, canvasBytes: number): number {
  const most = cells.reduce((pixels, { rect }) => Math.max(pixels, rect.width * rect.height), 0);
  return WINDOWS_UNDER_WAY_BYTES + (2 * canvasBytes * most) / (nx * ny);
}

/** Undefined where not even the smallest cell fits. */
function ifCellsFit<T>(plan: () => T): T | undefined {
  try {
    return plan();
  } catch (error) {
    if (error instanceof CellBudgetError) return undefined;
    throw error;
  }
}

/** What a cell takes beside the device: tiles, stacks and what is added to a mosaic are combined on the host. */
function hostArrays(
  planes: number,
  config: RunConfig,
  { base, stacksApart }: MosaicPlanOptions,
): CellOptions['hostArrays'] {
  // the cube once more and a weight for each of its samples, fade and count; places, the window of the maps, counts of what is taken out and of tiles
  // where they are blended, one of them by itself
  const alone = config.aesthetic_multiband_enabled ? 5 * planes : 0;
  if (config.use_existing_master_tiles) return { perSlot: 2 * planes + 2, perCell: 6 + 3 * planes + alone };
  // the cube once more; the mosaic's mean, weight and coverage; where weights fall, the factor of each pixel and their sums
  if (base && keepsRadial(config)) return { perSlot: planes + 1, perCell: 5 * planes + 2 };
  if (base) return { perSlot: planes, perCell: 3 * planes + 2 };
  // two sums in f64, three counts, and the results of a stack that is being added; where stacks fade, the sum of squares and the factors
  const fading = config.altaz_cleanup_enabled ? 2 * planes + 2 : 0;
  return stacksApart ? { perSlot: 0, perCell: 12 * planes + fading } : undefined;
}

/** What the backend spares where it guards and clips at once, and warps with that: tiles and what is added to a mosaic are combined on the host, with a cube. */
function stacking(
  frames: readonly PlacedFrame[],
  blockPixels: number,
  config: RunConfig,
  { lateCubes }: BackendLimits,
  { base }: MosaicPlanOptions,
): Pick<CellOptions, 'atOnce' | 'late' | 'mapsRejected'> {
  const settings = stackSettings(config);
  const onHost = config.use_existing_master_tiles || base !== undefined;
  if (!lateCubes || onHost || !guards(settings) || !isStackedAtOnce(settings)) return {};
  const late = frames.every(({ record }) => warpsAtOnce(record.sensor.kind, warpSettings(config)));
  const areStored = !calibrates(config) && frames.every(({ record }) => storesInt16(record));
  return {
    atOnce: true,
    mapsRejected: settings.mapsRejected,
    ...(late && { late: { bytes: lateCubes, areStored, blockPixels } }),
  };
}

/** Pixels of a frame under a block of the grid at most. */
const pixelsOfBlock = (frames: readonly CellFrame[]): number =>
  frames.reduce((most, { scale, rotation }) => {
    const turned = Math.abs(Math.cos(rotation)) + Math.abs(Math.sin(rotation));
    return Math.max(most, ((BLOCK_SIZE * turned) / scale) ** 2);
  }, 0);

/** True where the warp takes as many planes as it gives: not where it reads a CFA. */
function takenAsPlanes({ sensor }: FrameRecord, config: RunConfig): boolean {
  return sensor.kind === 'rgb' || (sensor.kind === 'cfa' && config.demosaic_method !== 'direct');
}

/** Rotation of a frame's x axis against the grid's, modulo what a bounding box cares for. */
function rotationOf(outline: Float64Array): number {
  // The outline starts at the frame's first corner and runs along its first edge.
  const last = outline.length / 2 / 4;
  return Math.atan2(outline[2 * last + 1] - outline[1], outline[2 * last] - outline[0]);
}

/** Bytes that the frames which are compressed as a whole take once expanded, by their headers. */
export function expandedInputBytes(records: readonly FrameRecord[]): number {
  return records.reduce((sum, record) => sum + (record.wholeFileCompression ? imageBytes(record) : 0), 0);
}

/** Bytes of the copies that a run makes of its inputs: expanded ones, and tiles with their maps. */
export function copiedInputBytes(records: readonly FrameRecord[], config: RunConfig): number {
  const tiles = config.use_existing_master_tiles ? records : [];
  return tiles.reduce(
    (sum, { width, height, planes }) => sum + 4 * width * height * (planes + 3),
    expandedInputBytes(records),
  );
}

/** Bytes of the mosaic and its maps, and of the canvases that they come from: values, weights (uncertainties), coverage, rejected counts. */
function productBytes({ nx, ny }: OutputGrid, planes: number, config: RunConfig): number {
  return 4 * nx * ny * ((config.save_rejection_maps ? 4 : 2) * planes + 1);
}

const radialBytes = ({ nx, ny }: OutputGrid, planes: number, config: RunConfig): number =>
  keepsRadial(config) ? 4 * nx * ny * planes : 0;

/** What frames can be added to, where it is kept beside the mosaic. */
function sumBytes(grid: OutputGrid, planes: number, config: RunConfig): number {
  if (!keepsSum(config, grid)) return 0;
  return 4 * grid.nx * grid.ny * (2 * planes + 1) + radialBytes(grid, planes, config);
}

function outputBytes(grid: OutputGrid, planes: number, config: RunConfig): number {
  const { binning = 1 } = grid;
  const product = { ...grid, nx: grid.nx / binning, ny: grid.ny / binning };
  const pixels = product.nx * product.ny;
  const science = productBytes(product, planes, config);
  const preview = Math.min(1, config.preview_png_max_dim ** 2 / pixels) * pixels * planes;
  // tiles are up to twice as fine as the mosaic along a side, and all coarser ones are a third of the finest
  const perTilePixel = { none: 0, png: planes + 1, png_fits: planes + 5 }[config.save_hips];
  const sixteen = [config.save_final_as_uint16, config.save_tiff16, config.save_png16].filter(Boolean).length;
  const pictures = [config.export_aesthetic_tiff, config.export_aesthetic_png].filter(Boolean).length;
  const aesthetic = (config.export_aesthetic_fits ? 4 : 0) + 2 * pictures;
  return (
    sumBytes(grid, planes, config) +
    science +
    preview +
    (sixteen * 2 + aesthetic) * planes * pixels +
    4 * (4 / 3) * perTilePixel * pixels
  );
}
