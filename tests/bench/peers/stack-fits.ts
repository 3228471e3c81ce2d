// Registered frames from FITS to one FITS: read by bands, decoded into a cube and stacked with winsorised rejection.
import { wcsCards } from '../../../src/astrometry/wcs/wcs-cards.js';
import type { ComputeBackend, Handle, Op, Program } from '../../../src/compute/backend.js';
import { SAMPLE_F32 } from '../../../src/compute/contracts/decode.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import type { FitsFile } from '../../../src/fits/hdu.js';
import { firstImageHdu, openFits } from '../../../src/fits/open-fits.js';
import { ReadBuffers, type ReadMemory } from '../../../src/fits/read/read-buffers.js';
import { rowsOf } from '../../../src/fits/read/read-window.js';
import { InFlight } from '../../../src/pipeline/integrate/in-flight.js';
import { stackProgram, stackResult } from '../../../src/pipeline/integrate/programs/stack-program.js';
import { HEIGHT, type PeerFrame, WIDTH } from './peer-frames.js';

/** Few, for memory that is used again is cheaper than fresh one. 64 of 1920 pixels would put planes a multiple of 32 KiB apart, where they share the same sets of the caches. */
const BAND_ROWS = 20;
/** Bands under way at once: one that is stacked, and one that the threads find when they are done. */
const IN_FLIGHT = 2;

export async function stackFrames(
  opening: Promise<ComputeBackend>,
  frames: readonly PeerFrame[],
  target: string,
): Promise<void> {
  const files = await Promise.all(frames.map(({ path }) => openFits(path)));
  const writer = await createFitsWriter(target);
  const cards = wcsCards(frames[0].wcs);
  await writer.beginImage({ bitpix: -32, shape: [HEIGHT, WIDTH], cards });
  let memory: ReadMemory = new ReadBuffers();
  const flight = new InFlight(IN_FLIGHT);
  let next = readBand(files, 0, memory);
  const backend = await opening;
  for (let y0 = 0; y0 < HEIGHT; y0 += BAND_ROWS) {
    const bytes = await next;
    const lend: Program['lend'] = (reads) => writer.writeRows(stackResult(reads, SETTINGS).mean);
    await flight.start(() =>
      backend.submit({ label: 'stack', ops: bandProgram(bytes, files.length, rowsFrom(y0)), lend }),
    );
    // the backend has taken them
    memory.give(bytes);
    memory = backend.uploadMemory ?? memory;
    if (y0 + BAND_ROWS < HEIGHT) next = readBand(files, y0 + BAND_ROWS, memory);
  }
  await flight.settle();
  await writer.endImage();
  await writer.commit();
  await Promise.all(files.map((file) => file.close()));
}

const rowsFrom = (y0: number) => Math.min(BAND_ROWS, HEIGHT - y0);

/** Stored bytes of the band of every frame, one behind the other. */
async function readBand(files: readonly FitsFile[], y0: number, memory: ReadMemory): Promise<Uint8Array> {
  const window = { x0: 0, y0, width: WIDTH, height: rowsFrom(y0) };
  const length = 4 * WIDTH * window.height;
  const bytes = memory.take(files.length * length);
  await Promise.all(
    files.map((file, i) => {
      const { start } = rowsOf(firstImageHdu(file).image, window);
      return file.source.getBytes(start, length, bytes.subarray(i * length, (i + 1) * length));
    }),
  );
  return bytes;
}

function bandProgram(bytes: Uint8Array, slots: number, rows: number): Op[] {
  const pixels = rows * WIDTH;
  const raw: Handle = { label: 'raw', element: 'u32', length: slots * pixels };
  const cube: Handle = { label: 'cube', element: 'f32', length: slots * pixels };
  const all = new Float32Array(slots).fill(1);
  const size = { width: WIDTH, height: slots * rows, rowSamples: WIDTH, firstSample: 0 };
  const plain = { sampleType: SAMPLE_F32, hasBlank: 0, blank: 0, scale: 1, zero: 0 };
  return [
    { op: 'alloc', handle: raw },
    { op: 'alloc', handle: cube },
    { op: 'upload', handle: raw, data: bytes },
    { op: 'kernel', stem: 'decode', params: { ...size, ...plain }, buffers: { raw, image: cube } },
    { op: 'free', handle: raw },
    ...stackProgram(
      cube,
      { width: WIDTH, height: rows, planes: 1, slots },
      { weights: all, inverseVariances: all },
      SETTINGS,
    ),
  ];
}

const SETTINGS = {
  rejection: 'winsorized_sigma_clip',
  combine: 'mean',
  guardsFew: false,
  trailReach: 0,
  kappaLow: 3,
  kappaHigh: 3,
  guardSlope: 0,
} as const;
