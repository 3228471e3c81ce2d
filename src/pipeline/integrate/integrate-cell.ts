// One cell of the output grid: every frame that touches it is read, warped into the cube, and the cube is combined.
import type { ComputeBackend, Handle, Op, ProgramResult } from '../../compute/backend.js';
import { lanczosTable } from '../../compute/contracts/warp.js';
import type { Cell } from '../planning/cells.js';
import type { OutputGrid } from '../planning/output-grid.js';
import { pixelMap } from '../planning/pixel-map.js';
import type { StageLedger } from '../stage-ledger.js';
import { withDebugReads, type StageProduct } from './debug-reads.js';
import { frameProgram, haloOf, LANCZOS_LENGTH, planesOf, type WarpSettings } from './frame-program.js';
import type { FrameFiles } from './frame-files.js';
import { readSamples, windowRect, type WindowRect, type WindowSamples } from './frame-window.js';
import type { IntegrationFrame } from './integration-frame.js';
import { stackProgram, stackResult, type StackResult, type StackSettings } from './stack-program.js';

/** Windows read ahead of the device. */
const READ_AHEAD = 3;

export interface IntegrationSettings extends WarpSettings, StackSettings {}

export interface CellContext {
  readonly grid: OutputGrid;
  readonly frames: readonly IntegrationFrame[];
  readonly files: FrameFiles;
  readonly backend: ComputeBackend;
  readonly settings: IntegrationSettings;
  readonly ledger: StageLedger;
  readonly signal: AbortSignal;
  /** Receives every stage's product of the cell when it is to be kept for debugging. */
  readonly keepProduct?: (slot: number | 'stack', product: StageProduct, rect: WindowRect) => Promise<void>;
}

interface PreparedFrame {
  readonly frame: IntegrationFrame;
  readonly map: Float32Array;
  readonly rect: WindowRect;
}

/**
 * Combined planes of the cell, `[planes, height, width]`, or undefined when no frame reaches it after all. Frames are combined in the order of
 * `cell.frames`, so the result does not depend on the order in which reads complete.
 */
export async function integrateCell(cell: Cell, context: CellContext): Promise<StackResult | undefined> {
  const { grid, backend, settings, signal } = context;
  const halo = haloOf(settings);
  const prepared: PreparedFrame[] = [];
  for (const index of cell.frames) {
    const frame = context.frames[index];
    const map = pixelMap(grid, frame.wcs, cell.rect);
    const rect = windowRect(map.bounds, frame.nx, frame.ny, halo);
    if (rect) prepared.push({ frame, map: map.blocks, rect });
  }
  if (prepared.length === 0) return undefined;

  const planes = planesOf(prepared[0].frame);
  const pixels = cell.rect.width * cell.rect.height;
  const shape = { pixels, planes, slots: prepared.length };
  const cube: Handle = { label: 'cube', element: 'f32', length: shape.slots * planes * pixels };
  const lanczos: Handle = { label: 'lanczos', element: 'f32', length: LANCZOS_LENGTH };
  const handles = { cube, lanczos, slots: shape.slots };

  let pending: Op[] = [
    { op: 'alloc', handle: cube },
    { op: 'alloc', handle: lanczos },
    { op: 'upload', handle: lanczos, data: lanczosTable() },
  ];
  let submitted = false;
  try {
    const reads = readAhead(prepared, context);
    for (let slot = 0; slot < prepared.length; slot++) {
      signal.throwIfAborted();
      const samples = await reads.next(slot);
      const ops = frameProgram(cell.rect, handles, { ...prepared[slot], slot, samples }, settings);
      submitted = true;
      await submit(context, [...pending, ...ops], slot, prepared[slot].rect);
      pending = [];
    }
    const frameWeights = Float32Array.from(prepared.flatMap(({ frame }) => frame.weights));
    const ops = stackProgram(cube, shape, frameWeights, settings);
    return stackResult(await submit(context, [...ops, { op: 'free', handle: lanczos }], 'stack', cell.rect));
  } catch (error) {
    if (submitted) await releaseQuietly(backend, [cube, lanczos]);
    throw error;
  }
}

/** Submits the operations of one slot, or of the stack, and returns their reads; with debugging on, every product goes to its keeper. */
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

/** Reads windows a few ahead of the one that is asked for. */
function readAhead(prepared: readonly PreparedFrame[], { files, ledger }: CellContext) {
  const started = new Map<number, Promise<WindowSamples>>();
  const start = (slot: number) => {
    if (slot >= prepared.length || started.has(slot)) return;
    const { frame, rect } = prepared[slot];
    const planes = frame.sensor.kind === 'rgb' ? 3 : 1;
    const promise = ledger.time('read', 'host', async () => {
      const samples = await files.use(frame.path, (file) =>
        readSamples(file, file.hdus[frame.hdu], rect, planes),
      );
      const bytes = samples.form === 'stored' ? samples.bytes.byteLength : samples.values.byteLength;
      return { result: samples, bytes };
    });
    // The failure of a read ahead is reported when its slot is asked for; until then it must not count as unhandled.
    promise.catch(() => undefined);
    started.set(slot, promise);
  };
  return {
    next: (slot: number): Promise<WindowSamples> => {
      for (let s = slot; s <= slot + READ_AHEAD; s++) start(s);
      const promise = started.get(slot)!;
      started.delete(slot);
      return promise;
    },
  };
}

/** Frees handles after a failure; a device that is gone has nothing left to free. */
async function releaseQuietly(backend: ComputeBackend, handles: readonly Handle[]): Promise<void> {
  for (const handle of handles) {
    await backend.submit({ label: 'release', ops: [{ op: 'free', handle }] }).catch(() => undefined);
  }
}
