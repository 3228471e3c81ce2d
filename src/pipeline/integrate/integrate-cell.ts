// One cell of the output grid: every frame that touches it is read, warped into the cube, and the cube is combined.
import type { ComputeBackend, Handle, Op, ProgramResult, RowBand } from '../../compute/backend.js';
import { BLOCK_SIZE } from '../../compute/constants.js';
import { lanczosTable } from '../../compute/contracts/warp.js';
import { DeviceCapacityError } from '../../compute/device-error.js';
import { lateBytes } from '../planning/cells/cell-memory.js';
import type { Cell } from '../planning/cells/cells.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import { cellLattice, pixelMapsOn, type CellRect } from '../planning/grid/pixel-map.js';
import type { StageLedger } from '../stage-ledger.js';
import { keptBytes, withDebugReads, type StageProduct } from './programs/debug-reads.js';
import {
  frameProgram,
  haloOf,
  LANCZOS_LENGTH,
  planesOf,
  type WarpSettings,
  warpsAtOnce,
} from './programs/frame-program.js';
import type { FrameFiles } from './windows/frame-files.js';
import { windowRect, type WindowRect } from './windows/frame-window.js';
import { InFlight } from './in-flight.js';
import type { IntegrationFrame } from './windows/integration-frame.js';
import { GUARD_SLOTS } from './programs/guard-program.js';
import { addToBase } from '../incremental/add-to-base.js';
import type { ReadBase } from '../incremental/cell-increment.js';
import { coaddCube, type WhenWarped } from '../tiles/coadd-cube.js';
import { leftOutSamples, withLeftOut } from './left-out-samples.js';
import type { PreparedFrame } from './windows/prepared-frame.js';
import { radialFactors } from './radial-factors.js';
import {
  guards,
  isStackedAtOnce,
  stackProgram,
  stackResult,
  type StackResult,
  type StackSettings,
} from './programs/stack-program.js';
import { type FrameReads, readAhead, type WindowReads } from './windows/window-reads.js';

/** Programs of frames under way at once: the one that runs, and what the backend finds when it is done. */
const IN_FLIGHT = 3;
/** A device that is far away is given more, of so many samples in all: its answers take longer than its kernels. */
const MOST_IN_FLIGHT = 16;
const SAMPLES_IN_FLIGHT = 2 ** 24;
/**
 * Small windows go to the backend together, up to so many samples: a program costs the host and the threads as much as a window of some thousand. On a device they are a few
 * MiB; in the memory of this process, where they lie as they are read, four times as many.
 */
const BATCH_SAMPLES = 2 ** 19;
const HOST_BATCH_SAMPLES = 2 ** 21;

export type IntegrationSettings = WarpSettings & StackSettings;

export interface CellContext {
  readonly grid: OutputGrid;
  readonly frames: readonly IntegrationFrame[];
  readonly files: FrameFiles;
  readonly backend: ComputeBackend;
  readonly settings: IntegrationSettings;
  readonly ledger: StageLedger;
  readonly signal: AbortSignal;
  /** What a cell may take. A plan may count on a backend that needs no cube, or on nothing being kept of it, where the cell turns out to have one. */
  readonly mostBytes: number;
  /**
   * Takes the stack of a cell, or bands of its rows one after the other, where it lies, and may alter it, before `integrateCell` resolves without it. Stacks that are made on the host, or kept for
   * debugging, are returned all the same.
   */
  readonly takeStack?: (rect: CellRect, stack: StackResult) => Promise<void>;
  /** What the samples are added to, where that stands already. */
  readonly addsTo?: ReadBase;
  /** Takes each finished tile over a cell before they are put together. */
  readonly whenWarped?: WhenWarped;
  /** Receives every stage's product of the cell when it is to be kept for debugging. */
  readonly keepProduct?: (slot: number | 'stack', product: StageProduct, rect: WindowRect) => Promise<void>;
}

/** A cell with the windows that its frames need, the first of which are being read. */
export interface PreparedCell {
  readonly rect: CellRect;
  readonly frames: readonly PreparedFrame[];
  readonly reads: WindowReads;
}

export interface CellHooks {
  /** Called when the stack has been handed to the backend behind the last window: the disk, and whoever asks, are free for the next cell. */
  readonly whenRead?: () => void;
  /**
   * Called when `takeStack` is all that is left to wait for: programs that are submitted from then on find the cell's memory free on the device. Not called where the stack
   * is made or returned on the host, nor by the processor's own backends: their threads have no gap to fill, and what waits in their memory makes it grow.
   */
  readonly whenStacking?: () => void;
}

/** Plans the windows of a cell and starts reading, into the memory of the backend that is likely to have it, where that has some. A prepared cell can be integrated once. */
export function prepareCell(
  { rect: cellRect, frames: indices }: Cell,
  context: Pick<CellContext, 'grid' | 'frames' | 'files' | 'settings' | 'ledger'>,
  { uploadMemory }: Pick<ComputeBackend, 'uploadMemory'>,
): PreparedCell {
  const halo = haloOf(context.settings);
  const lattice = cellLattice(context.grid, cellRect);
  const over = Array.from(indices, (index) => context.frames[index]);
  const maps = pixelMapsOn(
    lattice,
    over.map(({ wcs }) => wcs),
  );
  const frames: PreparedFrame[] = [];
  for (let f = 0; f < over.length; f++) {
    const frame = over[f];
    const { blocks, bounds } = maps[f];
    const rect = windowRect(bounds, frame.nx, frame.ny, halo);
    if (rect) frames.push({ frame, map: blocks, rect });
  }
  return { rect: cellRect, frames, reads: readAhead(frames, context, uploadMemory) };
}

/**
 * Combined planes of the cell, `[planes, height, width]`, or undefined when no frame reaches it after all or `takeStack` has had them. Frames are combined in the order of
 * `cell.frames`, so the result does not depend on the order in which reads complete. Reading, uploads and kernels overlap.
 */
export async function integrateCell(
  { rect, frames, reads }: PreparedCell,
  context: CellContext,
  { whenRead, whenStacking }: CellHooks = {},
): Promise<StackResult | undefined> {
  const { backend, settings, signal, keepProduct, takeStack } = context;
  if (frames.length === 0) {
    whenRead?.();
    return undefined;
  }
  const planes = planesOf(frames[0].frame);
  const shape = { width: rect.width, height: rect.height, planes, slots: frames.length };
  const areTiles = frames[0].frame.isTile === true;
  const onHost = areTiles || context.addsTo !== undefined;
  const spare = guards(settings) && !onHost ? GUARD_SLOTS : 0;
  const slots = shape.slots + spare;
  const cube: Handle = { label: 'cube', element: 'f32', length: slots * planes * rect.width * rect.height };
  const lanczos: Handle = { label: 'lanczos', element: 'f32', length: LANCZOS_LENGTH };
  const handles = { cube, lanczos, slots };

  const late =
    spare > 0 &&
    !keepProduct &&
    isStackedAtOnce(settings) &&
    frames.every(({ frame }) => warpsAtOnce(frame.sensor.kind, settings)) &&
    waitsForLess(frames, cube, backend);
  const beside = keepProduct ? keptBytes(shape) : 0;
  if (!late && Math.max(rect.width, rect.height) > BLOCK_SIZE) refuseBeyond(context, cube, beside);
  let pending: Op[] = [
    { op: 'alloc', handle: cube, late },
    { op: 'alloc', handle: lanczos },
    { op: 'upload', handle: lanczos, data: lanczosTable() },
  ];
  const kept: Handle[] = [];
  const keep = settings.drizzle && !onHost ? (image: Handle) => void kept.push(image) : undefined;
  const flight = new InFlight(keepProduct ? 1 : inFlight(frames, backend));
  try {
    for (let slot = 0; slot < frames.length;) {
      const first = slot;
      const end = keepProduct ? first + 1 : batchEnd(frames, first, backend);
      const ops = pending;
      const taken: FrameReads[] = [];
      for (; slot < end; slot++) {
        signal.throwIfAborted();
        const asked = reads.next(slot);
        const read = asked instanceof Promise ? await asked : asked;
        taken.push(read);
        const { samples, masters } = read;
        const { frame, map, rect: window } = frames[slot];
        const item = { frame, map, rect: window, slot: slot + spare, samples, masters, keep };
        frameProgram(rect, handles, item, settings, ops);
      }
      pending = [];
      await flight.start(() => submit(context, ops, first, frames[first].rect));
      // the backend has taken them
      for (const { done } of taken) done();
    }
    const weights = {
      weights: Float32Array.from(frames.flatMap(({ frame }) => frame.weights)),
      inverseVariances: Float32Array.from(frames.flatMap(({ frame }) => frame.inverseVariances)),
      ...(keep && { drops: frames.map((frame, slot) => ({ ...frame, image: kept[slot] })) }),
      places: frames.map(({ frame: { nx, ny }, map }) => ({ map, nx, ny })),
    };
    const combine: Op[] = onHost
      ? [
          { op: 'read', handle: cube },
          { op: 'free', handle: cube },
        ]
      : stackProgram(cube, shape, weights, settings);
    const ops: Op[] = [...combine, { op: 'free', handle: lanczos }];
    let combined: ProgramResult['reads'] = [];
    // not before the device has the stack to work on
    const leftOut = once(() => leftOutSamples(frames, rect, onHost || settings.mapsRejected === true));
    const lends = takeStack && !onHost && !keepProduct;
    await flight.start(async () => {
      if (lends) {
        const lend = (reads: ProgramResult['reads'], rows?: RowBand) => {
          const stack = stackResult(reads, settings);
          // what is left out of the frames is counted once, for all of the cell
          if (rows && rows.first > 0) return takeStack(bandOf(rect, rows), stack);
          return takeStack(rows ? bandOf(rect, rows) : rect, withLeftOut(stack, planes, leftOut()));
        };
        const lendsRows =
          isStackedAtOnce(settings) && !settings.mapsRejected ? { planes, height: rect.height } : undefined;
        const taken = backend.submit({ label: 'stack', ops, lend, lendsRows });
        if (backend.info.name === 'webgpu') whenStacking?.();
        await taken;
      } else combined = await submit(context, ops, 'stack', rect);
    });
    whenRead?.();
    leftOut();
    await flight.settle();
    if (lends) return undefined;
    if (!onHost) return withLeftOut(stackResult(combined, settings), planes, leftOut());
    const samples = combined[0] as Float32Array;
    if (context.addsTo) {
      const base = await context.addsTo(rect);
      const { radial: shape } = settings;
      const radial = shape && weights.places.map((place) => radialFactors(place, rect, shape));
      const added = { cube: samples, rect, planes, slots, ...weights, ...(radial && { radial }) };
      return withLeftOut(addToBase(added, base, settings), planes, leftOut());
    }
    return await coaddCube(samples, planes, rect, frames, context.files, settings, context.whenWarped);
  } catch (error) {
    // What is still under way uses the handles, and may be what failed first.
    const cause = await flight.settle().then(
      () => error,
      (earliest: unknown) => earliest,
    );
    if (pending.length === 0) await releaseQuietly(backend, [cube, lanczos, ...kept]);
    throw cause;
  }
}

const bandOf = (rect: CellRect, { first, count }: RowBand): CellRect => ({
  ...rect,
  y0: rect.y0 + first,
  height: count,
});

/** How many programs of these frames `backend` is given before the first is done. */
function inFlight(frames: readonly PreparedFrame[], { info }: ComputeBackend): number {
  if (info.limits.onHost) return IN_FLIGHT;
  const largest = frames.reduce((most, frame) => Math.max(most, windowSamples(frame)), BATCH_SAMPLES);
  return Math.max(IN_FLIGHT, Math.min(MOST_IN_FLIGHT, Math.floor(SAMPLES_IN_FLIGHT / largest)));
}

/** @throws DeviceCapacityError for a cube that is larger, with what a cell has `beside` it, than all that a cell may take. */
function refuseBeyond({ mostBytes: maxBytes }: CellContext, { label, length }: Handle, beside: number): void {
  const bytes = 4 * length + beside;
  if (bytes > maxBytes)
    throw new DeviceCapacityError('compute_buffer_over_limit', { label, bytes, maxBytes });
}

/** True where what warps take until the stack does them is less than their cube. */
function waitsForLess(
  frames: readonly PreparedFrame[],
  cube: Handle,
  { info }: Pick<ComputeBackend, 'info'>,
): boolean {
  const { lateCubes } = info.limits;
  if (!lateCubes) return false;
  const windows = frames.reduce((sum, { rect }) => sum + rect.width * rect.height, 0);
  const areStored = frames.every(({ frame }) => frame.isInt16 && !frame.calibration);
  const late = { bytes: lateCubes, areStored, blockPixels: BLOCK_SIZE ** 2 };
  return lateBytes(late, { windows, frames: frames.length }) < 4 * cube.length;
}

/** What `make` gives, made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** One behind the last of the frames from `first` on whose windows go to the device together: one, or as many as are small. */
function batchEnd(frames: readonly PreparedFrame[], first: number, { info }: ComputeBackend): number {
  const most = info.limits.onHost ? HOST_BATCH_SAMPLES : BATCH_SAMPLES;
  let [end, samples] = [first, 0];
  while (end < frames.length && (samples += windowSamples(frames[end])) <= most) end++;
  return Math.max(end, first + 1);
}

const windowSamples = ({ frame, rect }: PreparedFrame) => planesOf(frame) * rect.width * rect.height;

/** Submits the operations of the slots from `slot` on, or of the stack, and returns their reads; with debugging on, every product goes to its keeper. */
async function submit(
  { backend, keepProduct }: CellContext,
  ops: readonly Op[],
  slot: number | 'stack',
  rect: WindowRect,
): Promise<ProgramResult['reads']> {
  const label = slot === 'stack' ? slot : `slot ${slot}`;
  if (!keepProduct) return (await backend.submit({ label, ops })).reads;
  const debug = withDebugReads(ops);
  const { products, reads } = debug.split(await backend.submit({ label, ops: debug.ops }));
  for (const product of products) await keepProduct(slot, product, rect);
  return reads;
}

/** Frees handles after a failure; a device that is gone has nothing left to free. */
async function releaseQuietly(backend: ComputeBackend, handles: readonly Handle[]): Promise<void> {
  for (const handle of handles) {
    await backend.submit({ label: 'release', ops: [{ op: 'free', handle }] }).catch(() => undefined);
  }
}
