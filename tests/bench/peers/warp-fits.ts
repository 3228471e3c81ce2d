// Frames from FITS to FITS onto one grid: read, decoded, warped with Lanczos-3 and written by bands. One is read and one is written while another is warped.
import path from 'node:path';
import type { ComputeBackend, Handle, Op, Program } from '../../../src/compute/backend.js';
import { BLANK_LIMIT, LEVEL_TERMS } from '../../../src/compute/constants.js';
import { lanczosTable } from '../../../src/compute/contracts/warp.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import { firstImageHdu, openFits } from '../../../src/fits/open-fits.js';
import { ReadBuffers, type ReadMemory } from '../../../src/fits/read/read-buffers.js';
import {
  frameProgram,
  haloOf,
  LANCZOS_LENGTH,
} from '../../../src/pipeline/integrate/programs/frame-program.js';
import { readSamples, windowRect } from '../../../src/pipeline/integrate/windows/frame-window.js';
import { InFlight } from '../../../src/pipeline/integrate/in-flight.js';
import { outlineOnGrid, type OutputGrid } from '../../../src/pipeline/planning/grid/output-grid.js';
import { type CellRect, pixelMap } from '../../../src/pipeline/planning/grid/pixel-map.js';
import { HEIGHT, type PeerFrame, WIDTH } from './peer-frames.js';

/** Rows of a file that are warped at a time: memory that is used again is cheaper than fresh one. */
const BAND_ROWS = 128;
/** Bands under way at once: one that is warped, one that the threads find when they are done, and one that is written. */
const IN_FLIGHT = 3;

const SETTINGS = { kernel: 'lanczos3', demosaic: 'direct', cfaKernel: 'lanczos3' } as const;

/** Each frame goes to a file of its own that holds its part of the grid. */
export async function warpFrames(
  opening: Promise<ComputeBackend>,
  frames: readonly PeerFrame[],
  grid: OutputGrid,
  folder: string,
): Promise<void> {
  const lanczos: Handle = { label: 'lanczos', element: 'f32', length: LANCZOS_LENGTH };
  let table: Op[] = [
    { op: 'alloc', handle: lanczos },
    { op: 'upload', handle: lanczos, data: lanczosTable() },
  ];
  const buffers = new ReadBuffers();
  let memory: ReadMemory = buffers;
  const flight = new InFlight(IN_FLIGHT);
  for (const frame of frames) {
    const whole = boundsOf(frame, grid);
    const file = await openFits(frame.path);
    const image = await imageOf(path.join(folder, path.basename(frame.path)), grid, whole);
    for (let y = 0; y < whole.height; y += BAND_ROWS) {
      const rect = { ...whole, y0: whole.y0 + y, height: Math.min(BAND_ROWS, whole.height - y) };
      const map = pixelMap(grid, frame.wcs, rect);
      const window = windowRect(map.bounds, WIDTH, HEIGHT, haloOf(SETTINGS))!;
      const samples = await readSamples(file, firstImageHdu(file), window, 1, memory);
      const cube: Handle = { label: 'cube', element: 'f32', length: rect.width * rect.height };
      const item = {
        frame: {
          path: frame.path,
          hdu: 0,
          nx: WIDTH,
          ny: HEIGHT,
          wcs: frame.wcs,
          sensor: { kind: 'mono' },
          hotPixelThresholds: undefined,
          levels: [{ gain: 1, terms: new Float64Array(LEVEL_TERMS) }],
          weights: [1],
          inverseVariances: [1],
          varianceFactors: [1],
        },
        slot: 0,
        rect: window,
        samples,
        map: map.blocks,
      } as const;
      const ops: Op[] = [
        ...table,
        { op: 'alloc', handle: cube },
        ...frameProgram(rect, { cube, lanczos, slots: 1 }, item, SETTINGS),
        { op: 'read', handle: cube },
        { op: 'free', handle: cube },
      ];
      // As the pipeline takes its cells: from where they lie.
      const lend: Program['lend'] = async ([data]) => {
        await image.writeRows(data as Float32Array);
        if (y + BAND_ROWS < whole.height) return;
        await image.endImage();
        await image.commit();
      };
      table = [];
      const backend = await opening;
      await flight.start(() => backend.submit({ label: 'warp', ops, lend }));
      if (samples.form === 'stored') memory.give(samples.bytes);
      memory = backend.uploadMemory ?? buffers;
    }
    await file.close();
  }
  await flight.settle();
  await (await opening).submit({ label: 'table', ops: [{ op: 'free', handle: lanczos }] });
}

/** The file of a frame; what is blank becomes NaN. */
async function imageOf(target: string, grid: OutputGrid, { x0, y0, width, height }: CellRect) {
  const writer = await createFitsWriter(target);
  const [x, y] = grid.wcs.describe().crpix;
  const cards = [
    { key: 'CRPIX1', value: x - x0 },
    { key: 'CRPIX2', value: y - y0 },
  ];
  await writer.beginImage({ bitpix: -32, shape: [height, width], cards, blankLimit: BLANK_LIMIT });
  return writer;
}

/** The part of the grid that a frame covers. */
function boundsOf({ wcs }: PeerFrame, grid: OutputGrid): CellRect {
  const outline = outlineOnGrid({ wcs, nx: WIDTH, ny: HEIGHT }, grid);
  const xs = outline.filter((_, i) => i % 2 === 0);
  const ys = outline.filter((_, i) => i % 2 === 1);
  const x0 = Math.max(0, Math.floor(Math.min(...xs)));
  const y0 = Math.max(0, Math.floor(Math.min(...ys)));
  const x1 = Math.min(grid.nx, Math.ceil(Math.max(...xs)) + 1);
  const y1 = Math.min(grid.ny, Math.ceil(Math.max(...ys)) + 1);
  return { x0, y0, width: x1 - x0, height: y1 - y0 };
}
